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
  const due = scheduled_ms.at(row);
  if (due < from_ms || due >= until_ms) return false;
  return kind.at(row) !== OPERATION_KIND.seed && kind.at(row) !== OPERATION_KIND.marker;
}

/** How many rows are so. */
export function countRows({ count }: Operations, is: (row: number) => boolean): number {
  let found = 0;
  for (let row = 0; row < count; row++) if (is(row)) found++;
  return found;
}

/** Visits the rows that clients were due to do in [from, until). */
export function eachOfClients(
  operations: Operations,
  from_ms: number,
  until_ms: number,
  visit: (row: number) => void,
): void {
  for (const [first, end] of operations.scheduled_ms.spans(from_ms, until_ms)) {
    for (let row = first; row < end && row < operations.count; row++) {
      if (isOfClients(operations, row, from_ms, until_ms)) visit(row);
    }
  }
}

/** Rows that clients were due to do in [from, until), in the order of schedule and id. */
export function scheduleOf(
  operations: Operations,
  from_ms: number,
  until_ms = Infinity,
): Uint32Array {
  const { scheduled_ms, kind, writer, sequence } = operations;
  let count = 0;
  eachOfClients(operations, from_ms, until_ms, () => count++);
  const rows = new Uint32Array(count);
  let at = 0;
  eachOfClients(operations, from_ms, until_ms, (row) => (rows[at++] = row));
  sortRuns(
    rows,
    (a, b) =>
      scheduled_ms.at(a) - scheduled_ms.at(b) ||
      kind.at(a) - kind.at(b) ||
      writer.at(a) - writer.at(b) ||
      sequence.at(a) - sequence.at(b),
  );
  return rows;
}

/** When clients' operations that were due since `from_ms` were acknowledged; or only writes. */
export function acknowledgementsOf(
  operations: Operations,
  from_ms: number,
  { onlyWrites = false } = {},
): Each {
  const { outcome, kind, done_ms } = operations;
  return (visit) => {
    eachOfClients(operations, from_ms, Infinity, (row) => {
      if (outcome.at(row) !== OUTCOME.acknowledged) return;
      if (onlyWrites && kind.at(row) === OPERATION_KIND.read) return;
      visit(done_ms.at(row));
    });
  };
}
