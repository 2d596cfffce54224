// Whether the rows that the databases are to have of their own fit the times that the file states.
import { formatDuration, writeSize } from '../../base/units.ts';
import type { Drill } from '../file/schema.ts';
import { deadlineMs } from '../plan/deadline.ts';
import { STRATEGY_FACTS } from '../plan/strategies.ts';
import { rule, warning, type Problem } from './rule.ts';

const SIZE = ['topology', 'data'];
/** The fastest of three base backups that were measured, of 100 and 200 MB on two busy cores. */
const BACKUP_BYTES_PER_S = 70e6;
/** Assumed, not measured: no disk of one machine copies and checks faster. */
const RESTORE_BYTES_PER_S = 2e9;

export const dataRules = [
  rule('backups-have-pauses', ['topology'], backupsHavePauses),
  rule('restore-fits-deadline', ['topology', 'recover', 'targets.rto'], restoreFitsDeadline),
];

/** What a base backup takes from clients would be in every number. */
function backupsHavePauses({ topology }: Drill): Problem[] {
  const { data, strategy, backup } = topology;
  if (data === undefined || !STRATEGY_FACTS[strategy].hasBackups) return [];
  const every = backup?.every ?? 10_000;
  const takes = (1_000 * data) / BACKUP_BYTES_PER_S;
  if (every >= 2 * takes) return [];
  const message =
    `a base backup of ${writeSize(data)} takes some ${formatDuration(takes)}, and one is due ` +
    `every ${formatDuration(every)}: clients are measured beside it; every: 10m leaves them alone`;
  return [warning([['topology', 'backup', 'every'], SIZE], message)];
}

function restoreFitsDeadline(drill: Drill): Problem[] {
  const { data, strategy } = drill.topology;
  if (data === undefined || !STRATEGY_FACTS[strategy].hasBackups) return [];
  const least = (1_000 * data) / RESTORE_BYTES_PER_S;
  const deadline = deadlineMs(drill);
  if (deadline >= least) return [];
  const message =
    `a restore of ${writeSize(data)} takes ${formatDuration(least)} on the fastest of disks, and ` +
    `the recovery is given up after ${formatDuration(deadline)}`;
  return [warning([['recover', 'deadline'], SIZE], message)];
}
