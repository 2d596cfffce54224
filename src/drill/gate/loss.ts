// What all gates on the loss of one store share.
import { ZERO_LOSS_WRITES_MIN, type Figures, type Loss } from '../measurement.ts';
import { STORES, type StoreRole } from '../stores.ts';
import type { Claim } from './gate.ts';

export const NOT_COUNTED = 'What survived was not counted.';

/** Null where what survived in the store was not counted. */
export function lossIn({ stores }: Figures, store: StoreRole): Loss | null {
  return stores.find((one) => one.store === store)?.loss ?? null;
}

/** Acknowledged writes that were not there when they had to be. */
export function countLost({ classes }: Loss): number {
  return classes.lost + classes.late;
}

/** No loss proves nothing where there was hardly anything to lose. */
export function zeroLossObstacle(store: StoreRole, loss: Loss): Pick<Claim, 'obstacle' | 'needs'> {
  if (Number.isNaN(countLost(loss))) return { obstacle: NOT_COUNTED };
  if (countLost(loss) > 0 || loss.acknowledged_before >= ZERO_LOSS_WRITES_MIN) {
    return { obstacle: null };
  }
  const { writes, rateKey } = STORES[store];
  const needs = { key: rateKey, rate_per_s: ZERO_LOSS_WRITES_MIN };
  const obstacle =
    `Nothing was lost, but only ${loss.acknowledged_before} ${writes} were acknowledged just ` +
    `before the disaster; ${ZERO_LOSS_WRITES_MIN} are needed to say so. ` +
    `Set ${needs.key} to ${needs.rate_per_s} writes a second or more.`;
  return { obstacle, needs };
}
