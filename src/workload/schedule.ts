// Which operation is due when. The schedule depends on nothing but rate, number of writers and
// seed: an open loop.
import { mix32 } from '../base/random.ts';
import type { PlannedWorkload } from '../drill/plan/plan.ts';

const READ_DRAW = 0x7265_6164;
const UPDATE_DRAW = 0x7570_6474;

export interface ScheduledOperation {
  readonly scheduled_ms: number;
  readonly writer: number;
  /** A read is one only if the writer has a row to read. */
  readonly kind: 'write' | 'read' | 'update';
}

/** Since when operations are due; the rate rises for `ramp_ms` (0: it is whole from the start). */
export interface Beginning {
  readonly from_ms: number;
  readonly ramp_ms: number;
}

/**
 * The `index`-th operation (from 0) since then: evenly spaced once the rate is whole, writers 1 to
 * W in turn.
 */
export function scheduledOperation(
  workload: Pick<PlannedWorkload, 'rate_per_s' | 'writers' | 'reads' | 'updates'>,
  seed: number,
  { from_ms, ramp_ms }: Beginning,
  index: number,
): ScheduledOperation {
  return {
    scheduled_ms: from_ms + dueMs(workload.rate_per_s / 1000, ramp_ms, index),
    writer: (index % workload.writers) + 1,
    kind: kindOf(workload, seed, index),
  };
}

/** A rate that rises evenly from nothing makes half as many due as the whole one does. */
function dueMs(rate_per_ms: number, ramp_ms: number, index: number): number {
  const rising = (rate_per_ms * ramp_ms) / 2;
  if (index < rising) return Math.sqrt((2 * ramp_ms * index) / rate_per_ms);
  return ramp_ms + (index - rising) / rate_per_ms;
}

function kindOf(
  { reads, updates }: Pick<PlannedWorkload, 'reads' | 'updates'>,
  seed: number,
  index: number,
): ScheduledOperation['kind'] {
  const draw = (what: number) => mix32(seed, index, what) / 0x1_0000_0000;
  if (reads > 0 && draw(READ_DRAW) < reads) return 'read';
  // `updates` is a share of all operations, and this draw is made for those that are no reads.
  return updates > 0 && draw(UPDATE_DRAW) * (1 - reads) < updates ? 'update' : 'write';
}

/** Operations that may be in flight: twice what starts in a timeout, so that hanging ones fit. */
export function roomInFlight(
  workload: Pick<PlannedWorkload, 'rate_per_s' | 'timeout_ms' | 'writers'>,
) {
  const { rate_per_s, timeout_ms, writers } = workload;
  return Math.max(Math.ceil((2 * rate_per_s * timeout_ms) / 1000), 2 * writers, 32);
}
