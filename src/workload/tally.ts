// Counts what the workload saw in one sampling interval, for the live view. Judged numbers come
// from the ledger, not from here.
import type { WorkloadSample } from '../evidence/event.ts';
import { OUTCOME } from '../evidence/ledger/operation.ts';

export type Tally = ReturnType<typeof makeTally>;

export function makeTally(from_ms: number) {
  let counts = [0, 0, 0, 0];
  let latencies_ms: number[] = [];
  let last_ms = from_ms;
  let total_acknowledged = 0;
  return {
    /** An operation ended; `latency_ms` null when it was never sent. */
    ended(outcome: number, latency_ms: number | null): void {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (outcome !== OUTCOME.acknowledged) return;
      total_acknowledged += 1;
      if (latency_ms !== null) latencies_ms.push(latency_ms);
    },
    /** Operations that ended since the last sample. */
    count: () => counts.reduce((sum, each) => sum + each, 0),
    /** The sample since the last one. `rate_per_s` is acknowledged operations a second. */
    sample(now_ms: number, in_flight: number): WorkloadSample {
      const acknowledged = counts[OUTCOME.acknowledged]!;
      const sample: WorkloadSample = {
        rate_per_s: (acknowledged * 1000) / Math.max(1, now_ms - last_ms),
        acknowledged,
        refused: counts[OUTCOME.refused]!,
        unknown: counts[OUTCOME.unknown]!,
        unsent: counts[OUTCOME.unsent]!,
        in_flight,
        p99_ms: p99(latencies_ms),
        total_acknowledged,
      };
      counts = [0, 0, 0, 0];
      latencies_ms = [];
      last_ms = now_ms;
      return sample;
    },
  };
}

/** The smallest value that 99 % of the values do not exceed. */
function p99(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(sorted.length * 0.99) - 1]!;
}
