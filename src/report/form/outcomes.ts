// What a command made, for reports that are written once at its end: a run for each drill, or its
// trials together.
import type { SourceFile } from '../../drill/file/yaml-source.ts';
import type { Result } from '../../verdict/result.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import type { Refused, Reporter } from '../reporter.ts';

/** A run, and where its evidence lies. */
export interface MadeRun {
  readonly result: Result;
  readonly directory: string;
  /** Null where it is told again from its files. */
  readonly source: SourceFile | null;
}

export interface Made {
  /** Those of no series. */
  readonly runs: readonly MadeRun[];
  readonly series: readonly SeriesResult[];
  /** Runs of the series. */
  readonly trials: readonly MadeRun[];
  readonly refused: readonly Refused[];
  /** Whether the refused were due and were not run; false: nothing could be started. */
  readonly wereDue: boolean;
}

/** Collects all until the end, or until an error, when `write` is called once. */
export function atTheEnd(write: (made: Made) => void | Promise<void>): Reporter {
  const all: MadeRun[] = [];
  let source: SourceFile | null = null;
  let series: readonly SeriesResult[] = [];
  const made = (refused: readonly Refused[], wereDue: boolean): Made => {
    const ids = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
    const isTrial = ({ result }: MadeRun) => ids.has(result.id);
    const runs = all.filter((run) => !isTrial(run));
    return { runs, series, trials: all.filter(isTrial), refused, wereDue };
  };
  return {
    onPlan: (_plan, _isRepeated, file) => {
      source = file ?? null;
    },
    onResult: (result, directory) => {
      all.push({ result, directory, source });
    },
    onSeries: (judged) => {
      series = judged;
    },
    onRefused: async (refused) => await write(made(refused, false)),
    onEnd: async (unmade = []) => await write(made(unmade, true)),
  };
}
