// exhaust-connections: somebody takes every free connection of the database, as a leak elsewhere
// does. Who has one keeps it; who asks for a new one is refused.
import { whole } from '../../fields.ts';
import { count } from '../../planned.ts';
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

export const exhaustConnections = defineFault({
  ...ON_STORE,
  summary: 'all free connections of the database are taken; who asks for a new one is refused',
  proof: 'A new client is refused for want of a connection.',
  target: 'primary',
  settings: {
    leaves: whole(0, 50)
      .default(0)
      .describe('So many stay free. What is reserved for superusers is never taken.'),
  },
  planned: { ...ON_STORE.planned, leaves: count },
  ends: 'They are free again after so long. Default: after the recovery.',
  holds: ({ node }) => `the connections of ${node}`,
  plan: ({ leaves }, around) => ({ ...storeNode('primary', around), leaves }),
  effect: () => ({ ...NO_EFFECT, service: 'degraded' }),
  needs: () => ['disturb-stores'],
  store: () => 'orders',
  phrase: ({ node, leaves }) => `the free connections of ${node} are taken, ${leaves} are left`,
  words: ({ node, leaves }) => [`${node} ${leaves}`],
});
