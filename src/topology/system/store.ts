// One store of one region, reached directly and not by the clients' path: what every store can do,
// and abilities that some have.
import type { StoreEngine, StoreRole } from '../../drill/stores.ts';
import type { CheckResult, Emit, VerificationResult } from '../../evidence/event.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { SalvagedRow } from '../../evidence/salvage.ts';
import type { SurvivorRow } from '../../evidence/survivors.ts';
import type { Address } from '../../host/ports.ts';
import type { Mistake, OrderId } from '../../evidence/restore.ts';

export interface WriteProbe {
  readonly accepted: boolean;
  readonly detail: string;
}

export interface ReplicationState {
  readonly state: string;
  readonly sync_state: string;
  /** Of the log that the primary has written. Bytes. */
  readonly written_bytes: number;
  /** What of that the standby has not said to have. */
  readonly lag_bytes: number;
  readonly reply_age_ms: number;
}

/** What it is, and what it holds. */
export interface StoreDescription {
  /** Of the server's program. */
  readonly version: string;
  /** On disk; in memory, of a store that is kept there. */
  readonly bytes: number;
  /** As the store knows without a look at each; null: it does not. */
  readonly rows: number | null;
}

export interface Store {
  readonly role: StoreRole;
  readonly engine: StoreEngine;
  /** `west/postgres`, `west/redis` */
  readonly node: string;
  /** What the primary says of its standby; null when none is connected. */
  replication(): Promise<ReplicationState | null>;
  /** One real write with its own short time limits. */
  tryWrite(timeout_ms: number): Promise<WriteProbe>;
  /**
   * Makes it the primary and resolves at the first write that is accepted. The timeline is 0 where
   * the store has none.
   */
  promote(emit: Emit, signal?: AbortSignal): Promise<{ timeline: number }>;
  describe(): Promise<StoreDescription>;
  /** Requests of the workload that it is working on. */
  activeClients(): Promise<number>;
  /** Everything that clients wrote, in one snapshot. */
  readRows(
    onRow: (row: SurvivorRow) => void,
  ): Promise<{ rows: number; timeline: number; snapshot: string }>;
  /** Its own checks of what it holds: amcheck, checksums, timeline, a marker write. */
  inspect(): Promise<VerificationResult[]>;
  /** What can be done to it from inside while it runs; absent: nothing. */
  readonly disturb?: StoreDisturbance;
  /** Only where bulk can be asked of it. */
  readonly carry?: Carry;
  readonly log?: StoreLog;
  readonly synchronous?: SynchronousCommit;
  readonly archive?: LogArchive;
  readonly harm?: Harm;
}

/** How much was carried, and how long that took. */
export interface Carried {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Sends so many bytes to what is reached at that address, or has so many sent back, for no other
 * purpose. How long it takes besides an empty question. Rejects where the connection is lost.
 */
export type Carry = (
  by: Address,
  load: { readonly up: number; readonly down: number },
  atMost_ms: number,
) => Promise<Carried>;

/** The log that a standby follows. */
export interface StoreLog {
  /** Flushed on a primary, received on a standby. Bytes. */
  position(): Promise<bigint>;
  /**
   * On a standby: how old the newest transaction is that it has replayed. Null where there is none.
   */
  replayedAgo_ms(): Promise<number | null>;
  /** Up to where a standby has applied it. Bytes. */
  replayed(): Promise<bigint>;
  checkpoint(): Promise<void>;
}

/** What is done to a store that runs. */
export interface StoreEffect extends Undoable {
  /** A store that dies and is started again has it still; else it is over when the store dies. */
  readonly staysOnDisk: boolean;
}

/** How a store that runs can be disturbed by whoever administers it; each where it can be. */
export interface StoreDisturbance {
  /** A standby receives nothing of its primary any more. */
  readonly stopReplication: () => StoreEffect;
  /** A standby receives what its primary writes, and does not apply it. */
  readonly pauseReplay?: () => StoreEffect;
  /** A session that holds a lock on the orders. */
  readonly lockTable?: (mode: 'access exclusive' | 'exclusive') => StoreEffect;
  /** Whether such a request of a client waits for a lock for so long. */
  readonly requestWaits?: (
    request: 'write' | 'read',
    wait_ms: number,
  ) => Promise<Omit<CheckResult, 'name'>>;
  /** All connections but for so many are taken; those of clients that have one stay. */
  readonly takeConnections?: (leaves: number) => StoreEffect;
  /** Whether a client gets no more than so many new ones. */
  readonly refusesConnections?: (leaves: number) => Promise<Omit<CheckResult, 'name'>>;
  /** Commits that wait for the standby wait no more, and are acknowledged with a warning. */
  readonly cancelSyncWaits?: () => StoreEffect;
  /** Commits wait for no standby any more; those that wait are acknowledged. */
  readonly releaseCommits?: () => StoreEffect;
  /** Resolves once every commit from now on waits for the standby, or for none. */
  readonly untilCommitsWait?: (wait: boolean) => Promise<void>;
  /** The warning of a commit that is made now, and how many writes were cancelled by then. */
  readonly unprotected?: () => Promise<{
    readonly warning: string | null;
    readonly writes: number;
  }>;
  /**
   * A page of the orders is damaged on the disk. `apply` has the effect, while nobody can read the
   * page; where that is, is told.
   */
  readonly damagePage?: (apply: (effect: StoreEffect) => Promise<void>) => Promise<string>;
  /** What a client that reads every order is told, and what the server has counted. */
  readonly readsDamage?: () => Promise<Omit<CheckResult, 'name'>>;
  /** A primary loses everything that it holds, and its replica too; to how many items. */
  readonly flush?: () => Promise<number>;
  /** Whether anything that it held at the last `flush` is there still. */
  readonly isFlushed?: () => Promise<boolean>;
}

/** Commits that wait for a standby. */
export interface SynchronousCommit {
  /** No commit waits for a standby that is dead. */
  release(): Promise<void>;
  /** From now on commits wait for the standby of that name. */
  require(standby: string): Promise<void>;
}

/** Log that is archived, segment by segment. */
export interface LogArchive {
  /** Ends the current segment of the log, so that it is archived. */
  switchSegment(): Promise<void>;
  state(): Promise<ArchiverState>;
  /** An archive command that fails, or the store's own again. */
  setWorking(works: boolean): Promise<void>;
}

export interface ArchiverState {
  readonly failed_count: number;
  readonly last_failed: string | null;
  /** The last attempt failed. */
  readonly is_failing: boolean;
  /** `setWorking(false)` was what was last said. */
  readonly is_broken: boolean;
}

/** Rows that are changed behind the back of the clients. */
export interface Harm {
  /** An operator's mistake. */
  makeMistake(statement: Mistake['statement'], share: number): Promise<Mistake>;
  /** How many of the rows are as they were before. */
  unharmedRows(ids: readonly OrderId[]): Promise<number>;
}

export interface DeadStore extends Pick<Store, 'role' | 'node' | 'readRows'> {
  /** Rows whole, by their ids; null for a store that has no such thing. */
  readonly rowsOf: ((ids: readonly OrderId[]) => Promise<SalvagedRow[]>) | null;
  stop(): Promise<unknown>;
}
