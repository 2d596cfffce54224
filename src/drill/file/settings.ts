// What is asked of a run besides the drill: seed, place, what is kept. Flags, DRILL_*, config file.
import { guessHint } from '../../base/closest.ts';
import type { ConfigReading, DrillLayers } from './config.ts';
import { sourceProblem, type Diagnostic } from './diagnostic.ts';
import { describeInput } from '../fields.ts';
import {
  databaseAddress,
  HISTORY_FORM,
  isHistoryForm,
  NO_HISTORY,
  type DatabaseAddress,
} from '../database-address.ts';
import { runtimeSettings, type RuntimeSettings } from './runtimes.ts';
import { TRIALS_MAX } from './schema-repeat.ts';

const KEEPS = ['never', 'on-failure', 'always'] as const;
export type Keep = (typeof KEEPS)[number];

export interface RunSettings {
  readonly seed: number;
  /** Where runs are kept; null: the usual place. */
  readonly out: string | null;
  readonly keep: Keep;
  /** Trials of each drill; null: as many as its file says. */
  readonly repeat: number | null;
  /** What the configuration file says to the runtimes. */
  readonly runtimes: RuntimeSettings;
  readonly retention: Retention;
  /** Where results go too; null: files alone. */
  readonly history: DatabaseAddress | null;
}

/** Which finished runs stay on the disk: the newest, and others while they are young and small. */
export interface Retention {
  /** So many of the newest stay, however old and large they are. */
  readonly keep_at_least: number;
  /** Of the others those stay that are younger, */
  readonly keep_for_ms: number;
  /** as long as all runs together take no more than this. */
  readonly keep_bytes: number;
}

/** A value and the source that gave it. */
interface Stated {
  readonly name: string;
  readonly value: string;
}

const DEFAULT_SEED = 1;
const SEED_MAX = 0xffff_ffff;

/** What each source says of the settings, highest first. */
export function statedSettings(
  { environment = {}, flags = {} }: DrillLayers,
  config: ConfigReading | null,
) {
  const stated = (
    key: 'seed' | 'out' | 'keep' | 'repeat' | 'history',
    configured?: string,
  ): Stated[] => {
    const variable = `DRILL_${key.toUpperCase()}`;
    const sources: [string, string | undefined][] = [
      [`--${key}`, key === 'history' ? undefined : flags[key]], // others could see a password
      [variable, environment[variable]],
      [`${config?.name}: ${key}`, configured],
    ];
    return sources.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  };
  const { out, keep, runtimes, runs, history } = config?.settings ?? {};
  return {
    seed: stated('seed'),
    out: stated('out', out),
    keep: stated('keep', keep),
    repeat: stated('repeat'),
    history: stated('history', history),
    runtimes: runtimes ?? runtimeSettings.parse({}),
    runs,
  };
}

/** Every stated value is checked, the highest one is used. */
export function resolveSettings(stated: ReturnType<typeof statedSettings>): {
  readonly settings: RunSettings;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const bad = ({ name }: Stated, message: string) => diagnostics.push(sourceProblem(name, message));
  for (const seed of stated.seed) {
    if (!/^[0-9]{1,10}$/.test(seed.value) || Number(seed.value) > SEED_MAX) {
      bad(seed, `expected a whole number from 0 to ${SEED_MAX}, got ${describeInput(seed.value)}`);
    }
  }
  for (const keep of stated.keep) {
    if (KEEPS.some((known) => known === keep.value)) continue;
    const got = `got ${describeInput(keep.value)}${guessHint(keep.value, KEEPS)}`;
    bad(keep, `expected ${KEEPS.join(' or ')}, ${got}`);
  }
  for (const repeat of stated.repeat) {
    const trials = Number(repeat.value);
    if (/^[0-9]{1,5}$/.test(repeat.value) && trials >= 1 && trials <= TRIALS_MAX) continue;
    const got = describeInput(repeat.value);
    bad(repeat, `expected a whole number of trials from 1 to ${TRIALS_MAX}, got ${got}`);
  }
  for (const out of stated.out) {
    if (out.value.trim() === '') bad(out, 'expected a directory, got an empty text');
  }
  for (const history of stated.history) {
    if (!isHistoryForm(history.value)) bad(history, HISTORY_FORM);
  }
  const seed = Number(stated.seed[0]?.value ?? DEFAULT_SEED);
  const keep = (stated.keep[0]?.value ?? 'never') as Keep;
  const out = stated.out[0]?.value ?? null;
  const [times] = stated.repeat;
  const repeat = times === undefined ? null : Number(times.value);
  const { runtimes, runs = {} } = stated;
  const retention = {
    keep_at_least: runs.keep_at_least ?? 50,
    keep_for_ms: runs.keep_for ?? 30 * 24 * 3_600_000,
    keep_bytes: runs.keep_size ?? 2e9,
  };
  const history = databaseAddress(stated.history[0]?.value ?? NO_HISTORY);
  return { settings: { seed, out, keep, repeat, runtimes, retention, history }, diagnostics };
}
