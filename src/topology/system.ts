// What a running two-region system is to the engine, the faults and the recoveries. Each runtime
// (embedded, compose) brings one up; nothing above this folder knows which.
import type { CheckResult, Emit, Endpoint, KeptNode } from '../evidence/event.ts';
import type { SurvivorRow } from '../evidence/survivors.ts';
import type { UndoEntry } from '../evidence/undo.ts';
import type { Plan } from '../drill/plan.ts';
import type { Link } from '../link/links.ts';
import type { GslbState } from '../gslb/protocol.ts';
import type { Clock } from '../host/clock.ts';

/** Where a run keeps its things. */
export interface RunPlace {
  readonly id: string;
  /** The run directory, with `logs/` in it. */
  readonly directory: string;
  readonly logs: string;
  /** For data directories and sockets; outside the run directory, gone after the run. */
  readonly scratch: string;
}

/**
 * Writes the undo entry to disk, then remembers `undo` for the end of the run (exact reverse
 * order).
 */
export type Defer = (entry: UndoEntry, undo: () => Promise<void>) => Promise<void>;

export interface UpContext {
  readonly plan: Plan;
  readonly place: RunPlace;
  readonly clock: Clock;
  readonly origin_ms: number;
  readonly emit: Emit;
  readonly defer: Defer;
  readonly signal: AbortSignal;
}

/** A way to have two regions. */
export interface Runtime {
  readonly kind: string;
  up(context: UpContext): Promise<System>;
}

export interface System {
  readonly description: {
    readonly runtime: string;
    readonly postgres: string;
    readonly proxy: string;
    readonly settings: Record<string, string>;
    readonly endpoints: Endpoint[];
    /** Every node that can ever answer, scale-up included; ledger records refer to this order. */
    readonly nodes: string[];
  };
  readonly gslb: Gslb;
  region(name: string): Region;
  link(name: string): Link;
  /** Credentials of the workload role, for `via: sql`. */
  readonly workloadDatabase: {
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** The environment that programs of this run are started with: it carries the run's mark. */
  readonly environment: Record<string, string>;
  /**
   * Asks everything to outlive the runner and says how to reach it (writes the 0600 password file).
   */
  keep(): Promise<KeptNode[]>;
}

export interface Gslb {
  readonly host: string;
  readonly port: number;
  /**
   * Moves clients: these regions may be answered from now on. Resolves when the answer is theirs.
   */
  serve(regions: readonly string[], signal?: AbortSignal): Promise<void>;
  state(): Promise<GslbState>;
  /** Resolves once the health checks hold the region to be down (at once if they do already). */
  untilDown(region: string, signal?: AbortSignal): Promise<{ at_ms: number; detail: string }>;
  isDown(region: string): boolean;
}

export interface Region {
  readonly name: string;
  readonly database: Database;
  /** The edge link `clients-<name>`. */
  readonly edge: Link;
  nodes(): readonly NodeState[];
  /** SIGKILL to the whole process tree of every node at once. */
  kill(): Promise<void>;
  /**
   * Starts app instances until there are `instances`, each behind the edge link and known to the
   * GSLB.
   */
  scaleApp(instances: number): Promise<void>;
  /** Resolves when the app answers `/readyz` with 200, i.e. its database takes writes. */
  untilAppReady(signal?: AbortSignal): Promise<void>;
  /**
   * The disk of a dead primary, started alone and fenced (private port, no archiving, no
   * replication).
   */
  openDeadDatabase(): Promise<DeadDatabase>;
}

export interface NodeState {
  readonly node: string;
  readonly kind: 'postgres' | 'app';
  readonly host: string;
  readonly port: number;
  readonly pids: () => readonly number[];
}

export interface WriteProbe {
  readonly accepted: boolean;
  readonly detail: string;
}

export interface ReplicationState {
  readonly state: string;
  readonly sync_state: string;
  readonly lag_bytes: number;
  readonly reply_age_ms: number;
}

/** One database, reached directly and not by the clients' path. */
export interface Database {
  /** `west/postgres` */
  readonly node: string;
  /** What the primary says of its standby; null when none is connected. */
  replication(): Promise<ReplicationState | null>;
  /** Write-ahead-log position: flushed on a primary, received on a standby. Bytes. */
  position(): Promise<bigint>;
  /** One real write with its own short time limits. */
  tryWrite(timeout_ms: number): Promise<WriteProbe>;
  /** Sends the promotion, again after 60 ms, and resolves at the first write that is accepted. */
  promote(emit: Emit, signal?: AbortSignal): Promise<{ timeline: number }>;
  /** Empties `synchronous_standby_names`, so that no commit waits for a dead standby. */
  releaseSynchronousCommit(): Promise<void>;
  activeClientBackends(): Promise<number>;
  /** All rows of `orders`, by COPY in one snapshot. */
  readOrders(
    onRow: (row: SurvivorRow) => void,
  ): Promise<{ rows: number; timeline: number; snapshot: string }>;
  /** amcheck, checksums, timeline, a marker write. */
  inspect(): Promise<CheckResult[]>;
}

export interface DeadDatabase {
  readonly database: Pick<Database, 'node' | 'readOrders'>;
  stop(): Promise<void>;
}
