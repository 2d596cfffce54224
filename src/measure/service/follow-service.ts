// Service while it is watched: what earlier looks have settled is not looked at again, so that a
// look costs what is new, however long the ledger has become.
import { mergeOperations, pickRows } from '../../evidence/ledger/operation-columns.ts';
import type { GrowingLedger } from '../../evidence/ledger/ledger-reader.ts';
import { withoutHarmed, type Harm } from '../operations/harm.ts';
import { BUFFERED_MS, Window, type ServiceContext } from './service-window.ts';
import { nothingSettled, stateIn, type ServiceState, type Settled } from './service.ts';

type WatchContext = Omit<ServiceContext, 'now_ms'> & {
  /** After so long an operation that was sent has its outcome. */
  readonly timeout_ms: number;
  readonly harm: Harm | null;
};

/** Says the same as `serviceState` of the whole ledgers, at each look. */
export class ServiceFollower {
  /** How many operations were looked at so far, some of them more than once. */
  looked = 0;
  readonly #context: WatchContext;
  #settled: Settled;
  /** The first row of each ledger that is not settled. */
  #first: number[] = [];

  constructor(context: WatchContext) {
    this.#context = context;
    this.#settled = nothingSettled(context);
  }

  look(ledgers: readonly GrowingLedger[], now_ms: number): ServiceState {
    const { disaster_ms, timeout_ms, harm } = this.#context;
    // What was settled was not: an outcome came later than any should.
    const changed_ms = Math.min(...ledgers.map((ledger) => ledger.changed_ms));
    if (changed_ms < this.#settled.known_ms) {
      this.#settled = nothingSettled(this.#context);
      this.#first = [];
    }
    const { from_ms, seen_ms } = this.#settled;
    const since = ledgers.map(({ operations }, ledger) => {
      const { count, scheduled_ms } = operations;
      let first = this.#first[ledger] ?? 0;
      while (first < count && scheduled_ms.at(first) < from_ms) first++;
      this.#first[ledger] = first;
      return pickRows(operations, count - first, (at) => first + at);
    });
    const operations = withoutHarmed(mergeOperations(since), harm);
    this.looked += operations.count;
    const window = new Window(operations, { ...this.#context, from_ms, now_ms }, seen_ms);
    const late_ms = now_ms - timeout_ms - BUFFERED_MS;
    const { state, settled } = stateIn(window, disaster_ms, this.#settled, late_ms);
    this.#settled = settled;
    return state;
  }
}
