// The ledgers of all stores, each with the clients that wrote it, for one slice of a run.
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { sliceOf } from './slices.ts';
import { stopOf, type Slice } from '../timeline.ts';

/** The operations of one store. */
export interface StoreLedger {
  readonly store: StoreRole;
  /** As it is called in reasons; null where it is the only one. */
  readonly name: StoreRole | null;
  readonly operations: Operations;
  /** When their scheduling stopped; null: it never did. */
  readonly stop_ms: number | null;
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

/** Null for the only store, which needs no name. */
export function nameOf(store: StoreRole, { stores }: Pick<Evidence, 'stores'>): StoreRole | null {
  return stores.length === 1 ? null : store;
}
