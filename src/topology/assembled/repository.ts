// The repository as the engine sees it, whatever runs it: what it holds, and whether all that the
// primary has written is there.
import { orProblem } from '../../host/operation-failed.ts';
import { passesMs } from '../../drill/plan/data.ts';
import type { Plan, PlannedBackup } from '../../drill/plan/plan.ts';
import type { CheckResult, Emit } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import type { ProgramChannel } from '../../host/program/program-client.ts';
import {
  archiverState,
  checkArchive,
  missingInRepository,
} from '../../postgres/backup/archiver.ts';
import type { DatabaseAddress } from '../../postgres/server/connection.ts';
import type { BackupFacts } from '../../postgres/repository/layout.ts';
import type {
  RepositoryProblem,
  RepositoryState,
  StreamStart,
} from '../../postgres/repository/protocol.ts';
import type { Backups } from '../system/protection.ts';
import { askedOver } from './programs.ts';
import type { UpContext } from '../system/system.ts';

const PROTECTED_AT_MOST_MS = 30_000;
/** A segment takes some time on its way, and the archiver looks once a second. */
const ARCHIVE_SPARE_MS = 3_000;
const RECEIVER_AGE_MAX_MS = 2_000;

const BACKUP_AT_MOST_MS = 120_000;

interface RepositoryParts {
  readonly node: string;
  readonly program: ProgramChannel;
  /** The primary, reached directly. */
  readonly primary: DatabaseAddress;
  readonly clock: Clock;
  /** The most that one base backup may take. */
  readonly backup_ms: number;
}

export function repositoryOf(parts: RepositoryParts): Backups {
  const { node, program, primary, clock, backup_ms } = parts;
  const state = async () => (await program.request('state', {})) as RepositoryState;
  let points = 0;
  return {
    node,
    asked: askedOver(node, program),
    backup: async () => (await program.request('backup', {}, backup_ms)) as BackupFacts,
    state,
    secure: async (signal) => {
      const stored = async () => (await state()).wal;
      const check = { primary, stored, clock, at_most_ms: PROTECTED_AT_MOST_MS };
      await checkArchive({ ...check, ...(signal ? { signal } : {}) }, `drill-secured-${++points}`);
    },
    missing: async () => {
      const { wal } = await state();
      const { bytes } = await missingInRepository(primary, wal);
      const ms = wal.at_ms === null ? null : Math.max(0, clock.now() - wal.at_ms);
      return { bytes, ms: bytes === 0 ? 0 : ms };
    },
    check: async (planned) => checkRepository(await state(), parts, planned),
  };
}

/** One may be under way, which is waited for; each is received, hashed and forced to the disk. */
export function backupAtMostMs(plan: Plan): number {
  return BACKUP_AT_MOST_MS + passesMs(plan, 6);
}

/** The name of the slot, which takes letters, digits and `_`, and of its receiver. */
export function repositoryReceiver(region: string): string {
  return `storage_${region.replaceAll('-', '_')}`;
}

/** The program's events, for the journal. */
export function tellOfRepository(emit: Emit, name: string, body: unknown): void {
  if (name === 'backup.taken') {
    const { name: backup, files, bytes, ms, lsn, taken_ms } = body as BackupFacts;
    emit('backup.taken', { name: backup, files, bytes, ms, lsn }, taken_ms);
  } else if (name === 'backup.failed' || name === 'wal.broken') {
    const { reason, at_ms } = body as RepositoryProblem;
    emit(name, { reason }, at_ms);
  } else if (name === 'wal.streaming') {
    const { lsn, at_ms } = body as StreamStart;
    emit('wal.streaming', { lsn }, at_ms);
  }
}

/** The checks before anything is broken: a sound base backup, and log that keeps coming. */
async function checkRepository(
  { backups, wal }: RepositoryState,
  { node, primary, clock }: RepositoryParts,
  { wal: way, archive_timeout_ms }: PlannedBackup,
): Promise<CheckResult[]> {
  const newest = backups.at(-1);
  const backup: CheckResult = {
    name: `base backup in ${node}`,
    ok: newest !== undefined,
    detail: newest === undefined ? 'there is none' : `${newest.name}, up to ${newest.end_lsn}`,
  };
  const age_ms = wal.at_ms === null ? Infinity : clock.now() - wal.at_ms;
  const age = wal.at_ms === null ? 'none has come' : `newest ${Math.round(age_ms)} ms old`;
  const archiver = way === 'archive' ? await archiverState(primary) : null;
  const isFailing = archiver?.is_failing ?? false;
  const limit_ms = way === 'archive' ? archive_timeout_ms + ARCHIVE_SPARE_MS : RECEIVER_AGE_MAX_MS;
  const failing = isFailing ? `archiving ${archiver!.last_failed} fails` : null;
  const detail = [age, failing, wal.problem].filter((part) => part !== null).join('; ');
  const ok = age_ms <= limit_ms && !isFailing && wal.problem === null;
  return [backup, { name: `log in ${node}`, ok, detail }];
}

/** One base backup and the log up to now; a system without them did not come up. */
export async function untilProtected(repository: Backups, { signal }: UpContext): Promise<void> {
  const problem = () => ({
    what: repository.node,
    expected: 'a base backup and the log that follows it',
    hint: 'read its log and that of the primary in the run directory',
  });
  const protect = repository.backup().then(() => repository.secure(signal));
  await orProblem(protect, problem, signal);
}
