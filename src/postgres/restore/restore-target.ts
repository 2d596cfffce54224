// How and up to where a database is restored: as PostgreSQL's settings, as words, and which base
// backups can get there.
import type { RestoreTarget } from '../../evidence/restore.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { parseLsn } from '../server/lsn.ts';
import type { Settings } from '../server/settings.ts';
import type { BackupFacts } from '../repository/layout.ts';

export function targetSettings(target: RestoreTarget): Settings {
  if (target.by === 'all') return {};
  if (target.by === 'name') return { recovery_target_name: target.name };
  if (target.by === 'transaction') {
    return { recovery_target_xid: target.xid, recovery_target_inclusive: 'off' };
  }
  const recovery_target_inclusive = target.inclusive ? 'on' : 'off';
  if (target.by === 'lsn') return { recovery_target_lsn: target.lsn, recovery_target_inclusive };
  // While it reads its settings the server knows no names of time zones, `Z` among them.
  const recovery_target_time = target.time.replace(/Z$/i, '+00');
  return { recovery_target_time, recovery_target_inclusive };
}

/**
 * Nothing of it reaches the repository, and it waits for nobody whom the lost primary waited for.
 */
const ALONE: Settings = {
  archive_mode: 'off',
  archive_command: '',
  synchronous_standby_names: '',
  primary_conninfo: '',
  primary_slot_name: '',
};

/**
 * The settings of a server that replays the log in `wal`, besides its target. `get`: a shell's
 * words that put `%f` of it at `%p`, where it is not to be copied.
 */
export function recoverySettings(wal: string, get: string | null = null): Settings {
  return {
    ...ALONE,
    restore_command: restoreCommand(wal, get),
    recovery_target_timeline: 'current',
    recovery_target_action: 'promote',
  };
}

/**
 * Quick where there is no such file, since it is asked for some that never are there. Codes above
 * 125 end the recovery: log that is there and cannot be read is not the end of the log.
 */
export function restoreCommand(wal: string, get: string | null): string {
  const place = inShell(wal);
  const file = `'${place}/%f'`;
  const absent = `{ test -r '${place}' || exit 126; exit 1; }`;
  return `test -f ${file} || ${absent}; ${get ?? `cp ${file} '%p'`} || exit 126`;
}

/** For single quotes of a shell, in a setting in which `%` has a meaning. */
export function inShell(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll('%', '%%');
}

/** `the time 2026-11-05T10:00:00Z`, `just before 0/174B340`. */
export function describeTarget(target: RestoreTarget): string {
  if (target.by === 'all') return 'the end of the log';
  if (target.by === 'name') return `the restore point "${target.name}"`;
  if (target.by === 'transaction') return `just before transaction ${target.xid}`;
  const point = target.by === 'time' ? `the time ${target.time}` : `the position ${target.lsn}`;
  return target.inclusive ? point : `just before ${point}`;
}

/**
 * The backups from which the target can be reached, the best one (with the least to replay) first.
 * Throws when there is none, and says why. Where a restore point lies no backup knows: all of them
 * may do.
 */
export function backupsFor(
  target: RestoreTarget,
  backups: readonly BackupFacts[],
): readonly BackupFacts[] {
  const [oldest] = backups;
  const what = describeTarget(target);
  if (oldest === undefined) {
    throw new OperationFailed({ what, expected: 'a base backup in the storage', found: 'none' });
  }
  const able = backups.filter((backup) => endedBefore(backup, target));
  if (able.length > 0) return able.toReversed();
  const { name, end_lsn, taken_at } = oldest;
  const end = target.by === 'time' ? taken_at : end_lsn;
  const backup = `the end of the oldest base backup (${name}, ${end})`;
  throw new OperationFailed(
    { what, expected: `it after ${backup}`, found: 'it before' },
    { words: `${what} cannot be restored: it lies before ${backup}` },
  );
}

function endedBefore({ end_lsn, taken_at }: BackupFacts, target: RestoreTarget): boolean {
  if (target.by === 'lsn' || target.by === 'transaction')
    return parseLsn(end_lsn) <= parseLsn(target.lsn);
  if (target.by !== 'time') return true;
  const time = Date.parse(target.time);
  if (Number.isNaN(time)) throw new Error(`expected a time in ISO form, found "${target.time}"`);
  return Date.parse(taken_at) <= time;
}
