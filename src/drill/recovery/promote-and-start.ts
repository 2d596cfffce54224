// promote-and-start: what a pilot light needs to become a service. The app does not run in the
// recovery region; it is started while the replica is promoted, at full size, before the clients
// come.
import { defineRecovery, PLAIN, STARTED, USUAL, type StepWords } from './recovery.ts';
import { fence, promote, redirect, start } from './steps.ts';

const promoteAndStartApp: StepWords = {
  title: 'promote the replica, start the app',
  phrase: (names) => `${promote.phrase(names, {})}; meanwhile ${start.phrase(names, {})}`,
};

export const promoteAndStart = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'fence the old primary, promote the replica and start the app, redirect the clients',
  fits: ['pilot-light'],
  needs: ['kill', 'promotion', 'scale-app'],
  instances: STARTED,
  steps: { fence, promoteAndStartApp, redirect },
});
