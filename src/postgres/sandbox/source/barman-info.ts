// What Barman's `backup.info` says of a backup: lines of `key=value`.
import type { BackupRange } from '../../backup/backup-manifest.ts';

export interface BarmanBackup {
  /** `20261130T020000` */
  readonly id: string;
  readonly status: string;
  /** Null where it is not known. */
  readonly system: string | null;
  readonly range: BackupRange | null;
  /** In milliseconds; null: it has not ended. */
  readonly ended_ms: number | null;
  /** `rsync-concurrent`, `postgres`, `snapshot-gcp` */
  readonly mode: string;
  readonly hasTablespaces: boolean;
}

/** All files of these are there. */
const COPIED = ['DONE', 'WAITING_FOR_WALS'];

export function parseBackupInfo(id: string, text: string): BarmanBackup {
  const lines = text.split('\n').map((line) => /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line));
  const values = new Map(lines.flatMap((line) => (line === null ? [] : [[line[1]!, line[2]!]])));
  const valueOf = (key: string) => {
    const value = values.get(key);
    return value === undefined || value === 'None' || value === '' ? null : value;
  };
  const [timeline, lsn, end_lsn] = ['timeline', 'begin_xlog', 'end_xlog'].map(valueOf);
  const isWhole = timeline && lsn && end_lsn;
  return {
    id,
    status: valueOf('status') ?? 'EMPTY',
    system: valueOf('systemid'),
    range: isWhole ? { timeline: Number(timeline), lsn, end_lsn } : null,
    ended_ms: timeOf(valueOf('end_time')),
    mode: valueOf('mode') ?? 'unknown',
    hasTablespaces: valueOf('tablespaces') !== null,
  };
}

/** `2026-11-30 02:00:05.123456+00:00` */
function timeOf(text: string | null): number | null {
  const time = Date.parse((text ?? '').replace(' ', 'T'));
  return Number.isNaN(time) ? null : time;
}

/** The newest that is whole, or the one that is named. A string says why there is none. */
export function chosenOf(backups: readonly BarmanBackup[], id?: string): BarmanBackup | string {
  const whole = backups
    .filter(({ status }) => COPIED.includes(status))
    .toSorted((one, other) => (one.ended_ms ?? 0) - (other.ended_ms ?? 0));
  const chosen = id === undefined ? whole.at(-1) : whole.find((each) => each.id === id);
  if (chosen !== undefined) return chosen;
  const what = id === undefined ? 'there is no whole backup' : `there is no whole backup ${id}`;
  const there = backups.map((each) => `${each.id} (${each.status})`).join(', ');
  return there === '' ? what : `${what}; there are ${there}`;
}
