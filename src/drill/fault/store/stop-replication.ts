// stop-replication: the standby of one store follows no more. Links and servers are well, and
// nobody is told; what is lost from now on nobody else has.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, roleOf, storeNode, storeSetting } from './store.ts';

export const stopReplication = defineFault({
  ...ON_STORE,
  summary: 'the standby of PostgreSQL or Redis follows its primary no more; both run on',
  proof: 'The primary is asked who follows it: nobody.',
  target: 'standby',
  settings: { store: storeSetting },
  ends: 'It follows again after so long. Default: after the recovery.',
  holds: ({ node }) => `the replication of ${node}`,
  plan: ({ store }, around) => storeNode('standby', around, roleOf(store)),
  // Commits that wait for it stand still.
  effect: () => ({ ...NO_EFFECT, service: 'degraded' }),
  needs: () => ['replication', 'disturb-stores'],
  store: ({ store }) => roleOf(store),
  phrase: ({ node }) => `${node} follows its primary no more`,
});
