// What is planted in one go: runs side by side, and what is read off them.
import { type TruthRun, type TruthScenario } from '../known/run.ts';
import { runTruths } from '../known/runs.ts';
import type { PlantedRow } from '../row.ts';

export interface Planted {
  /** For who waits: `outages of known length` */
  readonly title: string;
  plant(signal: AbortSignal): Promise<readonly PlantedRow[]>;
}

/** The files of the runs are removed, whatever is read off them. */
export function planted(
  title: string,
  scenarios: readonly TruthScenario[],
  read: (runs: readonly TruthRun[]) => readonly PlantedRow[],
): Planted {
  return {
    title,
    plant: async (signal) => {
      const runs = await runTruths(scenarios, signal);
      try {
        return read(runs);
      } finally {
        for (const run of runs) run.remove();
      }
    },
  };
}

/** Several at the same time, where none needs the machine for itself. */
export function beside(title: string, all: readonly Planted[]): Planted {
  return {
    title,
    plant: async (signal) => {
      const rows = await Promise.allSettled(all.map((each) => each.plant(signal)));
      const failed = rows.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return rows.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    },
  };
}
