// How far back in time acknowledged writes were lost, in each store.
import { duration } from '../fields.ts';
import type { Figures } from '../measurement.ts';
import type { StoreRole } from '../stores.ts';
import { gate, unmeasured, type Claim } from './gate.ts';
import { countLost, lossIn, NOT_COUNTED, zeroLossObstacle } from './loss.ts';

export const rpo = gate({
  name: 'rpo',
  title: 'RPO',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '24h')
    .optional()
    .describe('Recovery point objective: acknowledged writes lost span at most this time.'),
  affectedBy: 'orders',
  measure: (figures, target) => claimOf('orders', figures, target),
});

export const redisRpo = gate({
  name: 'redis.rpo',
  title: 'Redis RPO',
  unit: 'ms',
  bound: 'at most',
  target: duration('0s', '24h')
    .optional()
    .describe('Acknowledged cart writes lost span at most this time.'),
  affectedBy: 'carts',
  measure: (figures, target) => claimOf('carts', figures, target),
});

function claimOf(store: StoreRole, figures: Figures, target: number): Claim {
  const loss = lossIn(figures, store);
  if (loss === null) return unmeasured(NOT_COUNTED);
  const isMissed = target === 0 && countLost(loss) > 0;
  return { interval: loss.rpo, ...zeroLossObstacle(store, loss), isMissed };
}
