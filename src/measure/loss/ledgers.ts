// The ledgers of all stores, each with the clients that wrote it, for one slice of a run.
import type { StoreName } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { Ledger } from '../service/schedule-doubts.ts';
import { sliceOf } from '../failback/slices.ts';
import { nameOf } from './store-loss.ts';
import { stopOf, type Slice } from '../service/timeline.ts';

export interface StoreLedger extends Ledger {
  readonly store: StoreName;
  /** Names of nodes by their numbers. */
  readonly nodes: readonly string[];
}

/** Null when one of them cannot be read: a part of the clients is not all of them. */
export function ledgersOf(evidence: Evidence, slice: Slice): readonly StoreLedger[] | null {
  const { events, stores } = evidence;
  const ledgers = stores.flatMap((from): StoreLedger[] => {
    const { store, header } = from;
    const operations = sliceOf(events, from, slice);
    if (header === null || operations === null) return [];
    const stop_ms = stopOf(events, store, slice);
    const name = nameOf(store, evidence);
    return [{ store, name, operations, nodes: header.nodes, stop_ms }];
  });
  return ledgers.length < stores.length ? null : ledgers;
}
