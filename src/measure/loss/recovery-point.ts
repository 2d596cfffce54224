// How far back in time acknowledged data was lost.
import { OPERATION_KIND, OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { ceilGrain, floorGrain } from '../grain.ts';
import type { Interval } from '../../drill/measurement.ts';
import type { Disaster } from '../timeline.ts';

/**
 * From the acknowledgement of the oldest lost write to the fault, or to the newest lost one if that
 * came later. Its upper bound reaches back to the newest survivor acknowledged before the oldest
 * lost write; where nothing older survived, to the first send of all, since there was no data
 * before it. `lost` are rows; 0 without any.
 */
export function recoveryPointOf(
  operations: Operations,
  lost: readonly number[],
  survived: (row: number) => boolean,
  disaster: Disaster,
): Interval {
  if (lost.length === 0) return { value: 0, low: 0, high: 0 };
  const { count, kind, outcome, sent_ms, done_ms } = operations;
  let oldest = Infinity;
  let newest = -Infinity;
  for (const row of lost) {
    oldest = Math.min(oldest, done_ms[row]!);
    newest = Math.max(newest, done_ms[row]!);
  }
  let firstSend = Infinity;
  let lastSurvivor = -Infinity;
  for (let row = 0; row < count; row++) {
    if (kind[row] === OPERATION_KIND.read) continue;
    if (sent_ms[row]! < firstSend) firstSend = sent_ms[row]!;
    if (outcome[row] !== OUTCOME.acknowledged || done_ms[row]! >= oldest) continue;
    if (survived(row)) lastSurvivor = Math.max(lastSurvivor, done_ms[row]!);
  }
  const value = ceilGrain(Math.max(disaster.started_ms, newest)) - floorGrain(oldest);
  const back = lastSurvivor === -Infinity ? firstSend : lastSurvivor;
  const high = ceilGrain(Math.max(disaster.injected_ms, newest)) - floorGrain(back);
  return { value, low: value, high: Math.max(value, high) };
}
