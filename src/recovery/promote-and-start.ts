// promote-and-start: what a pilot light needs to become a service. The app does not run in the
// recovery region; it is started while the replica is promoted, at full size, before the clients
// come.
import { allDone } from '../base/all-done.ts';
import type { Procedure } from './procedure.ts';
import {
  DEADLINE,
  STARTED,
  fenceTheOldPrimary,
  promote,
  redirectTheClients,
  scaleApp,
} from './steps.ts';

export const promoteAndStart: Procedure = {
  name: 'promote-and-start',
  summary: 'fence the old primary, promote the replica and start the app, redirect the clients',
  settings: {
    instances: STARTED,
    deadline: DEADLINE,
  },
  steps: [
    fenceTheOldPrimary,
    {
      title: 'promote the replica, start the app',
      run: async (context) => {
        await allDone([promote(context), scaleApp(context)]);
      },
    },
    redirectTheClients,
  ],
};
