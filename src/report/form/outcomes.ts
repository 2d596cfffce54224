// What a command made, for reports that are written once at its end: a run for each drill, or its
// trials together.
import type { Plan } from '../../drill/plan/plan.ts';
import type { Result } from '../../verdict/result.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import type { Refused, Reporter } from '../reporter.ts';

/** A run, and where its evidence lies. */
export interface MadeRun {
  readonly result: Result;
  readonly directory: string;
  /** Null where the reporter was not told of it. */
  readonly plan: Plan | null;
}

export interface Made {
  /** Those of no series. */
  readonly runs: readonly MadeRun[];
  readonly series: readonly SeriesResult[];
  /** Runs of the series. */
  readonly trials: readonly MadeRun[];
  readonly refused: readonly Refused[];
}

/** Collects all until the end, when `write` is called once. */
export function atTheEnd(write: (made: Made) => void | Promise<void>): Reporter {
  const all: MadeRun[] = [];
  let series: readonly SeriesResult[] = [];
  let plan: Plan | null = null;
  return {
    onPlan: (planned) => {
      plan = planned;
    },
    onResult: (result, directory) => {
      all.push({ result, directory, plan });
      plan = null;
    },
    onSeries: (judged) => {
      series = judged;
    },
    onRefused: async (refused) => await write({ runs: [], series: [], trials: [], refused }),
    onEnd: async () => {
      const ids = new Set(series.flatMap(({ trials }) => trials.map(({ run }) => run)));
      const isTrial = ({ result }: MadeRun) => ids.has(result.id);
      const runs = all.filter((run) => !isTrial(run));
      await write({ runs, series, trials: all.filter(isTrial), refused: [] });
    },
  };
}
