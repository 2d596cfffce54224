// pause-replay: the standby receives everything and applies nothing of it. Whoever promotes it
// waits until it has; whoever reads from it reads the past.
import { defineFault, NO_EFFECT } from '../fault.ts';
import { ON_STORE, storeNode } from './store.ts';

export const pauseReplay = defineFault({
  ...ON_STORE,
  summary: 'the standby of PostgreSQL receives the log and applies nothing of it',
  proof: 'A write to the primary arrives at the standby and stays unapplied.',
  target: 'standby',
  settings: {},
  ends: 'It applies what it has after so long. Default: after the recovery.',
  holds: ({ node }) => `the replay of ${node}`,
  plan: (_, around) => storeNode('standby', around),
  effect: () => NO_EFFECT,
  needs: () => ['replication', 'disturb-stores'],
  store: () => 'orders',
  phrase: ({ node }) => `${node} receives the log and applies nothing of it`,
});
