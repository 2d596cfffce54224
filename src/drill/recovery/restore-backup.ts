// restore-backup: nothing runs in the recovery region. Its database is restored from the newest
// backup and all the log there is, the app is started on it, and the clients come.
import { defineRecovery, PLAIN, STARTED, USUAL, type StepWords } from './recovery.ts';
import { fence, redirect, start } from './steps.ts';

const restore: StepWords = {
  title: 'restore the database from its backup',
  isFinal: true,
  phrase: ({ to }) => `restore ${to}/postgres from its newest backup`,
};

export const restoreBackup = defineRecovery({
  ...USUAL,
  ...PLAIN,
  summary: 'fence the old primary, restore the newest backup and its log, start the app, redirect',
  fits: ['backup-restore'],
  needs: ['kill', 'backups', 'scale-app'],
  instances: STARTED,
  steps: { fence, restore, start, redirect },
});
