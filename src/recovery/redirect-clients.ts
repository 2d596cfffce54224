// redirect-clients: the other region serves already, so nothing is promoted. The lost one is shut
// out, the clients that it had go to the one that is left, and that one grows if it must.
import type { Procedure } from './procedure.ts';
import { DEADLINE, fenceTheOldPrimary, redirectTheClients, scaleApp } from './steps.ts';

export const redirectClients: Procedure = {
  name: 'redirect-clients',
  summary: 'fence the lost region, send its clients to the one that serves already',
  settings: {
    instances: 'app instances in the region that is left (default: as it has)',
    deadline: DEADLINE,
  },
  steps: [
    { ...fenceTheOldPrimary, title: 'fence the lost region' },
    redirectTheClients,
    { title: 'scale the app', run: scaleApp },
  ],
};
