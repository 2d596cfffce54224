// Whether the workload did its part: a steady state before the fault, operations that started on
// schedule, and clients that were still there to see service come back.
import { ratesOf, type Plan } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { OPERATION_FLAG } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { Doubt, Recovery } from '../../drill/measurement.ts';
import { doubt } from '../measured.ts';
import { scheduleOf } from '../operations/schedule.ts';
import { servedIn, type Steady } from './steady.ts';
import type { StoreLedger } from '../operations/ledgers.ts';
import { firstOf, steadyWindowOf, type Disaster } from '../timeline.ts';
import { counted, formatDuration, ofStore } from '../words.ts';

/** What service is timed from. */
interface Watch extends Pick<Disaster, 'started_ms' | 'injected_ms'> {
  /** In words: `the disaster`. */
  readonly name: string;
}

/** What the clients saw of it, and what counts as served. */
interface Watched extends Pick<Recovery, 'rto' | 'outages'>, Pick<Steady, 'within_ms'> {}

const LATE_SHARE_MAX = 0.001;
/** No operation due for this long, beyond three spacings: the workload did not get to run. */
const GAP_MS = 50;
const GAP_SPACINGS = 3;

/** No steady state, no idea of what "back" means. */
export function steadyDoubts(
  { plan, events }: Evidence,
  ledgers: readonly StoreLedger[],
  steady: Steady | null,
): Doubt[] {
  const window = steadyWindowOf(events);
  if (steady === null || window === null) {
    const reason = 'No steady state was reached: nothing was acknowledged before the fault.';
    return [doubt('all', reason)];
  }
  const doubts: Doubt[] = [];
  for (const { name, operations } of ledgers) {
    const { served, due } = servedIn(operations, window, steady.within_ms);
    if (due > 0 && served >= plan.sustain.success * due) continue;
    const share = `${served} of ${counted(due, 'operation')} were served`;
    const reason = `The steady state was never reached: only ${share} before the fault.`;
    doubts.push(doubt('all', ofStore(name, reason)));
  }
  const isSettled = firstOf(events, 'warm-up.ended')?.settled ?? true;
  const isSlow = plan.sustain.within_ms === null && steady.within_ms >= plan.workload.timeout_ms;
  if (!isSettled && isSlow) {
    const reason = `The latency never settled: its steady p99 is ${formatDuration(steady.p99_ms)}.`;
    doubts.push(doubt('recovery', reason));
  }
  return doubts;
}

/** Operations that the runner started late or not at all. */
export function scheduleDoubts(
  plan: Plan,
  ledgers: readonly StoreLedger[],
  from_ms: number,
): Doubt[] {
  const doubts: Doubt[] = [];
  const pauses: Doubt[] = [];
  let due = 0;
  let late = 0;
  ledgers.forEach(({ name, operations, stop_ms: stop }, at) => {
    const rows = scheduleOf(operations, from_ms, stop ?? Infinity);
    if (rows.length === 0) {
      doubts.push(doubt('all', ofStore(name, 'There are no operations to measure by.')));
      return;
    }
    due += rows.length;
    for (const row of rows) if ((operations.flags[row]! & OPERATION_FLAG.late_start) !== 0) late++;
    const pause = longestPause(operations, rows, stop);
    if (pause.ms > GAP_MS + (GAP_SPACINGS * 1000) / ratesOf(plan)[at]!) {
      const when = `${formatDuration(pause.at_ms)} into the run`;
      const what = `No operation was due for ${formatDuration(pause.ms)}, ${when}`;
      pauses.push(doubt('all', ofStore(name, `${what}: the workload stood still.`)));
    }
    if (stop !== null) return;
    pauses.push(doubt('all', ofStore(name, 'The workload was never stopped in an orderly way.')));
  });
  if (doubts.length > 0) return doubts;
  if (late > LATE_SHARE_MAX * due) {
    const share = `${late} of ${counted(due, 'operation')}`;
    doubts.push(doubt('all', `The runner could not keep the schedule: ${share} started too late.`));
  }
  return [...doubts, ...pauses];
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

/** Whether the clients saw enough, of every store, to say how long the outage was. */
export function watchDoubts(
  plan: Plan,
  ledgers: readonly StoreLedger[],
  watched: Watched,
  watch: Watch,
): Doubt[] {
  return [
    ...observationDoubts(plan, ledgers, watched, watch),
    ...storeDoubts(plan, ledgers, watched, watch),
  ];
}

/**
 * A store that does not serve after the outage, where its clients are too few beside those of the
 * other for it to count as one.
 */
function storeDoubts(
  plan: Plan,
  ledgers: readonly StoreLedger[],
  { rto, outages, within_ms }: Watched,
  { started_ms, name: what }: Watch,
): Doubt[] {
  if (ledgers.length === 1 || rto.value === null) return [];
  const close_ms = rto.value === 0 ? started_ms : (outages.at(-1)?.closed_ms ?? started_ms);
  const calm = {
    from_ms: Math.max(started_ms, close_ms),
    to_ms: cutOfLedgers(ledgers),
  };
  return ledgers.flatMap(({ name, operations }): Doubt[] => {
    const { due, served } = servedIn(operations, calm, within_ms);
    if (served >= plan.sustain.capacity * due) return [];
    const when = rto.value === 0 ? `since ${what}` : 'after the outage';
    const share = `only ${served} of ${counted(due, 'operation')} were served ${when}`;
    const reason = `Service was not back: ${share}, too few to count beside the other store.`;
    return [doubt('recovery', ofStore(name, reason))];
  });
}

/** Clients that stopped too soon, or had been without service before. */
function observationDoubts(
  plan: Plan,
  ledgers: readonly StoreLedger[],
  { rto, outages }: Watched,
  { started_ms, injected_ms, name: what }: Watch,
): Doubt[] {
  const doubts: Doubt[] = [];
  const seen = cutOfLedgers(ledgers) - injected_ms;
  if (rto.value === 0 && seen < plan.sustain.for_ms) {
    const reason =
      `The workload stopped ${formatDuration(Math.max(0, seen))} after ${what}, ` +
      `before ${formatDuration(plan.sustain.for_ms)} of service could be seen.`;
    doubts.push(doubt('recovery', reason));
  }
  const early = outages.find(
    ({ opened_ms, closed_ms }) =>
      opened_ms < started_ms - plan.workload.timeout_ms &&
      (closed_ms === null || closed_ms > started_ms),
  );
  if (early !== undefined) {
    const ms = formatDuration(started_ms - early.opened_ms);
    const reason = `Clients had been in an outage for ${ms} when ${what} began.`;
    doubts.push(doubt('recovery', reason));
  }
  return doubts;
}

/** When the first of them stopped; Infinity: one never did. */
function cutOfLedgers(ledgers: readonly StoreLedger[]): number {
  const stops = ledgers.map(({ stop_ms }) => stop_ms);
  return stops.includes(null) ? Infinity : Math.min(...(stops as number[]));
}
