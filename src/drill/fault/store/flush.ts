// flush: somebody empties Redis (FLUSHALL). The replica has it at once; nothing stops, and every
// cart is gone.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

export const flush = defineFault({
  ...ON_STORE,
  summary: 'somebody empties Redis by mistake: every cart is gone, on the replica too',
  proof: 'What was written just before is gone.',
  target: 'primary',
  settings: {},
  ends: null,
  plan: (_, around) => storeNode('primary', around, 'carts'),
  effect: () => ({ ...NO_EFFECT, heals: false }),
  needs: () => ['disturb-stores'],
  store: () => 'carts',
  phrase: ({ node }) => `${node} is emptied by mistake`,
});
