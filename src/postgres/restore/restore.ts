// Restores a database from a repository: a base backup is copied and checked, the log replayed up
// to a target, and the server is there once it takes writes. Nothing in the repository is changed.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree, removeTree, writePrivateFile } from '../../host/files.ts';
import { verifyBackup } from '../backup/backup-manifest.ts';
import { ownerOf } from '../server/identity.ts';
import type { Server, ServerOptions } from '../server/launcher.ts';
import type { Role } from '../server/primary.ts';
import { restoreAt, type RestoreSite, type Verified } from './restore-attempts.ts';
import { layLog } from '../repository/restore-log.ts';
import { recoverySettings, targetSettings } from './restore-target.ts';
import { startRecovering, type RecoveringServer } from './restored-server.ts';
import {
  setStandby,
  writeConfiguration,
  type Admission,
  type Settings,
} from '../server/settings.ts';
import { listBackups, placesOf, type BackupFacts } from '../repository/layout.ts';
import { DATABASE } from '../server/template.ts';

export interface RestoreOptions extends ServerOptions {
  /** The repository's directory, held (nothing is received or removed there any more). */
  readonly repository: string;
  readonly target: RestoreTarget;
  /** The settings of every server of the run; a restore leaves out those that it must not have. */
  readonly settings: Settings;
  readonly admissions: readonly Admission[];
  /** The superuser, as the backup knows it. */
  readonly admin: Role;
}

export interface Restored extends RestoredFacts {
  readonly server: Server;
}

/**
 * `data` is made anew. Rejects with a sentence that names the target; then no server runs and the
 * directory is gone.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { repository, target } = options;
  const { facts, recovered } = await restoreAt(siteOf(options), target, listBackups(repository));
  return { ...facts, server: recovered.server };
}

function siteOf(options: RestoreOptions): RestoreSite<RecoveringServer> {
  const { repository, data, identity, admin } = options;
  const address = ({ host, port }: Server) => ({ host, port, database: DATABASE, ...admin });
  return {
    copy: (backup) => copyBackup(options, backup),
    layLog: async (backup) => {
      const log = layLog(repository, data, backup, ownerOf(identity));
      configure(options);
      return log;
    },
    recover: () => startRecovering(options, address),
    address: ({ server }) => address(server),
    remove: async (recovered) => {
      await recovered?.server.stop();
      removeTree(data);
    },
  };
}

/**
 * What is copied is checked where it lies, while it is copied and replayed: it is read once from
 * the disk, and a copy that is not whole fails by itself.
 */
async function copyBackup(
  { repository, data, environment, clock, signal, ready_ms }: RestoreOptions,
  backup: BackupFacts,
) {
  signal?.throwIfAborted();
  removeTree(data);
  const source = join(placesOf(repository).backups, backup.name);
  const began = clock.now();
  const verify = async (): Promise<Verified> => {
    const { problems } = await verifyBackup(source);
    const named = problems.map((problem) => `${backup.name}: ${problem}`);
    return { verify_ms: clock.now() - began, problems: named };
  };
  const verified = verify();
  verified.catch(() => {}); // whoever waits for it hears of it
  await copyTree(source, data, environment, ready_ms);
  chmodSync(data, 0o700);
  return { copy_ms: clock.now() - began, verified };
}

function configure(options: RestoreOptions): void {
  const { data, target } = options;
  const owner = ownerOf(options.identity);
  const recovery = recoverySettings(placesOf(options.repository).wal);
  const settings = { ...options.settings, ...recovery, ...targetSettings(target) };
  writeConfiguration(data, settings, options.admissions, owner);
  setStandby(data, false, owner);
  writePrivateFile(join(data, 'recovery.signal'), '', owner);
}
