// switch-over: service moves to the other region on purpose, without loss. The primary ends in an
// orderly way, which it does only when its standby has everything; afterwards it follows the new
// one.
import { defineRecovery, PLAIN, type StepWords } from './recovery.ts';
import { promote, redirect, scale } from './steps.ts';

const stop: StepWords = {
  title: 'stop the primary in an orderly way',
  isFinal: true,
  phrase: ({ from }) => `stop ${from}/postgres in an orderly way`,
};
const follow: StepWords = {
  title: 'make the old primary follow',
  isFinal: true,
  phrase: ({ from, to }) => `make ${from}/postgres follow ${to}`,
};

export const switchOver = defineRecovery({
  ...PLAIN,
  summary: 'stop the primary in an orderly way, promote the standby, redirect, follow it back',
  fits: ['warm-standby', 'pilot-light'],
  needs: ['promotion', 'scale-app', 'rebuild'],
  instances: 'app instances in the other region (default: as many as serve now)',
  deadline: 'service that is not back so long after the beginning counts as never recovered',
  leavesAlive: true,
  // The app is scaled before the pause, since nobody is served meanwhile.
  steps: { scale, stop, promote, redirect, follow },
});
