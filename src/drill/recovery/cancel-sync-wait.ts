// cancel-sync-wait: somebody cancels every wait of a commit for a synchronous standby that is gone.
// Clients are answered with a warning; once the standby follows again, nothing is cancelled.
import { requireAgain, UNPROTECTED } from './steps.ts';
import { defineRecovery, type StepWords } from './recovery.ts';

const cancel: StepWords = {
  title: 'cancel the waits for the standby',
  phrase: ({ from, to }) => `cancel each wait of a commit of ${from}/postgres for ${to}`,
};

export const cancelSyncWait = defineRecovery({
  ...UNPROTECTED,
  summary: 'waits for a lost standby are cancelled, until it follows again (disaster: none, sync)',
  steps: { cancel, requireAgain },
});
