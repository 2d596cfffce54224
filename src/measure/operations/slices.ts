// The operations of the drill itself and those of the failback after it: one ledger holds both, and
// what clients sent after the cut takes no part in the first count.
import type { Evidence, StoreEvidence } from '../../evidence/evidence.ts';
import { allocateColumns } from '../../evidence/ledger/operation-columns.ts';
import type { Columns } from '../../evidence/ledger/operation-columns.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { resumeOf, type Slice } from '../timeline.ts';

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
  const columns = allocateColumns(count);
  for (const name of Object.keys(columns) as (keyof Columns)[]) {
    const from = whole[name];
    const to = columns[name];
    for (let at = 0; at < count; at++) to[at] = from[rows[at]!]!;
  }
  return { operations: { count, ...columns }, rows: rows.subarray(0, count) };
}

/** What a store's clients were due to do in one slice: all of it, where they began only once. */
export function sliceOf(
  events: readonly RunEvent[],
  { store, operations }: Pick<StoreEvidence, 'store' | 'operations'>,
  slice: Slice,
): Operations | null {
  if (operations === null) return null;
  const from_ms = resumeOf(events, store)?.scheduled_from_ms ?? Infinity;
  if (from_ms === Infinity && slice === 'drill') return operations;
  const isWanted = (row: number) =>
    operations.scheduled_ms[row]! >= from_ms === (slice === 'failback');
  return selectRows(operations, isWanted).operations;
}

/** The evidence with the operations of one slice only. */
export function evidenceOfSlice(evidence: Evidence, slice: Slice): Evidence {
  const stores = evidence.stores.map((store) => {
    return { ...store, operations: sliceOf(evidence.events, store, slice) };
  });
  return { ...evidence, stores };
}
