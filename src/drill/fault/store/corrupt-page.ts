// corrupt-page: a disk or a controller turns a few bytes over in the page that the next orders go
// to. Its checksum does not hold any more: whoever writes there, or reads it, gets an error. It is
// in no log, so the second region does not have it; and no health check meets it.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

export const corruptPage = defineFault({
  ...ON_STORE,
  summary: 'a page of the primary’s orders is damaged on its disk; no health check meets it',
  proof:
    'A client reads every order and is told that the page is damaged, and the server counts it.',
  target: 'primary',
  settings: {},
  ends: null,
  plan: (_, around) => storeNode('primary', around),
  effect: () => ({ ...NO_EFFECT, service: 'lost', heals: false }),
  needs: () => ['disturb-stores'],
  store: () => 'orders',
  phrase: ({ node }) => `a page of the orders of ${node} is damaged on its disk`,
});
