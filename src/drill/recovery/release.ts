// release: somebody takes the requirement of a synchronous standby that is gone back, so that
// writes go on unprotected; once the standby follows again, commits wait for it again.
import { requireAgain, UNPROTECTED } from './steps.ts';
import { defineRecovery, type StepWords } from './recovery.ts';

const release: StepWords = {
  title: 'release commits from the standby',
  phrase: ({ from, to }) => `have commits of ${from}/postgres wait for ${to} no more`,
};

export const releaseStandby = defineRecovery({
  ...UNPROTECTED,
  summary: 'commits wait for a lost standby no more, until it follows again (disaster: none, sync)',
  steps: { release, requireAgain },
});
