// The operations of clients in the order in which they were due, whatever order the ledger has them
// in, and when they were acknowledged: a pause too short for an outage still shows.
import { sortRuns, type Each } from '../../base/ordered.ts';
import { OPERATION_KIND, OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';

/** Whether clients, not the seed or a marker, were due to do it in [from, until). */
export function isOfClients(
  { kind, scheduled_ms }: Operations,
  row: number,
  from_ms: number,
  until_ms: number,
): boolean {
  const due = scheduled_ms[row]!;
  if (due < from_ms || due >= until_ms) return false;
  return kind[row] !== OPERATION_KIND.seed && kind[row] !== OPERATION_KIND.marker;
}

/** How many rows are so. */
export function countRows({ count }: Operations, is: (row: number) => boolean): number {
  let found = 0;
  for (let row = 0; row < count; row++) if (is(row)) found++;
  return found;
}

/** Rows that clients were due to do in [from, until), in the order of schedule and id. */
export function scheduleOf(
  operations: Operations,
  from_ms: number,
  until_ms = Infinity,
): Uint32Array {
  const { count, scheduled_ms, kind, writer, sequence } = operations;
  const isDue = (row: number) => isOfClients(operations, row, from_ms, until_ms);
  const rows = new Uint32Array(countRows(operations, isDue));
  let at = 0;
  for (let row = 0; row < count; row++) if (isDue(row)) rows[at++] = row;
  sortRuns(
    rows,
    (a, b) =>
      scheduled_ms[a]! - scheduled_ms[b]! ||
      kind[a]! - kind[b]! ||
      writer[a]! - writer[b]! ||
      sequence[a]! - sequence[b]!,
  );
  return rows;
}

/** When clients' operations that were due since `from_ms` were acknowledged; or only writes. */
export function acknowledgementsOf(
  operations: Operations,
  from_ms: number,
  { onlyWrites = false } = {},
): Each {
  const { count, outcome, kind, done_ms } = operations;
  return (visit) => {
    for (let row = 0; row < count; row++) {
      if (outcome[row] !== OUTCOME.acknowledged) continue;
      if (onlyWrites && kind[row] === OPERATION_KIND.read) continue;
      if (isOfClients(operations, row, from_ms, Infinity)) visit(done_ms[row]!);
    }
  };
}
