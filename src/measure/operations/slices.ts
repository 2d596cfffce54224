// The operations of the drill itself and those of the failback after it: one ledger holds both, and
// what clients sent after the first count takes no part in it.
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import { pickRows } from '../../evidence/ledger/operation-columns.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { Slice, Timeline } from '../timeline.ts';

/** Some rows of a ledger. */
export interface Selection {
  readonly operations: Operations;
  /** Their numbers in the whole ledger, ascending. */
  readonly rows: Uint32Array;
}

/** The rows that are wanted, in their order. */
export function selectRows(whole: Operations, isWanted: (row: number) => boolean): Selection {
  const rows = new Uint32Array(whole.count);
  let count = 0;
  for (let row = 0; row < whole.count; row++) if (isWanted(row)) rows[count++] = row;
  if (count === whole.count) return { operations: whole, rows };
  const operations = pickRows(whole, count, (at) => rows[at]!);
  return { operations, rows: rows.subarray(0, count) };
}

/** What a store's clients were due to do in one slice: all of it, where they began only once. */
export function sliceOf(
  run: Timeline,
  { store, operations }: StoreEvidence,
  slice: Slice,
): Operations | null {
  if (operations === null) return null;
  const from_ms = run.resume(store)?.scheduled_from_ms ?? Infinity;
  if (from_ms === Infinity && slice === 'drill') return operations;
  const isWanted = (row: number) =>
    operations.scheduled_ms.at(row) >= from_ms === (slice === 'failback');
  return selectRows(operations, isWanted).operations;
}

/** The evidence with the operations of one slice only. */
export function ofSlice(evidence: Evidence, run: Timeline, slice: Slice): Evidence {
  const stores = evidence.stores.map((store) => {
    return { ...store, operations: sliceOf(run, store, slice) };
  });
  return { ...evidence, stores };
}

/** The operations of one store. */
export interface StoreLedger {
  readonly store: StoreRole;
  /** Its name in reasons; null where it is the only one. */
  readonly name: StoreRole | null;
  readonly operations: Operations;
  /** When their scheduling stopped; null: it never did. */
  readonly stop_ms: number | null;
  /** Names of nodes by their numbers. */
  readonly nodes: readonly string[];
}

/** Null when one of them cannot be read: a part of the clients is not all of them. */
export function ledgersOf(
  evidence: Evidence,
  run: Timeline,
  slice: Slice,
): readonly StoreLedger[] | null {
  const ledgers = evidence.stores.flatMap((from): StoreLedger[] => {
    const { store, header } = from;
    const operations = sliceOf(run, from, slice);
    if (header === null || operations === null) return [];
    const name = nameOf(store, evidence);
    return [{ store, name, operations, nodes: header.nodes, stop_ms: run.stop(store, slice) }];
  });
  return ledgers.length < evidence.stores.length ? null : ledgers;
}

/** Null for the only store, which needs no name. */
export function nameOf(store: StoreRole, { stores }: Pick<Evidence, 'stores'>): StoreRole | null {
  return stores.length === 1 ? null : store;
}
