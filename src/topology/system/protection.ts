// What stands between a lost region and lost data, as the engine sees it: storage with backups, a
// peer that holds the same, and how a database is made again from them.
import type { CheckResult } from '../../evidence/event.ts';
import type { PlannedBackup } from '../../drill/plan/plan.ts';
import type { Comparison } from '../../postgres/bidirectional/divergence.ts';
import type { RestoredFacts } from '../../postgres/restore/restore-attempts.ts';
import type { BackupFacts } from '../../postgres/repository/layout.ts';
import type { RepositoryState } from '../../postgres/repository/protocol.ts';

export interface Bidirectional {
  /** Each direction. */
  check(): Promise<CheckResult[]>;
  /** Resolves once each region has applied what the other one has written by now. */
  catchUp(signal?: AbortSignal): Promise<void>;
  /** Both at rest and caught up: what differs then has diverged. */
  compare(): Promise<Comparison>;
  /** Made of both logs for the other region so far. */
  sentBytes(): Promise<number>;
  /** What losing the region now would lose. */
  exposure(region: string): Promise<{ readonly bytes: number | null; readonly ms: number | null }>;
  /**
   * The killed region's database runs again, on the disk that it had, and both directions stream.
   */
  comeBack(region: string, signal?: AbortSignal): Promise<void>;
  /**
   * Replication to the lost region is torn down, and set up anew with an empty one in its place.
   */
  rebuild(region: string, signal?: AbortSignal): Promise<void>;
}

export interface Backups {
  /** `west/storage` */
  readonly node: string;
  state(): Promise<RepositoryState>;
  /** Takes one base backup more. */
  backup(): Promise<BackupFacts>;
  /** Nothing comes or goes any more. */
  hold(): Promise<void>;
  /** Resolves once everything that the primary has written by now is there. */
  secure(signal?: AbortSignal): Promise<void>;
  /** What of the primary's log is not there yet, and how far back that reaches. */
  missing(): Promise<{ readonly bytes: number | null; readonly ms: number | null }>;
  check(backup: PlannedBackup): Promise<CheckResult[]>;
}

/** How a database was restored; the same whoever did it. */
export type Restored = RestoredFacts;

export interface Rebuilt {
  readonly how: 'rewound' | 'cloned' | 'followed';
  readonly ms: number;
  readonly checks: readonly CheckResult[];
}
