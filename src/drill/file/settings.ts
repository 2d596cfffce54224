// What is asked of a run besides the drill itself: seed, place, what is kept. From flags, DRILL_*
// and the config file.
import { guessHint } from '../../base/closest.ts';
import type { Diagnostic } from './diagnostic.ts';
import { describeInput } from '../fields.ts';
import { runtimeSettings, type RuntimeSettings } from './runtimes.ts';

const KEEPS = ['never', 'on-failure', 'always'] as const;
export type Keep = (typeof KEEPS)[number];

export interface RunSettings {
  readonly seed: number;
  /** Where runs are kept; null: the usual place. */
  readonly out: string | null;
  readonly keep: Keep;
  /** What the configuration file says to the runtimes. */
  readonly runtimes: RuntimeSettings;
  readonly retention: Retention;
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

const RETENTION: Retention = {
  keep_at_least: 50,
  keep_for_ms: 30 * 24 * 3_600_000,
  keep_bytes: 2e9,
};

/** A value and the source that gave it. */
export interface Stated {
  readonly name: string;
  readonly value: string;
}

const DEFAULT_SEED = 1;
const SEED_MAX = 0xffff_ffff;

export interface StatedSettings {
  /** Highest first. */
  readonly seed: readonly Stated[];
  readonly out: readonly Stated[];
  readonly keep: readonly Stated[];
  /** Null where there is no configuration file. */
  readonly runtimes: RuntimeSettings | null;
  readonly runs?:
    | {
        readonly keep_for?: number | undefined;
        readonly keep_size?: number | undefined;
        readonly keep_at_least?: number | undefined;
      }
    | undefined;
}

/** Every stated value is checked, the highest one is used. */
export function resolveSettings(stated: StatedSettings): {
  readonly settings: RunSettings;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const bad = ({ name }: Stated, message: string) =>
    diagnostics.push({ severity: 'error', path: '', message, source: name, place: null });
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
  for (const out of stated.out) {
    if (out.value.trim() === '') bad(out, 'expected a directory, got an empty text');
  }
  const seed = Number(stated.seed[0]?.value ?? DEFAULT_SEED);
  const keep = (stated.keep[0]?.value ?? 'never') as Keep;
  const out = stated.out[0]?.value ?? null;
  const runtimes = stated.runtimes ?? runtimeSettings.parse({});
  const retention = {
    keep_at_least: stated.runs?.keep_at_least ?? RETENTION.keep_at_least,
    keep_for_ms: stated.runs?.keep_for ?? RETENTION.keep_for_ms,
    keep_bytes: stated.runs?.keep_size ?? RETENTION.keep_bytes,
  };
  return { settings: { seed, out, keep, runtimes, retention }, diagnostics };
}
