// The longest time in which clients got no acknowledgement at all: a pause too short to count as an
// outage still shows.
import { OPERATION_KIND, OUTCOME, type Operations } from '../../evidence/ledger/operation.ts';
import { isOfClients } from './schedule.ts';

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

/**
 * The longest gap in [from, to]; its edges count as acknowledgements. Null when nothing was
 * acknowledged in it.
 */
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
