// The operations that service is judged by, in the order of their schedule: which of them opens an
// outage, and which closes it.
import { RankedBits } from '../../base/ranked-bits.ts';
import type { Sustain } from '../../drill/plan/plan.ts';
import { OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
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

/** A served operation closes an outage only when so many served ones follow it in a row. */
const SERVED_IN_A_ROW = 10;
/** An outcome can stay in the ledger's buffer for so long before somebody else sees it. */
export const BUFFERED_MS = 250;
/** Room for binary fractions: 0.99 × 100 must not be more than 99. */
const ROUNDING = 1e-9;
/** A gap in the schedule is laid out in at most so many places. */
const GAP_PLACES_MAX = 10_000;

/** Operations by schedule, with running sums: a look at any `sustain.for` takes no loop. */
export class Window {
  readonly size: number;
  readonly observed_ms: number;
  readonly #operations: Operations;
  readonly #context: ServiceContext;
  readonly #seen_ms: readonly number[];
  readonly #rows: Uint32Array;
  /** Served, and undecided, among the first n. */
  readonly #served: RankedBits;
  readonly #undecided: RankedBits;
  /** Due before the first n, and not in the ledger yet; null: none is. */
  readonly #missing: Uint32Array | null;
  readonly #scheduledTo: number;
  /** The first operation that the disaster can have kept from being served in time. */
  readonly #touched: number;
  #end = 0;

  /** `seen_ms`: when the last operation of each ledger before the window was due. */
  constructor(operations: Operations, context: ServiceContext, seen_ms: readonly number[] = []) {
    const rows = scheduleOf(operations, context.from_ms, context.until_ms ?? Infinity);
    this.#operations = operations;
    this.#context = context;
    this.#seen_ms = seen_ms;
    this.#rows = rows;
    this.size = rows.length;
    const touched_ms = context.disaster_ms - context.steady.within_ms;
    const isBefore = (row: number) => operations.scheduled_ms.at(row) < touched_ms;
    this.#touched = rows.findLastIndex(isBefore) + 1;
    this.#served = new RankedBits(rows.length);
    this.#undecided = new RankedBits(rows.length);
    let observed = Infinity;
    for (const row of rows) {
      const served = isServed(operations, row, context.steady.within_ms);
      const undecided = !served && isUndecided(operations, row, context);
      if (undecided) observed = Math.min(observed, operations.scheduled_ms.at(row));
      this.#served.push(served);
      this.#undecided.push(undecided);
    }
    const { gaps, scheduledTo } = this.#scheduleOfLedgers();
    this.#missing = this.#missingOf(gaps);
    this.#scheduledTo = scheduledTo;
    this.observed_ms = Math.min(observed, scheduledTo, gaps[0]?.due_ms ?? Infinity);
  }

  /** What growing ledgers lack, in the order of schedule, and up to when all of them go. */
  #scheduleOfLedgers() {
    const { rates_per_s, now_ms, from_ms } = this.#context;
    const spacings = rates_per_s.map((rate) => 1000 / rate);
    const last = spacings.map((_, ledger) => this.#seen_ms[ledger] ?? NaN);
    const gaps: Gap[] = [];
    for (let at = 0; at < this.size; at++) {
      const ledger = this.#operations.ledger.at(this.#rows[at]!);
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

  #missingOf(gaps: readonly Gap[]): Uint32Array | null {
    if (gaps.length === 0) return null;
    const sums = new Uint32Array(this.size + 1);
    let missing = 0;
    let next = 0;
    for (let at = 0; at < this.size; at++) {
      for (; next < gaps.length && gaps[next]!.due_ms < this.due(at); next++) {
        missing += gaps[next]!.count;
      }
      sums[at + 1] = missing;
    }
    return sums;
  }

  /**
   * How many operations are settled for good, where all that were due before `known_ms` are there
   * and decided: whatever they are judged by was due before that too.
   */
  frontier(known_ms: number): number {
    let known = this.size;
    while (known > 0 && this.due(known - 1) >= known_ms) known--;
    let at = known - 1 - SERVED_IN_A_ROW;
    if (at <= 0) return 0;
    const { for_ms } = this.#context.sustain;
    const last_ms = this.due(known - 1);
    while (at > 0 && this.due(at - 1) + for_ms > last_ms) at--;
    // Of those that were due at one time all are on one side.
    while (at > 0 && this.due(at - 1) === this.due(at)) at--;
    return at;
  }

  /** When the last operation of each ledger among the first `count` was due; NaN: none is known. */
  seenBefore(count: number): readonly number[] {
    const { rates_per_s } = this.#context;
    const seen = rates_per_s.map((_, ledger) => this.#seen_ms[ledger] ?? NaN);
    for (let at = 0; at < count; at++) {
      seen[this.#operations.ledger.at(this.#rows[at]!)] = this.due(at);
    }
    return seen;
  }

  due(at: number): number {
    return this.#operations.scheduled_ms.at(this.#rows[at]!);
  }

  done(at: number): number {
    return this.#operations.done_ms.at(this.#rows[at]!);
  }

  /** The first operation that opens or closes an outage; -1: there is none. */
  find(what: 'opening' | 'closing', from: number): number {
    for (let at = from; at < this.size; at++) {
      if (what === 'opening' ? this.#opens(at) : this.#closes(at)) return at;
    }
    return -1;
  }

  /** When the last unserved one in [from, to) was due; waiting for DNS puts a send off. */
  lastUnserved(from: number, to: number): number | null {
    for (let at = to - 1; at >= from; at--) if (this.#isUnserved(at)) return this.due(at);
    return null;
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
    const row = at + 1 + SERVED_IN_A_ROW;
    if (row > this.size || this.#servedIn(at, row) !== 1 + SERVED_IN_A_ROW) return false;
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
    return this.#served.rank(to) - this.#served.rank(from);
  }

  #undecidedIn(from: number, to: number): number {
    return this.#undecided.rank(to) - this.#undecided.rank(from);
  }

  /** Between the operations `from` and `to`, of which some may be due after the window. */
  #missingIn(from: number, to: number): number {
    const sums = this.#missing;
    return sums === null ? 0 : sums[Math.min(to + 1, this.size)]! - sums[from + 1]!;
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
  if (now_ms === null || operations.outcome.at(row) !== OUTCOME.unknown) return false;
  if (!Number.isNaN(operations.done_ms.at(row))) return false;
  return now_ms <= operations.scheduled_ms.at(row) + steady.within_ms + BUFFERED_MS;
}
