// promote-and-start: what a pilot light needs to become a service. The app does not run in the
// recovery region; it is started while the replica is promoted, at full size, before the clients
// come.
import { allDone } from '../base/all-done.ts';
import type { Runs } from './procedure.ts';
import { fence, promote, redirect, scale } from './steps.ts';

export const promoteAndStart: Runs<'promote-and-start'> = {
  fence,
  promoteAndStartApp: async (context) => {
    await allDone([promote(context), scale(context)]);
  },
  redirect,
};
