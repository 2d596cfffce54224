// Where a physical backup of somebody's own is, by what keeps it.
import type { RestoreFile } from '../../../drill/restore/schema.ts';
import type { RestoreFinding } from '../../../evidence/backup/restore-form.ts';
import { openBarman } from './barman.ts';
import { openBasebackup } from './basebackup.ts';
import { openPgbackrest } from './pgbackrest.ts';
import type { BackupSource, Opening } from './source.ts';

export type PhysicalBackup = Exclude<RestoreFile['backup'], { readonly kind: 'pg_dump' }>;

/** A finding says why there is none. Rejects with what is to be mended by whoever calls. */
export async function openBackup(
  backup: PhysicalBackup,
  opening: Opening,
): Promise<BackupSource | RestoreFinding> {
  switch (backup.kind) {
    case 'basebackup':
      return openBasebackup(backup, opening);
    case 'pgbackrest':
      return await openPgbackrest(backup, opening);
    case 'barman':
      return openBarman(backup, opening);
  }
}
