// Copies a backup that somebody else took into a directory of drill's own, and reads what it says
// of itself. Nothing is written where it came from.
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../../../host/environment-error.ts';
import { copyTree, freeBytes } from '../../../host/files.ts';
import { diskIsFull } from '../../../host/machine/machine-error.ts';
import { OperationFailed } from '../../../host/operation-failed.ts';
import { runToEnd } from '../../../host/process/run-to-end.ts';
import { hasLinks } from '../../../host/tree/ways-out.ts';
import { takeOver } from '../../../host/tree/whole-tree.ts';
import { formatBytes } from '../../../base/units.ts';
import { MANIFEST_FILE } from '../../backup/backup-manifest.ts';
import { systemOf } from '../../repository/layout.ts';
import { refuseKilled } from '../deadline.ts';
import { startOf, type Start } from '../moment.ts';
import type { Laying } from './source.ts';

export type BackupFormat = 'plain' | 'tar';

/** The system identifier, with which pg_control begins. */
const IDENTIFIER_BYTES = 8;
const TABLESPACES = 'tablespaces, which drill does not restore';
const TAR = /^(base|pg_wal|\d+)\.tar(\.\w+)?$/;

/** What is in the folder, or why it is no backup that can be restored here. */
export function formatOf(
  path: string,
): { readonly format: BackupFormat } | { readonly problem: string } {
  const names = readdirSync(path);
  if (names.includes('PG_VERSION')) {
    if (names.includes('postmaster.pid')) return { problem: 'the data directory of a server' };
    const spaces = join(path, 'pg_tblspc');
    const hasSpaces = existsSync(spaces) && readdirSync(spaces).length > 0;
    return hasSpaces ? { problem: TABLESPACES } : { format: 'plain' };
  }
  const archives = names.filter((name) => TAR.test(name));
  if (archives.some((name) => /^\d/.test(name))) return { problem: TABLESPACES };
  if (archives.some((name) => name.startsWith('base.'))) return { format: 'tar' };
  return { problem: 'neither PG_VERSION nor base.tar' };
}

/** Of all files below. */
export function bytesBelow(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const below = join(path, entry.name);
    if (entry.isDirectory()) return sum + bytesBelow(below);
    return sum + (entry.isFile() ? lstatSync(below).size : 0);
  }, 0);
}

interface Folder {
  /** Without links in the path. */
  readonly from: string;
  readonly format: BackupFormat;
}

/** Throws an `EnvironmentError` where there is no room for so much beside `path`. */
export function requireRoom(path: string, bytes: number): void {
  const free = freeBytes(join(path, '..'));
  if (free >= bytes) return;
  throw diskIsFull(
    'the sandbox of the restore',
    `${formatBytes(free)} free for a backup of ${formatBytes(bytes)}; TMPDIR says where it is`,
  );
}

/** Copies what lies there as it is: nothing is found out of the files meanwhile. */
export async function layFolder({ from, format }: Folder, laying: Laying): Promise<null> {
  const { data, identity, environment, atMost_ms } = laying;
  if (format === 'plain') await copyTree(from, data, environment, atMost_ms);
  else await unpack(from, laying);
  // Barman leaves it out, and PostgreSQL makes none.
  mkdirSync(join(data, 'pg_wal'), { recursive: true, mode: 0o700 });
  takeOver(data, identity);
  chmodSync(data, 0o700);
  return null;
}

async function unpack(
  from: string,
  { data, environment, atMost_ms, signal }: Laying,
): Promise<void> {
  mkdirSync(data, { mode: 0o700 });
  for (const name of readdirSync(from).filter((each) => TAR.test(each))) {
    const into = name.startsWith('pg_wal') ? join(data, 'pg_wal') : data;
    mkdirSync(into, { recursive: true, mode: 0o700 });
    const words = ['-xf', join(from, name), '-C', into, '--no-same-owner'];
    const options = { environment, atMost_ms, signal };
    const { problem, all } = await runToEnd('tar', words, options);
    if (problem === null) continue;
    refuseKilled(join(from, name), 'it to be unpacked', problem);
    if (problem === 'ENOENT') {
      const expected = 'the program tar, which unpacks it';
      const hint = 'install tar, or unpack the backup and name the folder';
      throw new EnvironmentError({ what: join(from, name), expected, found: 'none', hint });
    }
    const found = all.trim() || problem;
    throw new OperationFailed({ what: name, expected: 'an archive that is whole', found });
  }
  const manifest = join(from, MANIFEST_FILE);
  if (existsSync(manifest)) await copyFile(manifest, join(data, MANIFEST_FILE));
}

export interface LaidBackup {
  readonly major: string;
  readonly system: string;
  /** Null where it has no backup label. */
  readonly label: BackupLabel | null;
}

export interface BackupLabel extends Start {
  readonly start_lsn: string;
  readonly timeline: number;
  /** It is worth nothing without the backups before it. */
  readonly isIncremental: boolean;
}

/** A string says why it cannot be a data directory that is restored here. */
export function lookAtBackup(data: string): LaidBackup | string {
  if (hasLinks(data)) return 'there are links in it, which lead out of it';
  const control = join(data, 'global', 'pg_control');
  if (!existsSync(control)) return 'global/pg_control: missing';
  if (lstatSync(control).size < IDENTIFIER_BYTES) return 'global/pg_control: cut short';
  return {
    major: readFileSync(join(data, 'PG_VERSION'), 'utf8').trim(),
    system: systemOf(data),
    label: labelIn(data),
  };
}

function labelIn(data: string): BackupLabel | null {
  const file = join(data, 'backup_label');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const start_lsn = /^START WAL LOCATION: (\S+)/m.exec(text)?.[1];
  if (start_lsn === undefined) return null;
  return {
    start_lsn,
    timeline: Number(/^START TIMELINE: (\d+)$/m.exec(text)?.[1] ?? 1),
    ...startOf(/^START TIME: (.+)$/m.exec(text)?.[1]),
    isIncremental: /^INCREMENTAL FROM/m.test(text),
  };
}
