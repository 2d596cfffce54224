// What stands between a lost region and lost data, as the engine sees it: a repository of backups,
// a peer that holds the same, and how a database is made again from them.
import type { CheckResult, EventBodies } from '../../evidence/event.ts';
import type { PlannedBackup } from '../../drill/plan/plan.ts';
import type { AskedProgram } from './asked-program.ts';

/** What two databases hold, compared row by row. */
export interface Comparison {
  /** By table, then by region. */
  readonly tables: Readonly<Record<string, Readonly<Record<string, { readonly rows: number }>>>>;
  /** How many keys differ in all. */
  readonly differing: number;
  /** The first ones of them. */
  readonly listed: readonly EventBodies['row.diverged'][];
}

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
  bringBack(region: string, signal?: AbortSignal): Promise<void>;
  /**
   * Replication to the lost region is torn down, and set up anew with an empty one in its place.
   */
  rebuild(region: string, signal?: AbortSignal): Promise<void>;
}

export interface Backups {
  /** `west/storage` */
  readonly node: string;
  readonly asked: AskedProgram;
  state(): Promise<BackupsState>;
  /** Takes one base backup more. */
  backup(): Promise<{ readonly name: string }>;
  /** Resolves once everything that the primary has written by now is there. */
  secure(signal?: AbortSignal): Promise<void>;
  /** What of the primary's log is not there yet, and how far back that reaches. */
  missing(): Promise<{ readonly bytes: number | null; readonly ms: number | null }>;
  check(backup: PlannedBackup): Promise<CheckResult[]>;
}

export interface BackupsState {
  /** The oldest first. */
  readonly backups: readonly { readonly name: string; readonly bytes: number }[];
  readonly wal: {
    readonly last_segment: string | null;
    /** Up to here the log is there without a gap; null: none is. */
    readonly end_lsn: string | null;
    /** Bytes of log that came since the repository began. */
    readonly received_bytes: number;
  };
  /** Bytes of base backups that came since the repository began; removed ones count too. */
  readonly backup_bytes: number;
}

export interface Rebuilt {
  readonly how: 'rewound' | 'cloned' | 'followed';
  readonly ms: number;
  readonly checks: readonly CheckResult[];
}
