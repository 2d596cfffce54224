// What Barman keeps of one server, read as it lies there: `base/ID/data`, what `backup.info` says
// of it, and the log in `wals`, with what has come since and is not filed yet.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BackupOf } from '../../../drill/restore/backups.ts';
import type { RestoreFinding } from '../../../evidence/backup/restore-form.ts';
import { UserError } from '../../../screen/user-error.ts';
import { viewFiles, type ArchivedFile } from './archive-view.ts';
import { chosenOf, parseBackupInfo, type BarmanBackup } from './barman-info.ts';
import { folderOf } from './folder.ts';
import { bytesBelow, formatOf, layFolder } from './lay-backup.ts';
import type { BackupSource, Opening } from './source.ts';

/** Where it keeps what it knows of a backup since version 3.13.2: `meta/ID-backup.info`. */
const META = /^(.+)-backup\.info$/;

/** A finding says why there is nothing that could be restored. */
export function openBarman(
  { path: stated, id }: BackupOf<'barman'>,
  { directory }: Opening,
): BackupSource | RestoreFinding {
  const path = folderOf(stated, directory, 'backup.path');
  if (!existsSync(join(path, 'base')) || !existsSync(join(path, 'wals'))) {
    const expected = `expected the folder of a server, with base and wals, at ${path}`;
    const found = readdirSync(path).join(', ') || 'an empty folder';
    throw new UserError(`backup.path: ${expected}, found ${found}`);
  }
  const backup = chosenOf(backupsIn(path), id);
  if (typeof backup === 'string') return { code: 'no-backup', text: backup };
  const { id: label, mode, hasTablespaces, system, range } = backup;
  const from = join(path, 'base', label, 'data');
  const found = hasTablespaces
    ? { problem: 'tablespaces, which drill does not restore' }
    : existsSync(from)
      ? formatOf(from)
      : { problem: `no files: its mode is ${mode}` };
  if ('problem' in found) {
    throw new UserError(
      `backup: expected a backup that can be copied in ${from}, found ${found.problem}`,
    );
  }
  const { format } = found;
  return {
    facts: { kind: 'barman', label, format, bytes: bytesBelow(from) },
    system,
    range,
    environment: {},
    lay: (laying) => layFolder({ from, format }, laying),
    manifestHint: `barman generate-manifest ${basename(path)} ${label} makes one`,
    view: (view) => viewFiles(view, archivedIn(path)),
  };
}

function backupsIn(path: string): BarmanBackup[] {
  const texts = new Map<string, string>();
  for (const id of readdirSync(join(path, 'base'))) {
    const file = join(path, 'base', id, 'backup.info');
    if (existsSync(file)) texts.set(id, readFileSync(file, 'utf8'));
  }
  const meta = join(path, 'meta');
  for (const name of existsSync(meta) ? readdirSync(meta) : []) {
    const id = META.exec(name)?.[1];
    if (id !== undefined) texts.set(id, readFileSync(join(meta, name), 'utf8'));
  }
  return [...texts].map(([id, text]) => parseBackupInfo(id, text));
}

/** In the order in which Barman itself looks for a segment. */
function* archivedIn(path: string): Generator<ArchivedFile> {
  const wals = join(path, 'wals');
  const folders = readdirSync(wals).filter((name) => /^[0-9A-F]{16}$/.test(name));
  const places = [wals, ...folders.map((name) => join(wals, name))];
  for (const late of ['incoming', 'streaming']) places.push(join(path, late));
  for (const place of places) {
    if (!existsSync(place)) continue;
    for (const name of readdirSync(place)) yield { name, path: join(place, name) };
  }
}
