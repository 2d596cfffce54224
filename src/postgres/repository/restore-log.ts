// The log that a restore replays: how far it goes in the repository, and its unfinished last
// segment put where the server finds it.
import { chmodSync, chownSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  formatLsn,
  parseLsn,
  segmentName,
  segmentStart,
  startOf,
  timelineOf,
} from '../server/lsn.ts';
import type { BackupRange } from '../backup/backup-manifest.ts';
import { PARTIAL } from '../backup/segment-writer.ts';
import type { LogSource } from '../replicate/replication-connection.ts';
import { listSegments, placesOf, type BackupFacts } from './layout.ts';
import { endOfRun } from './stored-log.ts';
import type { Owner } from '../../host/files.ts';

const BLOCK = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK);

export interface LogToReplay {
  /** Up to this position it goes without a gap, as far as the files tell. */
  readonly end: string;
  /** The first segment that is missing although later ones are there. */
  readonly gap: string | null;
  /** The segment whose unfinished copy has to be put into the restored directory; null: none. */
  readonly partial: string | null;
}

/** What of a backup says which log it needs. */
export type LoggedBackup = LogSource & Pick<BackupRange, 'lsn' | 'end_lsn'>;

/** Where the log is: archived, and what the backup itself carries. */
interface LogPlaces {
  readonly wal: string;
  readonly carried: string;
}

/** The log that the repository has since the backup. */
export function findLog(repository: string, backup: BackupFacts): LogToReplay {
  const { wal, backups } = placesOf(repository);
  return logSince({ wal, carried: join(backups, backup.name, 'pg_wal') }, backup);
}

/** The log that is there since the backup. */
export function logSince({ wal, carried }: LogPlaces, backup: LoggedBackup): LogToReplay {
  const { timeline, segment_bytes } = backup;
  const whole = new Set(listSegments(wal));
  const own = parseLsn(backup.end_lsn);
  // The log that the backup carries is complete up to the segment in which it ended.
  const before = listSegments(carried).filter(
    (name) => startOf(name, segment_bytes) < segmentStart(own, segment_bytes),
  );
  const run = endOfRun(new Set([...whole, ...before]), backup, parseLsn(backup.lsn));
  const name = segmentName(timeline, run, segment_bytes);
  const partial = join(wal, name + PARTIAL);
  const reached = existsSync(partial) ? run + BigInt(writtenBytes(partial)) : run;
  const end = reached > own ? reached : own;
  const isLater = (other: string) =>
    timelineOf(other) === timeline && startOf(other, segment_bytes) >= end;
  const hasGap = [...whole].some(isLater);
  return {
    end: formatLsn(end),
    gap: hasGap ? segmentName(timeline, end, segment_bytes) : null,
    // The backup's copy of the same segment may be the longer one.
    partial: reached > run && reached > own ? name : null,
  };
}

/**
 * Copies an unfinished segment of the repository into the restored directory under its whole name;
 * nothing in the repository changes.
 */
export function layLog(
  repository: string,
  data: string,
  backup: BackupFacts,
  owner: Owner,
): LogToReplay {
  const log = findLog(repository, backup);
  layPartial(placesOf(repository).wal, data, log, owner);
  return log;
}

/** The unfinished segment, if the log has one. */
export function layPartial(
  wal: string,
  data: string,
  { partial }: LogToReplay,
  owner: Owner,
): void {
  if (partial === null) return;
  const target = join(data, 'pg_wal', partial);
  copyFileSync(join(wal, partial + PARTIAL), target);
  chmodSync(target, 0o600);
  if (owner !== null) chownSync(target, owner.uid, owner.gid);
}

/** Up to its last byte that is not zero: the file has its full size from the start. */
function writtenBytes(path: string): number {
  const bytes = readFileSync(path);
  let end = bytes.length;
  // Most of it is zero: by blocks first, then by bytes.
  while (end >= BLOCK && ZEROS.equals(bytes.subarray(end - BLOCK, end))) end -= BLOCK;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end;
}
