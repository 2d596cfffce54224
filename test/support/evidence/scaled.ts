// Finished runs of one drill at several sizes of its data, with a growth that was planted.
import { scaleRuns, type SizedRun } from '../../../src/archive/scale.ts';
import type { Scale } from '../../../src/verdict/scale.ts';
import { backupRestore } from './compared.ts';

const MB = 1e6;

export interface Planted {
  readonly to_bytes?: number | null;
  /** Runs of each size. */
  readonly turns?: number;
  readonly sizes_mb?: readonly number[];
}

/** What a restore of so many megabytes takes, in the first and every further turn. */
function restoreMs(mb: number, turn: number): number {
  return 41 * mb + 10 * turn;
}

export function scaled({ to_bytes = null, ...planted }: Planted = {}): Scale {
  return scaleRuns(sizedRuns(planted), { to_bytes, notMade: 0 });
}

/** The RTO of each is the sum of its phases. */
export function sizedRuns({ turns = 2, sizes_mb = [100, 200, 400] }: Planted = {}): SizedRun[] {
  return sizes_mb.flatMap((mb) =>
    Array.from({ length: turns }, (_, turn) => {
      const run = backupRestore();
      const recovery = run.result.recovery!;
      const phases = recovery.phases.map((phase) =>
        phase.name === 'restore' ? { ...phase, ms: restoreMs(mb, turn) } : phase,
      );
      const rto_ms = phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
      const gates = run.result.gates.map((gate) => {
        if (gate.name !== 'rto') return gate;
        return { ...gate, measured: rto_ms, low: rto_ms - 200, high: rto_ms };
      });
      const result = { ...run.result, gates, recovery: { ...recovery, rto_ms, phases } };
      const data_bytes = mb * MB;
      return { ...run, result, data_bytes, plan: { ...run.plan!, data_bytes } };
    }),
  );
}
