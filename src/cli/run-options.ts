// The flags of the verbs that run drills and of those that look at runs, and which run is meant.
import { findRestore } from '../archive/restores.ts';
import { LATEST } from '../archive/run-directory.ts';
import { findFinishedRun, nameOf, runIds } from '../archive/run-list.ts';
import { parseDuration } from '../base/units.ts';
import { UserError } from '../screen/user-error.ts';
import { runsIn } from '../session/place.ts';
import { seriesNamed, type SeriesFile } from '../session/series-files.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

const TIMEOUT_MAX_MS = 24 * 3_600_000;
const REPEAT_MAX = 100;

export const outOption = {
  describe: 'Where runs are kept (default .drill/runs)',
} as const satisfies Argument;

/** The positional of the verbs that look at one run. */
export const runPositional = {
  default: 'latest',
  describe:
    'An id or its beginning, the name of a drill (its newest run with numbers), a path, or latest',
} as const satisfies Argument;

/** The same where a restore drill can be meant too. */
export const runOrRestorePositional = {
  ...runPositional,
  describe: `${runPositional.describe}; or a restore: an id or its beginning, its name, a path`,
} as const satisfies Argument;

/** The directory of the run that `runPositional` names. */
export async function askedRun(args: VerbArguments, context: CliContext): Promise<string> {
  return placeOf(await runsOf(args, context), args, context);
}

/**
 * What `runPositional` names, where a series can be meant too: one whose id no run begins with.
 * `stated`: where runs are, for whoever has asked for that.
 */
export async function askedRunOrSeries(
  args: VerbArguments,
  context: CliContext,
  stated?: string,
): Promise<{ readonly series: SeriesFile } | { readonly place: string }> {
  const runs = stated ?? (await runsOf(args, context));
  const word = String(args['run']);
  const isRun = word === '' || runIds(runs).some((id) => id.startsWith(word));
  const [series, ...others] = isRun ? [] : seriesNamed(runs, word);
  if (series !== undefined && others.length === 0) return { series };
  return { place: placeOf(runs, args, context) };
}

/** The directory of the restore drill that is named, where no run is; null: none. */
export function restoreNamed(runs: string, word: string, directory: string): string | null {
  const isRun = runIds(runs).some((id) => id.startsWith(word) || nameOf(id) === word);
  return isRun || word === LATEST ? null : findRestore(runs, word, directory);
}

function placeOf(runs: string, args: VerbArguments, { directory, screen }: CliContext): string {
  const word = String(args['run']);
  if (restoreNamed(runs, word, directory) !== null) {
    throw new UserError(`"${word}" is a restore drill, which has no journal, ledger or page`, {
      hint: `drill show ${word}, drill judge ${word}`,
    });
  }
  const { place, note } = findFinishedRun(runs, String(args['run']), directory);
  if (note !== null) screen.stderr.write(`${note}\n`);
  return place;
}

/** The directory of runs; what is wrong in the configuration file goes to stderr. */
export async function runsOf(args: VerbArguments, context: CliContext): Promise<string> {
  const out = typeof args['out'] === 'string' ? args['out'] : undefined;
  return await runsIn(context, out, (line) => context.screen.stderr.write(`${line}\n`));
}

export const timeoutOption = {
  describe: 'Stop a drill that takes longer, e.g. 5m (inconclusive, exit code 3)',
} as const satisfies Argument;

/** Null where the flag is not given. */
export function timeoutOf(args: VerbArguments): number | null {
  const text = args['timeout'] as string | undefined;
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= TIMEOUT_MAX_MS) return ms;
  throw new UserError(`--timeout: expected a duration such as 90s or 5m, got "${text}"`);
}

/** `--repeat` of verbs that make one figure of several runs. */
export function repeatAsked(args: VerbArguments): number {
  const value = (args['repeat'] as number | undefined) ?? 1;
  if (Number.isInteger(value) && value >= 1 && value <= REPEAT_MAX) return value;
  throw new UserError(`--repeat: expected a whole number from 1 to ${REPEAT_MAX}, got "${value}"`);
}
