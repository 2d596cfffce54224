// promote-standby: fence the old primary and prove the fence, make the standby the primary, move
// the clients, then give the app the size that the lost region had.
import { defineRecovery, PLAIN, USUAL } from './recovery.ts';
import { fence, promote, redirect, scale } from './steps.ts';

export const promoteStandby = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'fence the old primary, promote the standby, redirect the clients, scale the app',
  fits: ['warm-standby'],
  needs: ['kill', 'promotion', 'scale-app'],
  instances: 'app instances in the recovery region afterwards (default: as many as were lost)',
  steps: { fence, promote, redirect, scale },
});
