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

/** Rows that clients were due to do in [from, until), in the order of schedule and id. */
export function scheduleOf(
  operations: Operations,
  from_ms: number,
  until_ms = Infinity,
): Uint32Array {
  const rows = new Uint32Array(operations.count);
  let found = 0;
  for (let row = 0; row < operations.count; row++) {
    if (isOfClients(operations, row, from_ms, until_ms)) rows[found++] = row;
  }
  return sorted(rows.subarray(0, found), operations);
}

/** A merge sort that skips what is in order already, as nearly all of a ledger is. */
function sorted(rows: Uint32Array, operations: Operations): Uint32Array {
  let from = rows;
  let to: Uint32Array | null = null;
  for (let width = 1; width < rows.length; width *= 2) {
    if (isInOrder(from, operations)) return from;
    to ??= new Uint32Array(rows.length);
    for (let start = 0; start < rows.length; start += 2 * width) {
      merge(from, to, start, Math.min(start + width, rows.length), width, operations);
    }
    [from, to] = [to, from];
  }
  return from;
}

function isInOrder(rows: Uint32Array, operations: Operations): boolean {
  for (let at = 1; at < rows.length; at++) {
    if (isBefore(rows[at]!, rows[at - 1]!, operations)) return false;
  }
  return true;
}

function merge(
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  width: number,
  operations: Operations,
): void {
  const end = Math.min(middle + width, from.length);
  if (middle >= end || !isBefore(from[middle]!, from[middle - 1]!, operations)) {
    to.set(from.subarray(start, end), start);
    return;
  }
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takeRight =
      left >= middle || (right < end && isBefore(from[right]!, from[left]!, operations));
    to[at] = takeRight ? from[right++]! : from[left++]!;
  }
}

function isBefore(a: number, b: number, { scheduled_ms, kind, writer, sequence }: Operations) {
  const difference =
    scheduled_ms[a]! - scheduled_ms[b]! ||
    kind[a]! - kind[b]! ||
    writer[a]! - writer[b]! ||
    sequence[a]! - sequence[b]!;
  return difference < 0;
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
  let longest = 0;
  let count = 0;
  for (const time of times) {
    if (time < from_ms || time > to_ms) continue;
    longest = Math.max(longest, time - before);
    before = time;
    count++;
  }
  return count === 0 ? null : Math.max(longest, to_ms - before);
}
