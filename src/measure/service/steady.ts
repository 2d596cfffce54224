// The healthy state before the fault: how fast the service answers and how much it serves. What
// counts as served afterwards is derived from it.
import { nthSmallest, type Each } from '../../base/ordered.ts';
import { OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import type { Sustain } from '../../drill/plan/plan.ts';
import { eachIn, eachOfClients } from '../operations/schedule.ts';
import type { Span } from '../timeline.ts';

export interface Steady {
  /** Operations due in the steady phase. */
  readonly due: number;
  readonly served: number;
  readonly served_per_s: number;
  /** The p99 latency of acknowledged operations. */
  readonly p99_ms: number;
  /** An operation that is acknowledged within this time of when it was due is served. */
  readonly within_ms: number;
}

const WITHIN_P99S = 10;
const WITHIN_AT_LEAST_MS = 100;

/**
 * The steady state in [from, to), or null when nothing was acknowledged in it. `hit_ms` is when the
 * first fault came after it: what had no answer then says nothing of the state before.
 */
export function steadyOf(
  operations: Operations,
  window: Span,
  { sustain, timeout_ms }: { readonly sustain: Sustain; readonly timeout_ms: number },
  hit_ms = Infinity,
): Steady | null {
  const p99_ms = latencyP99(operations, window);
  if (p99_ms === null) return null;
  const derived = Math.min(timeout_ms, Math.max(WITHIN_AT_LEAST_MS, WITHIN_P99S * p99_ms));
  const within_ms = sustain.within_ms ?? derived;
  const { due, served, decided } = steadyIn(operations, window, within_ms, hit_ms);
  // Of those that the fault did not let end as many would have been served as of the others.
  const share = decided === 0 ? 0 : served / decided;
  const served_per_s = (1000 * share * due) / (window.to_ms - window.from_ms);
  return { due, served, served_per_s, p99_ms, within_ms };
}

/** `decided` leaves out those that were neither answered nor late when the first fault came. */
export function steadyIn(
  operations: Operations,
  window: Span,
  within_ms: number,
  hit_ms: number,
): { readonly due: number; readonly served: number; readonly decided: number } {
  const { due, served } = servedIn(operations, window, within_ms);
  let underWay = 0;
  eachOfClients(operations, window.from_ms, window.to_ms, (row) => {
    if (isServed(operations, row, within_ms)) return;
    const hasEnded = operations.done_ms.at(row) <= hit_ms;
    const isUnsent = operations.outcome.at(row) === OUTCOME.unsent;
    if (hasEnded || isUnsent) return;
    if (operations.scheduled_ms.at(row) + within_ms > hit_ms) underWay++;
  });
  return { due, served, decided: due - underWay };
}

/** Clients' operations that were due in [from, to), and how many of them were served. */
export function servedIn(
  operations: Operations,
  span: Span,
  within_ms: number,
): { readonly due: number; readonly served: number } {
  const { due, served } = answeredIn(operations, span, within_ms);
  return { due, served };
}

/** The same, and how many were acknowledged at all. */
export function answeredIn(operations: Operations, { from_ms, to_ms }: Span, within_ms: number) {
  let due = 0;
  let served = 0;
  let acknowledged = 0;
  eachOfClients(operations, from_ms, to_ms, (row) => {
    due++;
    if (isServed(operations, row, within_ms)) served++;
    if (operations.outcome.at(row) === OUTCOME.acknowledged) acknowledged++;
  });
  return { due, served, acknowledged };
}

export function unservedIn({ due, served }: ReturnType<typeof servedIn>): number {
  return due - served;
}

/** The time from due to reply: who waits for DNS or a turn waits for the service. */
function latencyOf(operations: Operations, row: number): number {
  return operations.done_ms.at(row) - operations.scheduled_ms.at(row);
}

export function isServed(operations: Operations, row: number, within_ms: number): boolean {
  if (operations.outcome.at(row) !== OUTCOME.acknowledged) return false;
  return latencyOf(operations, row) <= within_ms;
}

/**
 * The 99th percentile (nearest rank) of the latencies of clients' operations that were due in the
 * window and acknowledged; null without any. The others are left out, or count with `otherwise_ms`.
 */
export function latencyP99(
  operations: Operations,
  window: Span | readonly Span[],
  otherwise_ms: number | null = null,
): number | null {
  const isAcknowledged = (row: number) => operations.outcome.at(row) === OUTCOME.acknowledged;
  const each: Each = (visit) => {
    eachIn(operations, [window].flat(), (row) => {
      if (isAcknowledged(row)) visit(latencyOf(operations, row));
      else if (otherwise_ms !== null) visit(otherwise_ms);
    });
  };
  return nthSmallest(each, (count) => Math.ceil(0.99 * count));
}
