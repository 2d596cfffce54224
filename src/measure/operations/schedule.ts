// The operations of clients in the order in which they were due, whatever order the ledger has them
// in, and the longest time without an acknowledgement: a pause too short for an outage still shows.
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
  const { scheduled_ms, kind, writer, sequence } = operations;
  const rows: number[] = [];
  for (let row = 0; row < operations.count; row++) {
    if (isOfClients(operations, row, from_ms, until_ms)) rows.push(row);
  }
  // The sort of an array skips what is in order already, as nearly all of a ledger is.
  rows.sort(
    (a, b) =>
      scheduled_ms[a]! - scheduled_ms[b]! ||
      kind[a]! - kind[b]! ||
      writer[a]! - writer[b]! ||
      sequence[a]! - sequence[b]!,
  );
  return Uint32Array.from(rows);
}

/** When clients' operations were acknowledged, ascending; of writes only on request. */
export function acknowledgementsOf(
  operations: Operations,
  from_ms: number,
  { onlyWrites = false } = {},
): Float64Array {
  const times = new Float64Array(operations.count);
  let count = 0;
  for (let row = 0; row < operations.count; row++) {
    if (operations.outcome[row] !== OUTCOME.acknowledged) continue;
    if (onlyWrites && operations.kind[row] === OPERATION_KIND.read) continue;
    if (isOfClients(operations, row, from_ms, Infinity)) times[count++] = operations.done_ms[row]!;
  }
  return times.subarray(0, count).sort();
}

/** The longest gap in [from, to], whose edges count too. Null: no acknowledgement in it. */
export function longestGap(times: Float64Array, from_ms: number, to_ms: number): number | null {
  let before = from_ms;
  let longest: number | null = null;
  for (const time of times) {
    if (time < from_ms || time > to_ms) continue;
    longest = Math.max(longest ?? 0, time - before);
    before = time;
  }
  return longest === null ? null : Math.max(longest, to_ms - before);
}
