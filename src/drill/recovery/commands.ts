// commands: a system of the user's own that is failed over by commands, which stand in
// `recover.steps`; drill times each and sees for itself who takes writes.
import { OWN_SYSTEM } from '../names.ts';
import { defineRecovery, PLAIN, USUAL } from './recovery.ts';

export const commands = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'your commands fail a system of your own over: recover.steps (runtime: attached)',
  fits: [OWN_SYSTEM],
  needs: ['own-failover'],
  instances: null,
  leavesAlive: true,
  steps: {},
});
