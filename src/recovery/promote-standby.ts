// promote-standby: fence the old primary and prove the fence, make the standby the primary, move
// the clients, then give the app the size that the lost region had.
import type { Procedure } from './procedure.ts';
import { DEADLINE, fenceTheOldPrimary, promote, redirectTheClients, scaleApp } from './steps.ts';

export const promoteStandby: Procedure = {
  name: 'promote-standby',
  summary: 'fence the old primary, promote the standby, redirect the clients, scale the app',
  settings: {
    instances: 'app instances in the recovery region afterwards (default: as many as were lost)',
    deadline: DEADLINE,
  },
  steps: [
    fenceTheOldPrimary,
    { title: 'promote the standby', run: promote },
    redirectTheClients,
    { title: 'scale the app', run: scaleApp },
  ],
};
