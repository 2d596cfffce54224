// The history of a folder of runs with its series: which runs are the past of a drill.
import {
  isBelievable,
  machineOf,
  readHistory,
  type History,
  type PastRun,
} from '../../archive/history/history.ts';
import { hostClock } from '../../host/clock.ts';
import { listSeries } from '../series-files.ts';

export function historyOf(runs: string): History {
  const series = new Map<string, string>();
  for (const { id, trials } of listSeries(runs)) {
    for (const { run } of trials) if (run !== null) series.set(run, id);
  }
  return readHistory(runs, hostClock().wall(), (run) => series.get(run) ?? null);
}

/** A run by itself, or all trials of a drill at one size in one series; oldest run first. */
export interface Execution {
  /** Of the run, or of the series. */
  readonly id: string;
  readonly isSeries: boolean;
  readonly runs: readonly [PastRun, ...PastRun[]];
}

/** Oldest first, by their newest run. */
export function executionsOf(runs: readonly PastRun[]): Execution[] {
  const groups = new Map<string, [PastRun, ...PastRun[]]>();
  for (const run of runs) {
    const { series, drill, data } = run;
    const key = JSON.stringify(
      series === null ? run.id : [series, drill.name, data, machineOf(run)],
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()]
    .map((own): Execution => {
      const { series, id } = own[0];
      return { id: series ?? id, isSeries: series !== null && own.length > 1, runs: own };
    })
    .toSorted((one, other) => (newestOf(one) < newestOf(other) ? -1 : 1));
}

function newestOf({ runs }: Execution): string {
  return runs.at(-1)!.id;
}

export interface Wanted {
  readonly name: string;
  readonly strategy: string;
  readonly runtime: string;
  readonly data: string | null;
}

/** The newest `most` runs that can be compared with, newest first. */
export function newestComparable(
  folder: string,
  runs: readonly PastRun[],
  wanted: Wanted,
  most: number,
): PastRun[] {
  const found: PastRun[] = [];
  for (const run of runs.toReversed()) {
    if (found.length === most) break;
    if (isOf(run, wanted) && run.counts && isBelievable(folder, run)) found.push(run);
  }
  return found;
}

/** Runs on another runtime, of another strategy or another size measure another thing. */
function isOf(run: PastRun, { name, strategy, runtime, data }: Wanted): boolean {
  const isDrill = run.drill.name === name && run.drill.strategy === strategy;
  return isDrill && run.runtime === runtime && run.data === data;
}
