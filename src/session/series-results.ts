// What the trials of a series say together. A trial counts by the result of its own run, as the
// journal of that run says it was written: nothing else that lies there is believed.
import { join } from 'node:path';
import { planHash } from '../archive/compare.ts';
import { isAsWritten, readResult } from '../archive/run-list.ts';
import { planAsBegun } from '../evidence/run-files.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { Result } from '../verdict/result.ts';
import { hasLostTrials } from '../verdict/series-seal.ts';
import { judgeSeries, type SeriesResult } from '../verdict/series.ts';
import type { SeriesFile, Trial } from './series-files.ts';
import { version } from './version.ts';

/**
 * Null where the run is gone, has no result, or one that is not its own as it was written, or that
 * is none of this trial: whoever edits the file of a series can name any run.
 */
export function resultOfTrial(file: SeriesFile, trial: Trial): Result | null {
  const { run, seed, verdict } = trial;
  if (run === null) return null;
  const directory = join(file.runs, run);
  const result = readResult(directory);
  if (result === null || result.id !== run || result.drill.seed !== seed) return null;
  const isNoted = verdict === null || verdict === result.verdict;
  const isOwn = isNoted && isAsWritten(directory) && isOfSeries(result, directory, file, trial);
  return isOwn ? result : null;
}

function isOfSeries(
  { drill, drill_version }: Result,
  directory: string,
  { id, drills }: SeriesFile,
  trial: Trial,
): boolean {
  const { name, plan_hash } = drills[trial.drill]!;
  if (drill.name !== name || (drill.trial?.series ?? id) !== id) return false;
  // What another version has planned may have another hash here.
  if (drill_version !== version()) return true;
  const plan = planAsBegun(directory);
  return plan !== null && planHash(plan) === plan_hash;
}

/** A series with the results of its trials; null: none that counts. */
export interface SeriesRead {
  readonly file: SeriesFile;
  readonly results: readonly (Result | null)[];
}

/** `made` are results by run, so that they need not be read from the disk again. */
export function readTrials(
  file: SeriesFile,
  made: ReadonlyMap<string, Result> = new Map(),
): SeriesRead {
  const results = file.trials.map((trial) => {
    if (trial.state !== 'ended') return null;
    return made.get(trial.run ?? '') ?? resultOfTrial(file, trial);
  });
  return { file, results };
}

/** The verdict over the trials of each drill that has more than one. */
export function judgedOf(read: SeriesRead): SeriesResult[] {
  return byDrill(read).flatMap(({ rule, own, uncounted }) => {
    const { id } = read.file;
    return isSingle(own) ? [] : (judgeSeries({ id, rule, trials: own, uncounted }) ?? []);
  });
}

/**
 * The exit codes of a series: of each drill with trials that of all of them, of each other drill
 * that of its run. What was not made, or does not count any more, is inconclusive.
 */
export function codesOf(read: SeriesRead): number[] {
  return byDrill(read).map(({ rule, own }) => {
    const [only = null] = own;
    const all = isSingle(own) ? only : judgeSeries({ id: read.file.id, rule, trials: own });
    return all === null ? EXIT.inconclusive : EXIT[all.verdict];
  });
}

/** One run, as its drill asked for, is no series. */
function isSingle(own: readonly (Result | null)[]): boolean {
  return own.length < 2 && !hasLostTrials(own);
}

/** The drills without any result, and why: a report of the others alone would look whole. */
export function unmadeOf({ file, results }: SeriesRead) {
  return file.drills.flatMap(({ file: name }, drill) => {
    const own = file.trials.flatMap((trial, at) => (trial.drill === drill ? [{ trial, at }] : []));
    if (own.some(({ at }) => results[at] !== null)) return [];
    const reasons = new Set(own.map(({ trial }) => UNMADE[trial.state]));
    return [{ file: name, reasons: [...reasons] }];
  });
}

const UNMADE: Readonly<Record<Trial['state'], string>> = {
  due: 'it was not run: the series was broken off before',
  running: 'its run has no result',
  ended: 'its result is gone, or is not as it was written',
  skipped: 'it was not run: enough trials before it had not passed',
};

/** What the only drill of a series is judged by, however many trials it has. */
export function onlyDrillOf(read: SeriesRead): Parameters<typeof judgeSeries>[0] {
  const { rule, own, uncounted } = byDrill(read)[0]!;
  return { id: read.file.id, rule, trials: own, uncounted };
}

/** The results of each drill's own trials, with its rule. */
function byDrill({ file, results }: SeriesRead) {
  return file.drills.map(({ rule = { gate: 'worst' } as const }, drill) => {
    const isOwn = (at: number) => file.trials[at]!.drill === drill;
    const ended = results.filter((_, at) => isOwn(at) && file.trials[at]!.state === 'ended');
    const uncounted = ended.filter((result) => result === null).length;
    return { rule, own: results.filter((_, at) => isOwn(at)), uncounted };
  });
}

/** Runs of ended trials that do not count: removed since, or not as they were written. */
export function doubtfulRuns({ file, results }: SeriesRead): string[] {
  return file.trials.flatMap(({ state, run }, at) => {
    return state === 'ended' && run !== null && results[at] === null ? [run] : [];
  });
}

/** What it missed by then it missed: another try would take that back. */
export function isBrokenOff({ verdict, gates }: Result): boolean {
  return verdict === 'interrupted' && gates.every((gate) => gate.verdict !== 'fail');
}

/** Whether so many trials did not pass that the rest is skipped. */
export function isEnough({ trials, max_failures = null }: SeriesFile): boolean {
  const failed = trials.filter(({ verdict }) => verdict !== null && verdict !== 'pass').length;
  return max_failures !== null && failed >= max_failures;
}
