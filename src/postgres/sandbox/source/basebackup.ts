// What pg_basebackup wrote, and the folder of archived log beside it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupOf } from '../../../drill/restore/backups.ts';
import { UserError } from '../../../screen/user-error.ts';
import { viewFiles, type ArchivedFile } from './archive-view.ts';
import { folderOf } from './folder.ts';
import { bytesBelow, formatOf, layFolder } from './lay-backup.ts';
import { PACKED_NAME } from './packed.ts';
import type { BackupSource, Opening } from './source.ts';

export function openBasebackup(
  backup: BackupOf<'basebackup'>,
  { directory }: Opening,
): BackupSource {
  const from = folderOf(backup.path, directory, 'backup.path');
  const wal = backup.wal === undefined ? null : folderOf(backup.wal, directory, 'backup.wal');
  if (wal !== null) requireKnown(wal);
  const found = formatOf(from);
  if ('problem' in found) {
    const expected = `expected what pg_basebackup wrote in ${from}`;
    throw new UserError(`backup.path: ${expected}, found ${found.problem}`);
  }
  const { format } = found;
  return {
    facts: { kind: 'basebackup', label: null, format, bytes: bytesBelow(from) },
    system: null,
    range: null,
    environment: {},
    lay: (laying) => layFolder({ from, format }, laying),
    view: (view) => viewFiles(view, wal === null ? [] : archivedIn(wal)),
  };
}

/** What is packed has one more ending, and what is half written has yet another. */
function archivedIn(wal: string): ArchivedFile[] {
  return readdirSync(wal).map((file) => ({
    name: file.replace(PACKED_NAME, ''),
    path: join(wal, file),
  }));
}

/** A segment that is not read would be one that is missing. */
function requireKnown(wal: string): void {
  const isSegment = /^[0-9A-F]{24}\.(?![0-9A-F]{8})/;
  const isRead = /^[0-9A-F]{24}\.(partial|gz|bz2|xz|zst|lz4)$/;
  const other = readdirSync(wal).find((name) => isSegment.test(name) && !isRead.test(name));
  if (other === undefined) return;
  throw new UserError(`backup.wal: ${other} is in a form that drill does not read`, {
    hint: 'unpack the segments that the backup needs into a folder, and name that one',
  });
}
