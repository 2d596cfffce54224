// Whether the workload did its part: a steady state before the fault, operations that started on
// schedule, and clients that were still there to see service come back.
import type { Plan } from '../drill/plan.ts';
import type { RunEvent } from '../evidence/event.ts';
import { OPERATION_FLAG } from '../evidence/operation.ts';
import type { Operations } from '../evidence/operation.ts';
import type { Doubt, Recovery } from './measurement.ts';
import { scheduleOf } from './schedule.ts';
import type { Steady } from './steady.ts';
import { cutOf, firstOf, type Disaster } from './timeline.ts';
import { counted, formatDuration } from './words.ts';

const LATE_SHARE_MAX = 0.001;
/** No operation due for this long, beyond three spacings: the workload did not get to run. */
const GAP_MS = 50;
const GAP_SPACINGS = 3;

/** No steady state, no idea of what "back" means. */
export function steadyDoubts(
  plan: Plan,
  events: readonly RunEvent[],
  steady: Steady | null,
): Doubt[] {
  if (steady === null) {
    const reason = 'No steady state was reached: nothing was acknowledged before the fault.';
    return [{ affects: 'all', reason }];
  }
  const doubts: Doubt[] = [];
  if (steady.served < plan.sustain.success * steady.due) {
    const share = `${steady.served} of ${counted(steady.due, 'operation')} were served`;
    doubts.push(all(`The steady state was never reached: only ${share} before the fault.`));
  }
  const isSettled = firstOf(events, 'warm-up.ended')?.settled ?? true;
  const isSlow = plan.sustain.within_ms === null && steady.within_ms >= plan.workload.timeout_ms;
  if (!isSettled && isSlow) {
    const reason = `The latency never settled: its steady p99 is ${formatDuration(steady.p99_ms)}.`;
    doubts.push({ affects: 'recovery', reason });
  }
  return doubts;
}

/** Operations that the runner started late or not at all. */
export function scheduleDoubts(
  plan: Plan,
  events: readonly RunEvent[],
  operations: Operations,
  from_ms: number,
): Doubt[] {
  const cut = cutOf(events);
  const rows = scheduleOf(operations, from_ms, cut ?? Infinity);
  if (rows.length === 0) return [all('There are no operations to measure by.')];
  const doubts: Doubt[] = [];
  let late = 0;
  for (const row of rows) if ((operations.flags[row]! & OPERATION_FLAG.late_start) !== 0) late++;
  if (late > LATE_SHARE_MAX * rows.length) {
    const share = `${late} of ${counted(rows.length, 'operation')}`;
    doubts.push(all(`The runner could not keep the schedule: ${share} started too late.`));
  }
  const gap = longestPause(operations, rows, cut);
  const spacing = 1000 / plan.workload.rate_per_s;
  if (gap.ms > GAP_MS + GAP_SPACINGS * spacing) {
    const { ms, at_ms } = gap;
    const when = `${formatDuration(at_ms)} into the run`;
    doubts.push(
      all(`No operation was due for ${formatDuration(ms)}, ${when}: the workload stood still.`),
    );
  }
  if (cut === null) doubts.push(all('The workload was never stopped in an orderly way.'));
  return doubts;
}

/** The longest time between two operations that were due, or from the last one to the cut. */
function longestPause(operations: Operations, rows: Uint32Array, cut_ms: number | null) {
  let before = operations.scheduled_ms[rows[0]!]!;
  let longest = { ms: 0, at_ms: before };
  const look = (due: number) => {
    if (due - before > longest.ms) longest = { ms: due - before, at_ms: before };
    before = due;
  };
  for (const row of rows) look(operations.scheduled_ms[row]!);
  if (cut_ms !== null) look(cut_ms);
  return longest;
}

/** Whether the clients saw enough to say how long the outage was. */
export function observationDoubts(
  plan: Plan,
  events: readonly RunEvent[],
  recovery: Recovery,
  disaster: Disaster,
): Doubt[] {
  const doubts: Doubt[] = [];
  const seen = (cutOf(events) ?? Infinity) - disaster.injected_ms;
  if (recovery.rto.value === 0 && seen < plan.sustain.for_ms) {
    const reason =
      `The workload stopped ${formatDuration(Math.max(0, seen))} after the disaster, ` +
      `before ${formatDuration(plan.sustain.for_ms)} of service could be seen.`;
    doubts.push({ affects: 'recovery', reason });
  }
  const early = recovery.outages.find(
    ({ opened_ms, closed_ms }) =>
      opened_ms < disaster.started_ms - plan.workload.timeout_ms &&
      (closed_ms === null || closed_ms > disaster.started_ms),
  );
  if (early !== undefined) {
    const ms = formatDuration(disaster.started_ms - early.opened_ms);
    const reason = `Clients had been without service for ${ms} when the disaster began.`;
    doubts.push({ affects: 'recovery', reason });
  }
  return doubts;
}

function all(reason: string): Doubt {
  return { affects: 'all', reason };
}
