// How many acknowledged writes were lost, in each store.
import type { Figures } from '../measurement.ts';
import { writeCount } from '../fields.ts';
import type { StoreRole } from '../stores.ts';
import { exactly, gate, unmeasured, type Claim } from './gate.ts';
import { lossIn, NOT_COUNTED, zeroLossObstacle } from './loss.ts';

export const lostWrites = gate({
  name: 'lost_writes',
  title: 'lost writes',
  unit: 'writes',
  bound: 'at most',
  target: writeCount().optional().describe('At most so many acknowledged writes lost.'),
  affectedBy: 'orders',
  measure: (figures) => claimOf('orders', figures),
});

export const redisLostWrites = gate({
  name: 'redis.lost_writes',
  title: 'lost Redis writes',
  unit: 'writes',
  bound: 'at most',
  target: writeCount().optional().describe('At most so many acknowledged cart writes lost.'),
  affectedBy: 'carts',
  measure: (figures) => claimOf('carts', figures),
});

function claimOf(store: StoreRole, figures: Figures): Claim {
  const loss = lossIn(figures, store);
  if (loss === null) return unmeasured(NOT_COUNTED);
  return { interval: exactly(loss.classes.lost), ...zeroLossObstacle(store, loss) };
}
