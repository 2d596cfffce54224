// restore-backup: nothing runs in the recovery region. Its database is restored from the newest
// backup and all the log there is, the app is started on it, and the clients come.
import type { Runs } from './procedure.ts';
import { fence, redirect, restoreFrom, scale } from './steps.ts';

export const restoreBackup: Runs<'restore-backup'> = {
  fence,
  restore: async (context) => await restoreFrom(context, { by: 'all' }),
  start: scale,
  redirect,
};
