// The course of a restore, wherever it takes place: the backups from which the target can be
// reached are tried one after the other until one of them is sound and its server takes writes.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { DatabaseAddress } from '../server/connection.ts';
import { formatLsn, parseLsn, segmentStart } from '../server/lsn.ts';
import type { LogToReplay } from '../repository/restore-log.ts';
import { backupsFor, describeTarget } from './restore-target.ts';
import { forkOf, RecoveryFailure } from './restored-server.ts';
import type { BackupFacts } from '../repository/layout.ts';

export interface Verified {
  readonly verify_ms: number;
  /** Why the copy is not sound, each with the backup's name; empty when it is. */
  readonly problems: readonly string[];
}

interface Copied {
  readonly copy_ms: number;
  /** May go on while the server replays: nobody is told of a server before it has ended well. */
  readonly verified: Promise<Verified>;
}

interface Recovered {
  readonly timeline: number;
  readonly ms: number;
}

/** The place of the database that is made. */
export interface RestoreSite<R extends Recovered> {
  /** Makes it anew from the backup, and begins to check it. */
  copy(backup: BackupFacts): Promise<Copied>;
  /** Puts the log where the server finds it. */
  layLog(backup: BackupFacts): Promise<LogToReplay>;
  /** Starts the server and resolves once it takes a write; else none runs. */
  recover(): Promise<R>;
  /** The superuser's way to the server that it started. */
  address(recovered: R): DatabaseAddress;
  /** Ends what runs, and what was made goes. */
  remove(recovered: R | null): Promise<void>;
}

/** Rejects with a sentence that names the target; then nothing is left at the site. */
export async function restoreAt<R extends Recovered>(
  site: RestoreSite<R>,
  target: RestoreTarget,
  backups: readonly BackupFacts[],
): Promise<{ readonly facts: RestoredFacts; readonly recovered: R }> {
  const what = describeTarget(target);
  const problems: string[] = [];
  let unreached: Error | null = null;
  let recovered: R | null = null;
  try {
    for (const backup of backupsFor(target, backups)) {
      const { copy_ms, verified } = await site.copy(backup);
      const log = await site.layLog(backup);
      const { server, failure } = await started(site);
      recovered = server;
      const { verify_ms, problems: found } = await verified;
      if (found.length > 0) {
        // Whatever the server made of it.
        problems.push(...found);
        await site.remove(recovered);
        recovered = null;
        continue;
      }
      if (server === null) {
        if (!(failure instanceof RecoveryFailure)) throw failure;
        const words = `${what} cannot be restored: ${failure.message}`;
        const named = new RecoveryFailure(words, failure.isUnreached, { cause: failure });
        // The restore point may lie before this backup.
        if (target.by !== 'name' || !failure.isUnreached) throw named;
        unreached ??= named;
        continue;
      }
      const { timeline, ms: replay_ms } = server;
      const { at: replayed } = await forkOf(site.address(server), timeline);
      problems.push(...logProblems(target, backup, log, replayed));
      const facts: RestoredFacts = {
        backup: backup.name,
        copy_ms,
        verify_ms,
        replay_ms,
        timeline,
        replayed_to: formatLsn(replayed),
        log_end: log.end,
        problems,
      };
      return { facts, recovered: server };
    }
  } catch (error) {
    await site.remove(recovered);
    throw error;
  }
  await site.remove(null);
  if (unreached !== null) throw unreached;
  const expected = 'a base backup that is sound';
  throw new OperationFailed({ what, expected, found: problems.join('; ') });
}

/** `failure` says why there is no server. */
async function started<R extends Recovered>(site: RestoreSite<R>) {
  return await site.recover().then(
    (server) => ({ server, failure: null }),
    (failure: unknown) => ({ server: null, failure }),
  );
}

function logProblems(
  target: RestoreTarget,
  { segment_bytes }: BackupFacts,
  { gap, end }: LogToReplay,
  replayed: bigint,
): string[] {
  const problems: string[] = [];
  if (gap !== null) problems.push(`the log has a gap: segment ${gap} is missing`);
  // The last record may be cut off; more than that is damage, at which replay ends without a word.
  const isEarly = replayed < segmentStart(parseLsn(end) - 1n, segment_bytes);
  if (target.by === 'all' && isEarly) {
    problems.push(`replay ended at ${formatLsn(replayed)}, but the log goes to ${end}`);
  }
  return problems;
}
