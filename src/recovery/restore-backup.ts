// restore-backup: nothing runs in the recovery region. Its database is restored from the newest
// backup and all the log there is, the app is started on it, and the clients come.
import type { Procedure, RecoveryContext } from './procedure.ts';
import {
  DEADLINE,
  STARTED,
  fenceTheOldPrimary,
  redirectTheClients,
  restoreFrom,
  startTheApp,
} from './steps.ts';

export const restoreBackup: Procedure = {
  name: 'restore-backup',
  summary: 'fence the old primary, restore the newest backup and its log, start the app, redirect',
  settings: {
    instances: STARTED,
    deadline: DEADLINE,
  },
  steps: [
    fenceTheOldPrimary,
    { title: 'restore the database from its backup', run: restoreAll },
    startTheApp,
    redirectTheClients,
  ],
};

async function restoreAll(context: RecoveryContext): Promise<void> {
  await restoreFrom(context, { by: 'all' });
}
