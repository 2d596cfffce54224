// What the old primary's own disk says: what exists only there must be lost or unknown, and what is
// lost must be there.
import { OUTCOME } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import type { Classified } from './classify.ts';
import type { SecondOpinion } from '../../drill/measurement.ts';

/**
 * Null without a reading of the old disk. `lost` are the rows that the old side had acknowledged.
 */
export function secondOpinionOf(
  operations: Operations,
  { present, unexpected, oldPrimary }: Classified,
  lost: readonly number[],
): SecondOpinion | null {
  if (oldPrimary === null) return null;
  const servingUnexpected = new Set(unexpected.map(keyOf));
  const onlyUnexpected = oldPrimary.unexpected.filter((id) => !servingUnexpected.has(keyOf(id)));
  let only_old = onlyUnexpected.length;
  let unexplained = onlyUnexpected.length;
  for (let row = 0; row < operations.count; row++) {
    if (oldPrimary.copies[row] === 0 || present[row]! > 0) continue;
    only_old++;
    const outcome = operations.outcome[row];
    if (outcome !== OUTCOME.acknowledged && outcome !== OUTCOME.unknown) unexplained++;
  }
  const never_durable = lost.filter((row) => oldPrimary.copies[row] === 0).length;
  return { only_old, agrees: unexplained === 0, unexplained, never_durable };
}

function keyOf({ writer, sequence }: { writer: number; sequence: number }): string {
  return `${writer}-${sequence}`;
}
