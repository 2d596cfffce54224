// When clients had no service. The engine asks this while a run goes on and the measurement at its
// end: there is one definition of "service is back".
import { OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import { ratesOf, type Plan, type Sustain } from '../../drill/plan/plan.ts';
import type { Outage } from '../../drill/measurement.ts';
import { scheduleOf } from '../operations/schedule.ts';
import { isServed, type Steady } from './steady.ts';

export interface ServiceContext {
  /** Operations due earlier take no part. */
  readonly from_ms: number;
  /** The cut, when scheduling stopped, or what ended the run before it; null while it goes on. */
  readonly until_ms: number | null;
  /** The present, while operations are in flight; null: all have finished. */
  readonly now_ms: number | null;
  /** The start of the disaster. */
  readonly disaster_ms: number;
  readonly steady: Steady;
  readonly sustain: Sustain;
  /** Operations due each second, by the number of their ledger. */
  readonly rates_per_s: readonly number[];
}

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

/** A served operation closes an outage only when so many served ones follow it in a row. */
const SERVED_IN_A_ROW = 10;
/** An outcome can stay in the ledger's buffer for so long before somebody else sees it. */
const BUFFERED_MS = 250;
/** Room for binary fractions: 0.99 × 100 must not be more than 99. */
const ROUNDING = 1e-9;
/** A gap in the schedule is laid out in at most so many places. */
const GAP_PLACES_MAX = 10_000;

/**
 * Finds the outages by the rules of recovery time. An operation whose fate is not known yet never
 * opens an outage and never closes one; the same holds for operations that are not due yet, and
 * for those that a ledger lacks while it grows, since their clients wait for DNS: the schedule of
 * each ledger is even, so that a gap in it tells how many they are.
 */
export function serviceState(operations: Operations, context: ServiceContext): ServiceState {
  const window = new Window(operations, context);
  const outages: ServiceOutage[] = [];
  let at: number | null = 0;
  while (at !== null) {
    const opened: number | null = window.find('opening', at);
    if (opened === null) break;
    at = window.find('closing', opened);
    outages.push({
      opened_ms: window.due(opened),
      closed_ms: at === null ? null : window.done(at),
      last_unserved_ms: window.lastUnserved(at ?? window.size),
      closing_due_ms: at === null ? null : window.due(at),
    });
  }
  const { disaster_ms } = context;
  const sinceDisaster = outages.filter(
    ({ closed_ms }) => closed_ms === null || closed_ms > disaster_ms,
  );
  const isOut = outages.at(-1)?.closed_ms === null;
  const isBack = !isOut && sinceDisaster.length > 0;
  return { outages, sinceDisaster, isOut, isBack, observed_ms: window.observed_ms };
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

/** Operations by schedule, with running sums: a look at any `sustain.for` takes no loop. */
class Window {
  readonly size: number;
  readonly observed_ms: number;
  readonly #operations: Operations;
  readonly #context: ServiceContext;
  readonly #rows: Uint32Array;
  /** Served, and undecided, among the first n. */
  readonly #served: Uint32Array;
  readonly #undecided: Uint32Array;
  /** Due before the first n, and not in the ledger yet. */
  readonly #missing: Uint32Array;
  readonly #scheduledTo: number;
  /** The first operation that the disaster can have kept from being served in time. */
  readonly #touched: number;
  #end = 0;

  constructor(operations: Operations, context: ServiceContext) {
    const rows = scheduleOf(operations, context.from_ms, context.until_ms ?? Infinity);
    this.#operations = operations;
    this.#context = context;
    this.#rows = rows;
    this.size = rows.length;
    const touched_ms = context.disaster_ms - context.steady.within_ms;
    const isBefore = (row: number) => operations.scheduled_ms[row]! < touched_ms;
    this.#touched = rows.findLastIndex(isBefore) + 1;
    this.#served = new Uint32Array(rows.length + 1);
    this.#undecided = new Uint32Array(rows.length + 1);
    this.#missing = new Uint32Array(rows.length + 1);
    let observed = Infinity;
    let served = 0;
    let undecided = 0;
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at]!;
      if (isServed(operations, row, context.steady.within_ms)) {
        served++;
      } else if (isUndecided(operations, row, context)) {
        undecided++;
        observed = Math.min(observed, operations.scheduled_ms[row]!);
      }
      this.#served[at + 1] = served;
      // At the end of a run nothing is undecided, and memory that is never written is never taken.
      if (undecided > 0) this.#undecided[at + 1] = undecided;
    }
    const { gaps, scheduledTo } = this.#scheduleOfLedgers();
    this.#fillMissing(gaps);
    this.#scheduledTo = scheduledTo;
    this.observed_ms = Math.min(observed, scheduledTo, gaps[0]?.due_ms ?? Infinity);
  }

  /** What growing ledgers lack, in the order of schedule, and up to when all of them go. */
  #scheduleOfLedgers(): { readonly gaps: readonly Gap[]; readonly scheduledTo: number } {
    const { rates_per_s, now_ms, from_ms } = this.#context;
    const spacings = rates_per_s.map((rate) => 1000 / rate);
    const last = new Float64Array(spacings.length).fill(NaN);
    const gaps: Gap[] = [];
    for (let at = 0; at < this.size; at++) {
      const ledger = this.#operations.ledger[this.#rows[at]!]!;
      const due_ms = this.due(at);
      const before = last[ledger]!;
      last[ledger] = due_ms;
      if (now_ms === null) continue;
      const lacking = Math.round((due_ms - before) / spacings[ledger]!) - 1;
      if (lacking > 0) gaps.push(...gapsAfter(before, lacking, spacings[ledger]!));
    }
    const ends = last.map((due_ms, ledger) => due_ms + spacings[ledger]!);
    const scheduledTo = Math.min(...ends.map((end) => (Number.isNaN(end) ? from_ms : end)));
    return { gaps: gaps.sort((a, b) => a.due_ms - b.due_ms), scheduledTo };
  }

  #fillMissing(gaps: readonly Gap[]): void {
    if (gaps.length === 0) return;
    let missing = 0;
    let next = 0;
    for (let at = 0; at < this.size; at++) {
      for (; next < gaps.length && gaps[next]!.due_ms < this.due(at); next++) {
        missing += gaps[next]!.count;
      }
      this.#missing[at + 1] = missing;
    }
  }

  due(at: number): number {
    return this.#operations.scheduled_ms[this.#rows[at]!]!;
  }

  done(at: number): number {
    return this.#operations.done_ms[this.#rows[at]!]!;
  }

  /** The first operation that opens or closes an outage; null: there is none. */
  find(what: 'opening' | 'closing', from: number): number | null {
    for (let at = from; at < this.size; at++) {
      if (what === 'opening' ? this.#opens(at) : this.#closes(at)) return at;
    }
    return null;
  }

  /** When the last unserved one was due, after one has opened; waiting for DNS puts a send off. */
  lastUnserved(before: number): number {
    let at = before;
    while (!this.#isUnserved(at)) at--;
    return this.due(at);
  }

  /**
   * What the disaster did opens no outage before it, else one slow operation shortly before would
   * pass for one: of the operations after such a one, those that the disaster can have touched do
   * not count as unserved.
   */
  #opens(at: number): boolean {
    if (!this.#isUnserved(at)) return false;
    const { sustain, rates_per_s } = this.#context;
    const end = this.#endOf(at);
    const known = end - at + this.#missingIn(at, end);
    // Operations that are not due yet could all be served.
    const planned = rates_per_s.reduce((sum, rate) => sum + (rate * sustain.for_ms) / 1000, 0);
    const due = this.#isWhole(at) ? known : Math.max(known, planned);
    const until = at < this.#touched ? Math.min(end, this.#touched) : end;
    const unserved = until - at - this.#servedIn(at, until) - this.#undecidedIn(at, until);
    return due - unserved < sustain.success * due - ROUNDING;
  }

  #closes(at: number): boolean {
    const { sustain, steady } = this.#context;
    const inARow = this.#servedIn(at, at + 1 + SERVED_IN_A_ROW); // NaN: there are not so many
    if (inARow !== 1 + SERVED_IN_A_ROW) return false;
    const end = this.#endOf(at);
    if (!this.#isWhole(at)) return false;
    if (this.#undecidedIn(at, end) + this.#missingIn(at, end) > 0) return false;
    const served = this.#servedIn(at, end);
    const needed = (sustain.capacity * steady.served_per_s * sustain.for_ms) / 1000;
    return served >= sustain.success * (end - at) - ROUNDING && served >= needed - ROUNDING;
  }

  /** The first one due `sustain.for` or more after this. Callers go forward only. */
  #endOf(at: number): number {
    const until = this.due(at) + this.#context.sustain.for_ms;
    while (this.#end < this.size && this.due(this.#end) < until) this.#end++;
    return this.#end;
  }

  #isWhole(at: number): boolean {
    return this.due(at) + this.#context.sustain.for_ms <= this.#scheduledTo + ROUNDING;
  }

  #isUnserved(at: number): boolean {
    return this.#servedIn(at, at + 1) + this.#undecidedIn(at, at + 1) === 0;
  }

  #servedIn(from: number, to: number): number {
    return this.#served[to]! - this.#served[from]!;
  }

  #undecidedIn(from: number, to: number): number {
    return this.#undecided[to]! - this.#undecided[from]!;
  }

  /** Between the operations `from` and `to`, of which some may be due after the window. */
  #missingIn(from: number, to: number): number {
    return this.#missing[Math.min(to + 1, this.size)]! - this.#missing[from + 1]!;
  }
}

/** Operations that a ledger lacks. */
interface Gap {
  /** When the first of them was due. */
  readonly due_ms: number;
  readonly count: number;
}

/** `lacking` operations after the one that was due at `before`. */
function gapsAfter(before: number, lacking: number, spacing: number): Gap[] {
  const step = Math.ceil(lacking / GAP_PLACES_MAX);
  return Array.from({ length: Math.ceil(lacking / step) }, (_, place) => {
    const index = place * step;
    return { due_ms: before + (index + 1) * spacing, count: Math.min(step, lacking - index) };
  });
}

function isUndecided(operations: Operations, row: number, context: ServiceContext): boolean {
  const { now_ms, steady } = context;
  if (now_ms === null || operations.outcome[row] !== OUTCOME.unknown) return false;
  if (!Number.isNaN(operations.done_ms[row]!)) return false;
  return now_ms <= operations.scheduled_ms[row]! + steady.within_ms + BUFFERED_MS;
}
