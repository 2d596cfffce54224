// cancel-sync-wait: somebody cancels the waits of commits for a standby that is gone. Clients go
// on, and what they are told was kept stands on one server alone.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

export const cancelSyncWait = defineFault({
  ...ON_STORE,
  summary: 'waits of commits for the synchronous standby are cancelled: they stand unprotected',
  proof: 'A commit comes back with the server’s warning, while the standby has not got it.',
  target: 'primary',
  settings: {},
  ends: 'Commits wait again after so long. Default: after the recovery.',
  holds: ({ node }) => `the cancelled waits of ${node}`,
  plan: (_, around) => storeNode('primary', around),
  effect: () => ({ ...NO_EFFECT, service: 'degraded' }),
  needs: () => ['replication', 'disturb-stores'],
  store: () => 'orders',
  phrase: ({ node }) => `commits of ${node} that wait for the standby are cancelled`,
});
