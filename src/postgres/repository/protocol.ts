// The requests and events between the engine and the repository program.
import type { PlannedBackup } from '../../drill/plan/plan.ts';
import type { Address } from '../../host/ports.ts';
import type { ReplicationAddress } from '../replicate/replication-connection.ts';
import type { BackupFacts } from './layout.ts';
import type { Owner } from '../../host/files.ts';

/**
 * Body of the request `start`; the reply is the `Address` where segments are taken, null
 * where the log is received.
 */
export interface RepositorySettings {
  readonly origin_ms: number;
  /** The run's id. */
  readonly run: string;
  /** Everything is kept below it. What an earlier start left there is gone on with. */
  readonly directory: string;
  /** The primary as it is reached through the link, and a role that may replicate. */
  readonly primary: ReplicationAddress;
  /** The name of the slot, and of the receiver as the primary calls it. */
  readonly name: string;
  readonly every_ms: number;
  readonly keep: number;
  readonly wal: PlannedBackup['wal'];
  /** Whom files belong to: who restores must read them. Null: this process's own user. */
  readonly owner: Owner;
  /** The address at which segments are taken over HTTP; a free port of loopback when left out. */
  readonly listen?: Address;
  /** The token that a request with a segment must carry. */
  readonly token: string;
}

/*
 * Further requests: `backup` → BackupFacts, once one more is taken; `state` → RepositoryState;
 * `hold` → RepositoryState (nothing is taken, received or removed any more, and what came is on the
 * disk); `log` of a `backup` by its name → LogToReplay, for a restore that does not see the files
 * from where it is led. Events: `backup.taken` BackupFacts, `backup.failed` RepositoryProblem,
 * `wal.streaming` StreamStart, `wal.broken` RepositoryProblem (told once, until it streams again).
 */
export interface RepositoryProblem {
  readonly at_ms: number;
  readonly reason: string;
}

/** Log comes, or comes again, to a receiver. */
export interface StreamStart {
  readonly at_ms: number;
  /** Up to here it was there already; null: none. */
  readonly lsn: string | null;
}

export interface RepositoryState {
  /** The oldest first. */
  readonly backups: readonly BackupFacts[];
  readonly wal: StoredLog;
  /** Bytes of base backups that came since the program began; removed ones count too. */
  readonly backup_bytes: number;
  readonly held: boolean;
}

export interface StoredLog {
  /** The newest segment that is whole. */
  readonly last_segment: string | null;
  /**
   * Up to here the log is on the disk without a gap, from where a kept backup begins (or from its
   * first segment, where there is no backup); a backup carries its own. Null: none is.
   */
  readonly end_lsn: string | null;
  /** When that last advanced, on the run's clock. */
  readonly at_ms: number | null;
  /** Bytes of log that came since the program began. */
  readonly received_bytes: number;
  /** Why none comes now; null where nothing is known to be wrong. */
  readonly problem: string | null;
}
