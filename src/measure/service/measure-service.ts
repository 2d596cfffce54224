// Service as clients of all stores saw it: the recovery, and the steady state before it; and
// whether the workload did its part: a steady state before the fault, operations that started on
// schedule, and clients that were still there to see service come back.
import { answersKeptMs } from '../../drill/plan/gslb.ts';
import type { Doubt, Recovery } from '../../drill/measurement.ts';
import { ratesOf, type Plan } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { mergeOperations } from '../../evidence/ledger/operation-columns.ts';
import { LATE_START_MS, OPERATION_FLAG, type Operations } from '../../evidence/ledger/operation.ts';
import { doubt, doubts, measured, missing, type Measured } from '../measured.ts';
import { stallDoubts } from '../journal/stalls.ts';
import { harmOf, withoutHarmed } from '../operations/harm.ts';
import { scheduleOf } from '../operations/schedule.ts';
import { ledgersOf, nameOf, type StoreLedger } from '../operations/slices.ts';
import type { Disaster, Span, Timeline } from '../timeline.ts';
import { counted, formatDuration, ofStore } from '../words.ts';
import { causesOf } from '../causes/causes.ts';
import { recoveryOf } from './recovery.ts';
import { isServed, servedIn, steadyIn, steadyOf, type Steady } from './steady.ts';

/** `evidence` has the operations of the drill only. */
export function measureService(
  evidence: Evidence,
  run: Timeline,
  disaster: Disaster,
): Measured<{ readonly recovery: Recovery | null; readonly steady: Steady | null }> {
  const { plan } = run;
  const ledgers = ledgersOf(evidence, run, 'drill');
  if (ledgers === null) {
    const lacking = evidence.stores.filter(({ operations }) => operations === null);
    const reasons = lacking.map(({ store }) =>
      ofStore(nameOf(store, evidence), 'There is no readable ledger.'),
    );
    return measured({ recovery: null, steady: null }, doubts('all', reasons));
  }
  const asSeen = mergeOperations(ledgers.map((ledger) => ledger.operations));
  const window = run.steady;
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };
  const steady = window === null ? null : steadyOf(asSeen, window, rules, run.hit_ms);
  const scheduled = scheduleDoubts(plan, ledgers, window?.from_ms ?? disaster.started_ms);
  if (steady === null || window === null) {
    const reason = 'No steady state was reached: nothing was acknowledged before the fault.';
    const before = [doubt('all', reason), ...scheduled, ...stallDoubts(run, disaster, null)];
    return measured({ recovery: null, steady }, before);
  }
  const before = [...steadyDoubts(run, ledgers, steady, window), ...scheduled];
  const operations = withoutHarmed(asSeen, harmOf(run, disaster));
  const nodes = ledgers.map((ledger) => ledger.nodes);
  const seen = recoveryOf({ run, operations, asSeen, nodes, disaster, steady, window });
  const { within_ms } = steady;
  const { started_ms, injected_ms } = disaster;
  const clients = {
    operations,
    nodes,
    lost: disaster.region,
    started_ms,
    within_ms,
    isServed: (row: number) => isServed(operations, row, within_ms),
    timeout_ms: plan.workload.timeout_ms,
    ttl_ms: answersKeptMs(plan),
  };
  const recovery = { ...seen, causes: causesOf(run, disaster, seen, clients) };
  const { rto, outages } = recovery;
  const times = { within_ms, started_ms, injected_ms };
  const after = watchDoubts({ plan, ledgers, rto, outages, ...times, name: 'the disaster' });
  const stalls = stallDoubts(run, disaster, recovery);
  return measured({ recovery, steady }, [...before, ...after, ...stalls]);
}

/** What the clients saw, and what it is timed from. */
interface Watch extends Pick<Recovery, 'rto' | 'outages'> {
  readonly plan: Plan;
  readonly ledgers: readonly StoreLedger[];
  readonly within_ms: number;
  readonly started_ms: number;
  readonly injected_ms: number;
  /** In words: `the disaster`. */
  readonly name: string;
}

/** With fewer than this decided before the first fault, there was hardly a steady state. */
const DECIDED_SHARE_MIN = 0.5;
const LATE_SHARE_MAX = 0.001;
/** No operation due for this long, beyond three spacings: the workload did not get to run. */
const GAP_MS = 50;
const GAP_SPACINGS = 3;

/** No steady state, no idea of what "back" means. */
function steadyDoubts(
  run: Timeline,
  ledgers: readonly StoreLedger[],
  steady: Steady,
  window: Span,
): Doubt[] {
  const { sustain, workload } = run.plan;
  const unsteady = ledgers.flatMap(({ name, operations }) => {
    const seen = steadyIn(operations, window, steady.within_ms, run.hit_ms);
    const { served, due, decided } = seen;
    if (decided < DECIDED_SHARE_MIN * due) {
      const share = `${due - decided} of ${counted(due, 'operation')} of the steady state`;
      const cure = 'let it come later, or hold the steady state longer';
      return ofStore(name, `The first fault came before ${share} had an answer: ${cure}.`);
    }
    if (decided > 0 && served >= sustain.success * decided) return [];
    const share = `${served} of ${counted(decided, 'operation')} were served`;
    return ofStore(name, `The steady state was never reached: only ${share} before the fault.`);
  });
  const isSettled = run.first('warm-up.ended')?.settled ?? true;
  const isSlow = sustain.within_ms === null && steady.within_ms >= workload.timeout_ms;
  const p99 = formatDuration(steady.p99_ms);
  const slow = isSettled || !isSlow ? [] : [`The latency never settled: its steady p99 is ${p99}.`];
  return [...doubts('all', unsteady), ...doubts('recovery', slow)];
}

/** Operations that the runner started late or not at all. */
export function scheduleDoubts(
  plan: Plan,
  ledgers: readonly StoreLedger[],
  from_ms: number,
): Doubt[] {
  const lacking: string[] = [];
  const pauses: string[] = [];
  const cutOff: string[] = [];
  let due = 0;
  let late = 0;
  ledgers.forEach(({ name, operations, stop_ms: stop }, at) => {
    const rows = scheduleOf(operations, from_ms, stop ?? Infinity);
    if (rows.length === 0) {
      lacking.push(ofStore(name, 'There are no operations to measure by.'));
      return;
    }
    due += rows.length;
    for (const row of rows)
      if ((operations.flags.at(row) & OPERATION_FLAG.late_start) !== 0) late++;
    const pause = longestPause(operations, rows, stop);
    if (pause.ms > GAP_MS + (GAP_SPACINGS * 1000) / ratesOf(plan)[at]!) {
      const when = `${formatDuration(pause.at_ms)} into the run`;
      const what = `No operation was due for ${formatDuration(pause.ms)}, ${when}`;
      pauses.push(ofStore(name, `${what}: the workload stood still.`));
    }
    if (stop !== null) return;
    cutOff.push(ofStore(name, 'The clients were cut off before they had stopped.'));
  });
  if (lacking.length > 0) return doubts('all', lacking);
  if (late > LATE_SHARE_MAX * due) {
    const share = `${late} of ${counted(due, 'operation')} started over ${LATE_START_MS} ms late`;
    const most = `${100 * LATE_SHARE_MAX} %`;
    pauses.unshift(`The runner could not keep the schedule: ${share}, at most ${most} may.`);
  }
  return [...doubts('all', pauses), ...missing('all', cutOff)];
}

/** The longest time between two operations that were due, or from the last one to the cut. */
function longestPause(operations: Operations, rows: Uint32Array, cut_ms: number | null) {
  let before = operations.scheduled_ms.at(rows[0]!);
  let longest = { ms: 0, at_ms: before };
  const look = (due: number) => {
    if (due - before > longest.ms) longest = { ms: due - before, at_ms: before };
    before = due;
  };
  for (const row of rows) look(operations.scheduled_ms.at(row));
  look(cut_ms ?? before);
  return longest;
}

/** Whether the clients saw enough, of every store, to say how long the outage was. */
export function watchDoubts(watch: Watch): Doubt[] {
  return doubts('recovery', [...observationReasons(watch), ...storeReasons(watch)]);
}

/** A store that is not back, where its clients are too few to count beside the other's. */
function storeReasons({ plan, ledgers, rto, outages, ...watch }: Watch): string[] {
  const { started_ms, within_ms, name: what } = watch;
  if (ledgers.length === 1 || rto.value === null) return [];
  const from_ms = rto.value === 0 ? started_ms : (outages.at(-1)!.closed_ms ?? started_ms);
  const calm = { from_ms, to_ms: cutOfLedgers(ledgers) };
  return ledgers.flatMap(({ name, operations }) => {
    const { due, served } = servedIn(operations, calm, within_ms);
    if (served >= plan.sustain.capacity * due) return [];
    const when = rto.value === 0 ? `since ${what}` : 'after the outage';
    const share = `only ${served} of ${counted(due, 'operation')} were served ${when}`;
    const reason = `Service was not back: ${share}, too few to count beside the other store.`;
    return ofStore(name, reason);
  });
}

/** Clients that stopped too soon, or had been without service before. */
function observationReasons({ plan, ledgers, rto, outages, ...watch }: Watch): string[] {
  const { sustain, workload } = plan;
  const { started_ms, injected_ms, name: what } = watch;
  const reasons: string[] = [];
  const seen = cutOfLedgers(ledgers) - injected_ms;
  if (rto.value === 0 && seen < sustain.for_ms) {
    reasons.push(
      `The workload stopped ${formatDuration(Math.max(0, seen))} after ${what}, ` +
        `before ${formatDuration(sustain.for_ms)} of service could be seen.`,
    );
  }
  const early = outages.find(
    ({ opened_ms, closed_ms }) =>
      opened_ms < started_ms - workload.timeout_ms &&
      (closed_ms === null || closed_ms > started_ms),
  );
  if (early !== undefined) {
    const ms = formatDuration(started_ms - early.opened_ms);
    reasons.push(`Clients had been in an outage for ${ms} when ${what} began.`);
  }
  return reasons;
}

/** When the first of them stopped; Infinity: one never did. */
function cutOfLedgers(ledgers: readonly StoreLedger[]): number {
  const stops = ledgers.map(({ stop_ms }) => stop_ms);
  return stops.includes(null) ? Infinity : Math.min(...(stops as number[]));
}
