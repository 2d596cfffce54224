// What the trials of a series say together, for each drill of which there is more than one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isAsWritten, readResult } from '../archive/run-list.ts';
import type { Result } from '../verdict/result.ts';
import { judgeSeries, type SeriesResult } from '../verdict/series.ts';
import type { SeriesFile } from './series-files.ts';

/** What there is to say of a series, and which of its runs cannot be asked any more. */
export interface SeriesShown {
  readonly results: readonly SeriesResult[];
  /** Their results are not what their journals say was written. */
  readonly doubtful: readonly string[];
  /** Removed since: their numbers are those that stand in the file of the series. */
  readonly gone: readonly string[];
}

/** The results of a series, from its runs where they are there still. */
export function showSeries(file: SeriesFile): SeriesShown {
  const runs = file.trials.flatMap(({ run, state }) => (state === 'ended' && run ? [run] : []));
  const gone = runs.filter((run) => !existsSync(join(file.runs, run)));
  const doubtful = runs.filter((run) => !gone.includes(run) && !isAsWritten(join(file.runs, run)));
  const results = gone.length > 0 ? (file.results ?? []) : seriesResults(file);
  return { results, doubtful, gone };
}

/** `made` are results by run, so that they need not be read from the disk again. */
export function seriesResults(
  { id, runs, drills, trials }: SeriesFile,
  made: ReadonlyMap<string, Result> = new Map(),
): SeriesResult[] {
  const resultOf = (run: string | null): Result | null => {
    return run === null ? null : (made.get(run) ?? readResult(join(runs, run)));
  };
  return drills.flatMap(({ rule = { gate: 'worst' } as const }, drill) => {
    const own = trials.filter((trial) => trial.drill === drill);
    if (own.length < 2) return [];
    const planned = own.map(({ run, state }) => (state === 'ended' ? resultOf(run) : null));
    return judgeSeries({ id, rule, trials: planned }) ?? [];
  });
}
