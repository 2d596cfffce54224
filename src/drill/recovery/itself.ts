// itself: nobody recovers anything. The system fails over by its own means, and drill watches every
// server of it until another one takes writes.
import { OWN_SYSTEM } from '../names.ts';
import { defineRecovery, PLAIN, USUAL } from './recovery.ts';

export const itself = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'a system of your own fails over by itself; drill only watches (runtime: attached)',
  fits: [OWN_SYSTEM],
  needs: ['own-failover'],
  instances: null,
  leavesAlive: true,
  steps: {
    failover: {
      title: 'the system fails over',
      phrase: ({ from }) => `wait until a server outside ${from} takes writes`,
    },
  },
});
