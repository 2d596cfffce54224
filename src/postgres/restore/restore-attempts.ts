// The course of a restore, wherever it takes place: the backups from which the target can be
// reached are tried one after the other until one of them is sound and its server takes writes.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { DatabaseAddress } from '../server/connection.ts';
import { formatLsn, parseLsn, segmentStart } from '../server/lsn.ts';
import type { LogToReplay } from '../repository/restore-log.ts';
import { backupsFor, describeTarget } from './restore-target.ts';
import { forkPointOf, RecoveryFailure } from './restored-server.ts';
import type { BackupFacts } from '../repository/layout.ts';

interface Copied {
  readonly copy_ms: number;
  readonly verify_ms: number;
  /** Why the copy is not sound, each with the backup's name; empty when it is. */
  readonly problems: readonly string[];
}

interface Recovered {
  readonly timeline: number;
  readonly ms: number;
}

/** The place of the database that is made. */
export interface RestoreSite<R extends Recovered> {
  /** Makes it anew from the backup, and checks the copy. */
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
      const copied = await site.copy(backup);
      problems.push(...copied.problems);
      if (copied.problems.length > 0) continue;
      const log = await site.layLog(backup);
      try {
        recovered = await site.recover();
      } catch (error) {
        if (!(error instanceof RecoveryFailure)) throw error;
        const words = `${what} cannot be restored: ${error.message}`;
        const failure = new RecoveryFailure(words, error.isUnreached, { cause: error });
        // The restore point may lie before this backup.
        if (target.by !== 'name' || !error.isUnreached) throw failure;
        unreached ??= failure;
        continue;
      }
      const { timeline, ms: replay_ms } = recovered;
      const replayed = await forkPointOf(site.address(recovered), timeline);
      problems.push(...logProblems(target, backup, log, replayed));
      const { copy_ms, verify_ms } = copied;
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
      return { facts, recovered };
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
