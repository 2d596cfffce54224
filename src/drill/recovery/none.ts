// none: nobody does anything. The faults end by themselves or stay, and the steady state has to
// come back: what a drill without a disaster is to show.
import { STRATEGIES } from '../names.ts';
import { defineRecovery, PLAIN } from './recovery.ts';

export const none = defineRecovery({
  ...PLAIN,
  summary: 'nothing is done: the steady state comes back by itself (disaster: none)',
  fits: STRATEGIES,
  needs: [],
  instances: null,
  deadline: 'service that is not back so long after the first fault never came back',
  leavesAlive: true,
  withoutDisaster: true,
  steps: {},
});
