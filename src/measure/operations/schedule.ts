// The operations of clients in the order in which they were due, whatever order the ledger has them
// in, and when they were acknowledged: a pause too short for an outage still shows.
import type { Numbers, RowSpan } from '../../base/column.ts';
import { sortRuns, type EachWithin } from '../../base/ordered.ts';
import { OPERATION_KIND, OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import type { Span } from '../timeline.ts';

/** Whether clients, not the seed or a marker, were due to do it in [from, until). */
export function isOfClients(
  { kind, scheduled_ms }: Operations,
  row: number,
  from_ms: number,
  until_ms: number,
): boolean {
  const due = scheduled_ms.at(row);
  return due >= from_ms && due < until_ms && isDoneByClients({ kind }, row);
}

/** The same, whenever it was due. */
export function isDoneByClients({ kind }: Pick<Operations, 'kind'>, row: number): boolean {
  const what = kind.at(row);
  return what !== OPERATION_KIND.seed && what !== OPERATION_KIND.marker;
}

/**
 * Ranges of rows beyond which no time is in [from, until). Columns may have grown since: what came
 * after the operations is none of theirs.
 */
export function* spansOf(
  { count }: Operations,
  times_ms: Numbers,
  from_ms: number,
  until_ms: number,
): Iterable<RowSpan> {
  for (const [first, end] of times_ms.spans(from_ms, until_ms)) yield [first, Math.min(end, count)];
}

/** The first row of those that are so and have the least time; null: none is so. */
export function earliestOf(
  times_ms: Numbers,
  operations: Operations,
  is: (row: number) => boolean,
): number | null {
  const { count } = operations;
  let found = 0;
  while (found < count && !is(found)) found++;
  if (found === count) return null;
  for (const [first, end] of spansOf(operations, times_ms, -Infinity, times_ms.at(found))) {
    for (let row = first; row < end; row++) {
      if (times_ms.at(row) < times_ms.at(found) && is(row)) found = row;
    }
  }
  return found;
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
  for (const [first, end] of spansOf(operations, operations.scheduled_ms, from_ms, until_ms)) {
    for (let row = first; row < end; row++) {
      if (isOfClients(operations, row, from_ms, until_ms)) visit(row);
    }
  }
}

/** The same, in each of several spans that do not overlap. */
export function eachIn(
  operations: Operations,
  spans: readonly Span[],
  visit: (row: number) => void,
): void {
  for (const { from_ms, to_ms } of spans) eachOfClients(operations, from_ms, to_ms, visit);
}

/** Rows that clients were due to do in [from, until), in the order of schedule and id. */
export function scheduleOf(
  operations: Operations,
  from_ms: number,
  until_ms = Infinity,
): Uint32Array {
  const { scheduled_ms, kind, writer, sequence } = operations;
  // Pages that are never touched take no memory.
  const room = new Uint32Array(operations.count);
  let count = 0;
  eachOfClients(operations, from_ms, until_ms, (row) => (room[count++] = row));
  const rows = room.subarray(0, count);
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
): EachWithin {
  const { outcome, kind, done_ms } = operations;
  return (visit, low, high) => {
    // A little more than asked for, since the upper end of a span is left out.
    for (const [first, end] of spansOf(operations, done_ms, low, high + 1)) {
      for (let row = first; row < end; row++) {
        if (outcome.at(row) !== OUTCOME.acknowledged) continue;
        if (onlyWrites && kind.at(row) === OPERATION_KIND.read) continue;
        if (isOfClients(operations, row, from_ms, Infinity)) visit(done_ms.at(row));
      }
    }
  };
}
