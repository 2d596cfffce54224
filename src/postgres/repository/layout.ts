// How the repository lies on its disk, for the program that fills it and for a restore that finds
// it alone: `backups/<name>/` is a data directory with its manifest, `backups/<name>.json` says
// what is known of it and comes last, `wal/<segment>` is the log, `wal/<segment>.partial` its
// unfinished end.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupRange } from '../backup/backup-manifest.ts';
import type { LogSource } from '../replicate/replication-connection.ts';
import { SEGMENT_NAME } from '../server/lsn.ts';

/** Facts of a base backup, whose files agreed with its manifest when it was taken. */
export interface BackupFacts extends LogSource, BackupRange {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  /** When it was on the disk, on the run's clock and on the wall, and how long it took. */
  readonly taken_ms: number;
  readonly taken_at: string;
  readonly ms: number;
}

export function placesOf(directory: string) {
  return { backups: join(directory, 'backups'), wal: join(directory, 'wal') };
}

const FACTS = '.json';
const BACKUP_NAME = /^base-\d{4,}$/;

export function factsFile(backups: string, name: string): string {
  return join(backups, name + FACTS);
}

/** The backups that are whole, the oldest first. */
export function listBackups(directory: string): BackupFacts[] {
  const { backups } = placesOf(directory);
  const there = readdirSync(backups);
  return there
    .filter((name) => BACKUP_NAME.test(name) && there.includes(name + FACTS))
    .map((name) => JSON.parse(readFileSync(factsFile(backups, name), 'utf8')) as BackupFacts)
    .sort((one, other) => Number(one.name.slice(5)) - Number(other.name.slice(5)));
}

/** Names of the segments that are whole. */
export function listSegments(wal: string): string[] {
  return readdirSync(wal)
    .filter((name) => SEGMENT_NAME.test(name))
    .sort();
}

/** The size of a data directory's segments, with which the cluster was made. */
export function segmentBytesOf(data: string): number {
  const log = join(data, 'pg_wal');
  const [first] = listSegments(log);
  if (first === undefined) throw new Error(`there is no write-ahead log in ${log}`);
  return statSync(join(log, first)).size;
}

/** The cluster's identifier, the first eight bytes of its control file. */
export function systemOf(data: string): string {
  const control = readFileSync(join(data, 'global', 'pg_control'));
  return control.readBigUInt64LE(0).toString();
}
