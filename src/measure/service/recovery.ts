// The recovery time: outages, the interval in which the truth lies, and the phases.
import { regionOf } from '../../base/node-name.ts';
import { longestGap } from '../../base/ordered.ts';
import { hasDisaster } from '../../drill/plan/clock.ts';
import { ratesOf, storesOf, unseenMs, type Plan } from '../../drill/plan/plan.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import {
  acknowledgementsOf,
  eachOfClients,
  earliestOf,
  isOfClients,
} from '../operations/schedule.ts';
import { ceilGrain, floorGrain, roundGrain } from '../grain.ts';
import type { Interval, Outage, Recovery } from '../../drill/measurement.ts';
import { fromDeclaration, fromEffect } from './later-clocks.ts';
import { marksOf, phasesOf } from './phases.ts';
import { finalState, type ServiceOutage, type ServiceState } from './service.ts';
import { failedShare, servedShare, servedSince } from './shares.ts';
import { isServed, latencyP99, unservedIn, type Steady } from './steady.ts';
import { byFault } from './by-fault.ts';
import { steadyAgain } from './steady-again.ts';
import type { Disaster, Span, Timeline } from '../timeline.ts';
import { stalledAfter } from '../journal/stalls.ts';
import { faultSpread } from '../journal/witness.ts';

interface RecoveryInputs {
  readonly run: Timeline;
  /** Operations of all stores, as they count: those that harmed data answered are not served. */
  readonly operations: Operations;
  /** The same as clients saw them. */
  readonly asSeen: Operations;
  /** Names of nodes by their numbers, of each ledger. */
  readonly nodes: readonly (readonly string[])[];
  readonly disaster: Disaster;
  readonly steady: Steady;
  /** The steady phase. */
  readonly window: Span;
}

type RtoInputs = Pick<RecoveryInputs, 'operations' | 'steady'> & {
  readonly plan: Plan;
  readonly disaster: Pick<Disaster, 'started_ms' | 'injected_ms'>;
};

const NOTICED_GAPS = 3;
export const NOT_SEEN: Interval = { value: null, low: 0, high: null };

export function recoveryOf(inputs: RecoveryInputs): Omit<Recovery, 'causes'> {
  const { run, operations, disaster, steady, window } = inputs;
  const { plan } = run;
  const { started_ms } = disaster;
  const cut = run.cut();
  const { until_ms: cut_ms, now_ms } = run.sight();
  const span = { from_ms: window.from_ms, until_ms: cut_ms, now_ms, disaster_ms: started_ms };
  const service = finalState(plan, operations, { ...span, steady });
  const deadline_ms = started_ms + plan.recover.deadline_ms;
  // A workload that broke off saw no outage because it saw nothing.
  const hasOutage = service.sinceDisaster.length > 0;
  const isBlind = cut === null && !hasOutage;
  const isUnbroken = !hasOutage && !isBlind;
  const ends = { deadline_ms, healed_ms: healedAtTheEnd(run) };
  const close_ms = isBlind ? null : closeOf(service, ends, started_ms);
  const outages = hasOutage && close_ms === null ? lastOpen(service.outages) : service.outages;
  const rto = isBlind ? NOT_SEEN : rtoOf({ ...inputs, plan }, service, close_ms);
  const sustained = hasOutage ? close_ms : null;
  const marks = marksOf(run, disaster, { first_success: firstSuccess(inputs), sustained });
  const calm = { from_ms: close_ms ?? Infinity, to_ms: cut_ms };
  const watched = hasDisaster(plan) ? calm : { from_ms: started_ms, to_ms: cut_ms };
  const p99_after = latencyP99(operations, watched, plan.workload.timeout_ms);
  const since = servedSince(operations, disaster, cut_ms, steady);
  const unserved = unservedIn(since.during) + unservedIn(since.after);
  const gaps = gapsOf(inputs.asSeen, window, disaster, Math.min(cut_ms, service.observed_ms));
  const spread_ms = faultSpread(run, disaster);
  const stalled = stalledAfter(run, close_ms ?? Infinity);
  return {
    rto,
    ...fromDeclaration(marks.declared, service.sinceDisaster.at(-1), close_ms),
    ...fromEffect(disaster, service.sinceDisaster.at(-1), close_ms),
    downtime_ms: downtimeOf(outages),
    outages: outages.map(roundedOutage),
    ...disturbedBefore(outages.at(-1), disaster, steady),
    ...stoppedAfter(rto, now_ms, started_ms),
    marks: roundedMarks(marks),
    phases: hasDisaster(plan)
      ? phasesOf(marks, isUnbroken ? floorGrain(started_ms) : close_ms, plan.strategy)
      : [],
    steady: {
      served_per_s: roundGrain(steady.served_per_s),
      p99_ms: roundGrain(steady.p99_ms),
      within_ms: roundGrain(steady.within_ms),
    },
    longest_gap_ms: gaps,
    unserved,
    availability: cut === null ? null : servedShare(since),
    errors: cut === null ? null : failedShare(since),
    steady_again: hasDisaster(plan) ? null : steadyAgain(run, disaster, rto),
    ...(hasDisaster(plan) || cut === null
      ? {}
      : { by_fault: byFault(run, operations, watched, steady) }),
    is_unnoticed: isBlind ? null : isUnnoticed(rto.value, unserved, gaps),
    p99_after_ms: p99_after === null ? null : roundGrain(p99_after),
    ...(stalled === null ? {} : { stalled_after: stalled }),
    ...(spread_ms === null ? {} : { fault_spread_ms: spread_ms }),
  };
}

/**
 * When drill itself began to heal what was broken still: service that only came back with that was
 * not recovered. Infinity when it had nothing to heal.
 */
function healedAtTheEnd(run: Timeline): number {
  if (!run.all('fault.healed').some(({ by }) => by === 'end')) return Infinity;
  return run.all('phase.started').find(({ phase }) => phase === 'heal')?.t ?? Infinity;
}

/** When service was back for good, by itself and in time; the start: it never went away. */
function closeOf(
  service: ServiceState,
  { deadline_ms, healed_ms }: { readonly deadline_ms: number; readonly healed_ms: number },
  started_ms: number,
): number | null {
  const last = service.sinceDisaster.at(-1);
  if (last === undefined) return started_ms;
  const close_ms = last.closed_ms ?? Infinity;
  const isHealed = last.opened_ms < healed_ms && close_ms > healed_ms;
  return close_ms > deadline_ms || isHealed ? null : close_ms;
}

/** A close that does not count, since it came too late or by the last heal, is none. */
function lastOpen(outages: readonly ServiceOutage[]): ServiceOutage[] {
  return outages.map((one, at) => (at < outages.length - 1 ? one : { ...one, closed_ms: null }));
}

function unseenOf(plan: Plan): number {
  return unseenMs({ sustain: plan.sustain, rates_per_s: ratesOf(plan) });
}

/** `close_ms` null: service did not come back. */
export function rtoOf(
  inputs: RtoInputs,
  service: Pick<ServiceState, 'sinceDisaster'>,
  close_ms: number | null,
): Interval {
  const { disaster } = inputs;
  const last = service.sinceDisaster.at(-1);
  if (last === undefined) return { value: 0, low: 0, high: ceilGrain(unseenOf(inputs.plan)) };
  const unserved = last.last_unserved_ms ?? last.opened_ms;
  const low = Math.max(0, floorGrain(unserved) - ceilGrain(disaster.injected_ms));
  if (close_ms === null) return { value: null, low, high: null };
  const value = ceilGrain(close_ms) - floorGrain(disaster.started_ms);
  const back_ms = backEverywhere(inputs, last, close_ms);
  const high = back_ms === null ? null : ceilGrain(back_ms) - floorGrain(disaster.started_ms);
  return { value, low: Math.min(low, value), high: high === null ? null : Math.max(value, high) };
}

/**
 * When every store that had failed during an outage was seen to serve again: the one whose clients
 * ask less often may have come back after the operation that closed it. Null: one never was.
 */
function backEverywhere(
  { plan, operations, steady }: RtoInputs,
  { opened_ms, closing_due_ms }: ServiceOutage,
  close_ms: number,
): number | null {
  const stores = storesOf(plan);
  if (stores.length === 1) return close_ms;
  const failed = stores.map(() => -Infinity);
  eachOfClients(operations, opened_ms, closing_due_ms ?? Infinity, (row) => {
    if (isServed(operations, row, steady.within_ms)) return;
    const ledger = operations.ledger.at(row);
    failed[ledger] = Math.max(failed[ledger]!, operations.scheduled_ms.at(row));
  });
  const back = stores.map(() => ({ due_ms: Infinity, done_ms: Infinity }));
  eachOfClients(operations, opened_ms, Infinity, (row) => {
    const ledger = operations.ledger.at(row);
    const due_ms = operations.scheduled_ms.at(row);
    if (due_ms <= failed[ledger]!) return;
    if (due_ms >= back[ledger]!.due_ms || !isServed(operations, row, steady.within_ms)) return;
    back[ledger] = { due_ms, done_ms: operations.done_ms.at(row) };
  });
  const gone = back.filter((_, ledger) => failed[ledger] !== -Infinity);
  const last = Math.max(close_ms, ...gone.map(({ done_ms }) => done_ms));
  return last === Infinity ? null : last;
}

/** What was due earlier was late whatever the disaster did: its outage is not the disaster's. */
export function disturbedBefore(
  last: Outage | undefined,
  { started_ms }: Pick<Disaster, 'started_ms'>,
  { within_ms }: Steady,
): Pick<Recovery, 'disturbed_before_ms'> {
  if (last === undefined || last.closed_ms !== null) return {};
  const { opened_ms } = last;
  if (opened_ms >= started_ms - within_ms) return {};
  return { disturbed_before_ms: ceilGrain(started_ms) - floorGrain(opened_ms) };
}

/** Where nobody could see service come back any more: how long they had looked by then. */
export function stoppedAfter(
  { value }: Interval,
  now_ms: number | null,
  started_ms: number,
): Pick<Recovery, 'stopped_after_ms'> {
  if (value !== null || now_ms === null) return {};
  return { stopped_after_ms: roundGrain(Math.max(0, now_ms - started_ms)) };
}

/** The first reply of another region than the lost one since the disaster. */
function firstSuccess(inputs: RecoveryInputs): number | null {
  const { operations, nodes, disaster, steady } = inputs;
  const isOther = nodes.map((names) => names.map((name) => regionOf(name) !== disaster.region));
  const first = earliestOf(operations.done_ms, operations, (row) => {
    if (isOther[operations.ledger.at(row)]![operations.node.at(row)] !== true) return false;
    if (!isOfClients(operations, row, disaster.started_ms, Infinity)) return false;
    return isServed(operations, row, steady.within_ms);
  });
  return first === null ? null : operations.done_ms.at(first);
}

function downtimeOf(outages: readonly Outage[]): number | null {
  let sum = 0;
  for (const { opened_ms, closed_ms } of outages) {
    if (closed_ms === null) return null;
    sum += ceilGrain(closed_ms) - floorGrain(opened_ms);
  }
  return sum;
}

function gapsOf(
  operations: Operations,
  steady: Span,
  { started_ms }: Disaster,
  cut_ms: number,
): { readonly steady: number | null; readonly after: number } {
  const times = acknowledgementsOf(operations, steady.from_ms);
  const steadyGap = longestGap(times, steady.from_ms, steady.to_ms);
  const after = longestGap(times, started_ms, cut_ms) ?? Math.max(0, cut_ms - started_ms);
  return {
    steady: steadyGap === null ? null : roundGrain(steadyGap),
    after: roundGrain(after),
  };
}

function isUnnoticed(
  rto_ms: number | null,
  unserved: number,
  gaps: ReturnType<typeof gapsOf>,
): boolean | null {
  if (rto_ms === null || rto_ms > 0 || unserved > 0) return false;
  if (gaps.steady === null) return null;
  return gaps.after <= NOTICED_GAPS * gaps.steady;
}

export function roundedOutage(outage: Outage): Outage {
  const { opened_ms, closed_ms, last_unserved_ms } = outage;
  return {
    opened_ms: floorGrain(opened_ms),
    closed_ms: closed_ms === null ? null : ceilGrain(closed_ms),
    last_unserved_ms: last_unserved_ms === null ? null : floorGrain(last_unserved_ms),
  };
}

function roundedMarks(marks: Recovery['marks']): Recovery['marks'] {
  const entries = Object.entries(marks).map(([name, ms]) => {
    return [name, ms === null ? null : name === 'sustained' ? ceilGrain(ms) : floorGrain(ms)];
  });
  return Object.fromEntries(entries) as Recovery['marks'];
}
