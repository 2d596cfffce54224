// redirect-clients: the other region serves already, so nothing is promoted. The lost one is shut
// out, the clients that it had go to the one that is left, and that one grows if it must.
import { defineRecovery, PLAIN, USUAL } from './recovery.ts';
import { fence, redirect, scale } from './steps.ts';

export const redirectClients = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'fence the lost region, send its clients to the one that serves already',
  fits: ['active-active'],
  needs: ['kill', 'bidirectional', 'scale-app'],
  instances: 'app instances in the region that is left (default: as it has)',
  steps: { fence: { ...fence, title: 'fence the lost region' }, redirect, scale },
});
