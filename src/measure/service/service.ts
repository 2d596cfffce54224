// When clients had no service. The engine asks this while a run goes on and the measurement at its
// end: there is one definition of "service is back".
import type { Operations } from '../../evidence/ledger/operation.ts';
import { ratesOf, type Plan } from '../../drill/plan/plan.ts';
import type { Outage } from '../../drill/measurement.ts';
import { Window, type ServiceContext } from './service-window.ts';

export type { ServiceContext };

export interface ServiceOutage extends Outage {
  /** When the operation that closed it was due. */
  readonly closing_due_ms: number | null;
}

export interface ServiceState {
  /** Since `from_ms`, in the order of their times. */
  readonly outages: readonly ServiceOutage[];
  /** Outages that lasted into the time since the disaster, or opened in it. */
  readonly sinceDisaster: readonly ServiceOutage[];
  /** There is no service now, or none that has lasted for `sustain.for` yet. */
  readonly isOut: boolean;
  /** An outage since the disaster has closed and none is open: service is back. */
  readonly isBack: boolean;
  /** Operations due before this time are all decided. */
  readonly observed_ms: number;
}

/** What the operations up to some time have decided for good, so that a later look begins there. */
export interface Settled {
  /** Operations due earlier take no part any more. */
  readonly from_ms: number;
  /** What was due before this was known when it was settled, and may not change. */
  readonly known_ms: number;
  /** Those that have closed. */
  readonly outages: readonly ServiceOutage[];
  /** The one that had not; null: there was none. */
  readonly open: Pick<ServiceOutage, 'opened_ms' | 'last_unserved_ms'> | null;
  /** When the last operation of each ledger before it was due; NaN: it had none. */
  readonly seen_ms: readonly number[];
}

/**
 * Finds the outages by the rules of recovery time. An operation whose fate is not known yet never
 * opens an outage and never closes one; the same holds for operations that are not due yet, and
 * for those that a ledger lacks while it grows, since their clients wait for DNS: the schedule of
 * each ledger is even, so that a gap in it tells how many they are.
 */
export function serviceState(operations: Operations, context: ServiceContext): ServiceState {
  const window = new Window(operations, context);
  return stateIn(window, context.disaster_ms, nothingSettled(context), window.observed_ms).state;
}

export function nothingSettled({ from_ms }: Pick<ServiceContext, 'from_ms'>): Settled {
  return { from_ms, known_ms: from_ms, outages: [], open: null, seen_ms: [] };
}

/**
 * The state by a window that begins where `before` ends, and what is settled by it. Outcomes of
 * what was due before `late_ms` have come.
 */
export function stateIn(
  window: Window,
  disaster_ms: number,
  before: Settled,
  late_ms: number,
): { readonly state: ServiceState; readonly settled: Settled } {
  const known_ms = Math.min(window.observed_ms, late_ms);
  const frontier = window.frontier(known_ms);
  const outages = [...before.outages];
  let { open } = before;
  let settled: Pick<Settled, 'outages' | 'open'> = before;
  let at = 0;
  for (;;) {
    const from = open === null ? window.find('opening', at) : 0;
    if (from < 0) break;
    const opened_ms = open?.opened_ms ?? window.due(from);
    const closing = window.find('closing', from);
    const lastUnserved = (to: number) =>
      window.lastUnserved(from, to) ?? open?.last_unserved_ms ?? null;
    outages.push({
      opened_ms,
      closed_ms: closing < 0 ? null : window.done(closing),
      last_unserved_ms: lastUnserved(closing < 0 ? window.size : closing),
      closing_due_ms: closing < 0 ? null : window.due(closing),
    });
    if (closing >= 0 && closing < frontier) settled = { outages: [...outages], open: null };
    else if (from < frontier) {
      const last_unserved_ms = lastUnserved(frontier);
      settled = { outages: outages.slice(0, -1), open: { opened_ms, last_unserved_ms } };
    }
    if (closing < 0) break;
    open = null;
    at = closing + 1;
  }
  const state = stateOf(outages, disaster_ms, window.observed_ms);
  if (frontier === 0) return { state, settled: before };
  const seen_ms = window.seenBefore(frontier);
  return {
    state,
    settled: {
      from_ms: window.due(frontier),
      known_ms,
      seen_ms,
      outages: settled.outages,
      open: settled.open,
    },
  };
}

function stateOf(
  outages: readonly ServiceOutage[],
  disaster_ms: number,
  observed_ms: number,
): ServiceState {
  const sinceDisaster = outages.filter(
    ({ closed_ms }) => closed_ms === null || closed_ms > disaster_ms,
  );
  const isOut = outages.at(-1)?.closed_ms === null;
  const isBack = !isOut && sinceDisaster.length > 0;
  return { outages, sinceDisaster, isOut, isBack, observed_ms };
}

/** The outages of a run that is over, by the rules of its plan. */
export function finalState(
  plan: Plan,
  operations: Operations,
  context: Omit<ServiceContext, 'sustain' | 'rates_per_s'>,
): ServiceState {
  const rules = { sustain: plan.sustain, rates_per_s: ratesOf(plan) };
  return serviceState(operations, { ...context, ...rules });
}
