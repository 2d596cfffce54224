// ride-out: nothing is moved. Both regions go on alone until what parts them has healed, and then
// catch up; whether they hold the same afterwards is for the verification to say.
import { defineRecovery, PLAIN, type StepWords } from './recovery.ts';

const catchUp: StepWords = {
  title: 'let both regions catch up',
  phrase: ({ from, to }) => `let ${from} and ${to} catch up`,
};

export const rideOut = defineRecovery({
  ...PLAIN,
  summary: 'both regions go on alone until the fault has healed, and catch up',
  fits: ['active-active'],
  needs: ['bidirectional'],
  instances: null,
  deadline: 'regions that have not caught up so long after the disaster never will',
  leavesAlive: true,
  steps: { catchUp },
});
