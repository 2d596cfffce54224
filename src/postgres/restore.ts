// Restores a database from a storage: a base backup is copied and checked, the log replayed up to a
// target, and the server is there once it takes writes. Nothing in the storage is changed.
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allDone } from '../base/all-done.ts';
import { copyTree, removeTree, writePrivateFile } from '../host/files.ts';
import { verifyBackup } from './backup-manifest.ts';
import { ownerOf } from './identity.ts';
import type { Server, ServerOptions } from './launcher.ts';
import { formatLsn, parseLsn, segmentStart } from './lsn.ts';
import type { Role } from './primary.ts';
import { layLog, type LogToReplay } from './restore-log.ts';
import {
  backupsFor,
  describeTarget,
  targetSettings,
  type RestoreTarget,
} from './restore-target.ts';
import { RecoveryFailure, startRecovering, type RecoveringServer } from './restored-server.ts';
import { setStandby, writeConfiguration, type Admission, type Settings } from './settings.ts';
import { listBackups, placesOf, type BackupFacts } from './storage/layout.ts';
import { DATABASE } from './template.ts';

export interface RestoreOptions extends ServerOptions {
  /** The storage's directory, held (nothing is received or removed there any more). */
  readonly storage: string;
  readonly target: RestoreTarget;
  /** What every server of the run has; what a restore must not have is taken out. */
  readonly settings: Settings;
  readonly admissions: readonly Admission[];
  /** The superuser, as the backup knows it. */
  readonly admin: Role;
}

export interface Restored {
  readonly server: Server;
  /** The base backup that was used. */
  readonly backup: string;
  readonly copy_ms: number;
  /** Of the backup, against its manifest, while it was copied. */
  readonly verify_ms: number;
  /** From the server's start to the first write that it took. */
  readonly replay_ms: number;
  /** The new timeline, and where it left the old one. */
  readonly timeline: number;
  readonly replayed_to: string;
  /** How far the log goes in the storage. */
  readonly log_end: string;
  /** What was found wrong and got round: damaged backups, a gap in the log. */
  readonly problems: readonly string[];
}

/**
 * `data` is made anew. Rejects with a sentence that names the target; then no server runs and the
 * directory is gone.
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const { storage, target, data } = options;
  const problems: string[] = [];
  let unreached: Error | null = null;
  try {
    for (const backup of backupsFor(target, listBackups(storage))) {
      const copied = await copyBackup(options, backup);
      problems.push(...copied.problems);
      if (copied.problems.length > 0) continue;
      const log = layLog(storage, data, backup, ownerOf(options.identity));
      configure(options);
      try {
        const started = await recover(options);
        return await resultOf(options, { backup, ...copied, log, started, problems });
      } catch (error) {
        // The restore point may lie before this backup.
        const isBefore = error instanceof RecoveryFailure && error.isUnreached;
        if (target.by !== 'name' || !isBefore) throw error;
        unreached ??= error;
      }
    }
  } catch (error) {
    removeTree(data);
    throw error;
  }
  removeTree(data);
  throw unreached ?? new Error(`no base backup is sound: ${problems.join('; ')}`);
}

/**
 * What is copied is checked where it lies, at the same time: it is read once from the disk, and a
 * copy that is not whole fails by itself.
 */
async function copyBackup(
  { storage, data, environment, clock, signal }: RestoreOptions,
  backup: BackupFacts,
) {
  signal?.throwIfAborted();
  removeTree(data);
  const source = join(placesOf(storage).backups, backup.name);
  const began = clock.now();
  const took = async (work: Promise<unknown>) => {
    await work;
    return clock.now() - began;
  };
  const verifying = verifyBackup(source);
  const [copy_ms, verify_ms] = await allDone([
    took(copyTree(source, data, environment)),
    took(verifying),
  ]);
  chmodSync(data, 0o700);
  const { problems } = await verifying;
  const named = problems.map((problem) => `${backup.name}: ${problem}`);
  return { copy_ms: copy_ms!, verify_ms: verify_ms!, problems: named };
}

/** Nothing of it reaches the storage, and it waits for nobody whom the lost primary waited for. */
const ALONE: Settings = {
  archive_mode: 'off',
  archive_command: '',
  synchronous_standby_names: '',
  primary_conninfo: '',
  primary_slot_name: '',
};

function configure({
  storage,
  data,
  identity,
  target,
  settings,
  admissions,
}: RestoreOptions): void {
  const owner = ownerOf(identity);
  const all: Settings = {
    ...settings,
    ...ALONE,
    ...targetSettings(target),
    restore_command: restoreCommand(placesOf(storage).wal),
    recovery_target_timeline: 'current',
    recovery_target_action: 'promote',
  };
  writeConfiguration(data, all, admissions, owner);
  setStandby(data, false, owner);
  writePrivateFile(join(data, 'recovery.signal'), '', owner);
}

/**
 * Quick where there is no such file, since it is asked for some that never are there. Codes above
 * 125 end the recovery: log that is there and cannot be read is not the end of the log.
 */
function restoreCommand(wal: string): string {
  const place = wal.replaceAll("'", "'\\''").replaceAll('%', '%%');
  const file = `'${place}/%f'`;
  const absent = `{ test -r '${place}' || exit 126; exit 1; }`;
  return `test -f ${file} || ${absent}; cp ${file} '%p' || exit 126`;
}

async function recover(options: RestoreOptions): Promise<RecoveringServer> {
  const { admin, target } = options;
  try {
    return await startRecovering(options, ({ host, port }) => {
      return { host, port, database: DATABASE, ...admin };
    });
  } catch (error) {
    if (!(error instanceof RecoveryFailure)) throw error;
    const what = `${describeTarget(target)} cannot be restored: ${error.message}`;
    throw new RecoveryFailure(what, error.isUnreached, { cause: error });
  }
}

interface Done {
  readonly backup: BackupFacts;
  readonly copy_ms: number;
  readonly verify_ms: number;
  readonly log: LogToReplay;
  readonly started: RecoveringServer;
  readonly problems: readonly string[];
}

async function resultOf({ data, target }: RestoreOptions, done: Done): Promise<Restored> {
  const { backup, copy_ms, verify_ms, log, started } = done;
  const { server, timeline, ms } = started;
  let replayed: bigint;
  try {
    replayed = forkPoint(data, timeline);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const problems = [...done.problems];
  if (log.gap !== null) problems.push(`the log has a gap: segment ${log.gap} is missing`);
  // The last record may be cut off; more than that is damage, at which replay ends without a word.
  const isEarly = replayed < segmentStart(log.end - 1n, backup.segment_bytes);
  if (target.by === 'all' && isEarly) {
    const ended = `replay ended at ${formatLsn(replayed)}`;
    problems.push(`${ended}, but the log goes to ${formatLsn(log.end)}`);
  }
  return {
    ...{ server, backup: backup.name, copy_ms, verify_ms, replay_ms: ms, timeline, problems },
    ...{ replayed_to: formatLsn(replayed), log_end: formatLsn(log.end) },
  };
}

/** Last line of a timeline's history: `1 <tab> 0/174B340 <tab> why`. */
function forkPoint(data: string, timeline: number): bigint {
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
  const history = readFileSync(join(data, 'pg_wal', name), 'utf8');
  const last = history.trimEnd().split('\n').at(-1)!;
  return parseLsn(last.split('\t')[1]!);
}
