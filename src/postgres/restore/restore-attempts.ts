// The course of a restore, wherever it takes place: the backups from which the target can be
// reached are tried one after the other until one of them is sound and its server takes writes.
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { formatLsn, segmentStart } from '../server/lsn.ts';
import type { LogToReplay } from '../repository/restore-log.ts';
import { backupsFor, describeTarget } from './restore-target.ts';
import { RecoveryFailure } from './restored-server.ts';
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
  /** The position at which the new timeline left the old one. */
  forkPoint(recovered: R): Promise<bigint>;
  /** Ends what runs, and what was made goes. */
  remove(recovered: R | null): Promise<void>;
}

interface RestoredAt<R> {
  readonly facts: RestoredFacts;
  readonly recovered: R;
}

/** Rejects with a sentence that names the target; then nothing is left at the site. */
export async function restoreAt<R extends Recovered>(
  site: RestoreSite<R>,
  target: RestoreTarget,
  backups: readonly BackupFacts[],
): Promise<RestoredAt<R>> {
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
        recovered = await recover(site, target);
      } catch (error) {
        // The restore point may lie before this backup.
        const isBefore = error instanceof RecoveryFailure && error.isUnreached;
        if (target.by !== 'name' || !isBefore) throw error;
        unreached ??= error;
        continue;
      }
      const replayed = await site.forkPoint(recovered);
      const facts = factsOf(target, { backup, copied, log, recovered, replayed, problems });
      return { facts, recovered };
    }
  } catch (error) {
    await site.remove(recovered);
    throw error;
  }
  await site.remove(null);
  throw (
    unreached ??
    new OperationFailed({
      what: describeTarget(target),
      expected: 'a base backup that is sound',
      found: problems.join('; '),
    })
  );
}

async function recover<R extends Recovered>(
  site: RestoreSite<R>,
  target: RestoreTarget,
): Promise<R> {
  try {
    return await site.recover();
  } catch (error) {
    if (!(error instanceof RecoveryFailure)) throw error;
    const what = `${describeTarget(target)} cannot be restored: ${error.message}`;
    throw new RecoveryFailure(what, error.isUnreached, { cause: error });
  }
}

interface Done {
  readonly backup: BackupFacts;
  readonly copied: Copied;
  readonly log: LogToReplay;
  readonly recovered: Recovered;
  readonly replayed: bigint;
  readonly problems: readonly string[];
}

function factsOf(target: RestoreTarget, done: Done): RestoredFacts {
  const { backup, copied, log, recovered, replayed } = done;
  const problems = [...done.problems];
  if (log.gap !== null) problems.push(`the log has a gap: segment ${log.gap} is missing`);
  // The last record may be cut off; more than that is damage, at which replay ends without a word.
  const isEarly = replayed < segmentStart(log.end - 1n, backup.segment_bytes);
  if (target.by === 'all' && isEarly) {
    const ended = `replay ended at ${formatLsn(replayed)}`;
    problems.push(`${ended}, but the log goes to ${formatLsn(log.end)}`);
  }
  return {
    backup: backup.name,
    copy_ms: copied.copy_ms,
    verify_ms: copied.verify_ms,
    replay_ms: recovered.ms,
    timeline: recovered.timeline,
    replayed_to: formatLsn(replayed),
    log_end: formatLsn(log.end),
    problems,
  };
}
