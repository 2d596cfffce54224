// lock-table: a session locks the orders and keeps the lock, as a forgotten migration does. The
// server is well for whoever asks it, and every write waits.
import * as z from 'zod';
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

const mode = z.enum(['access-exclusive', 'exclusive']);

export const lockTable = defineFault({
  ...ON_STORE,
  summary: 'a session locks the table of orders and keeps the lock: every write waits',
  proof: 'A write of a client waits, and a read waits too, or does not, as `mode` says.',
  target: 'primary',
  settings: {
    mode: mode
      .default('access-exclusive')
      .describe('access-exclusive: reads wait as well. exclusive: only writes do.'),
  },
  planned: { ...ON_STORE.planned, mode },
  ends: 'The lock is given up after so long. Default: after the recovery.',
  holds: ({ node }) => `the lock in ${node}`,
  plan: ({ mode }, around) => ({ ...storeNode('primary', around), mode }),
  effect: () => ({ ...NO_EFFECT, service: 'degraded' }),
  needs: () => ['disturb-stores'],
  store: () => 'orders',
  phrase: ({ node, mode }) => `the orders in ${node} are locked (${mode})`,
  words: ({ node, mode }) => [`${node} ${mode}`],
});
