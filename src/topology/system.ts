// What a running two-region system is to the engine, the faults and the recoveries. Each runtime
// (embedded, compose) brings one up; nothing above this folder knows which.
import type { Emit, Endpoint, KeptNode, NodeUsage, VerificationResult } from '../evidence/event.ts';
import type { SalvagedRow } from '../evidence/salvage.ts';
import type { SurvivorRow } from '../evidence/survivors/survivors.ts';
import type { Effect, Undoable } from '../evidence/undo.ts';
import type { Plan, StoreName } from '../drill/plan/plan.ts';
import type { Link, LinkProxy } from '../link/links.ts';
import type { GslbState } from '../gslb/protocol.ts';
import type { Clock } from '../host/clock.ts';
import type { Rebuilt, Restored, Storage, TwoWay } from './protection.ts';
import type { ArchiverSeen } from '../postgres/backup/archiver.ts';
import type { Mistake } from '../postgres/read/mistake.ts';
import type { RestoreTarget } from '../postgres/restore/restore-target.ts';
import type { OrderId } from '../postgres/read/whole-orders.ts';

export type { Rebuilt, Restored, Storage, TwoWay };

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
 * Writes the effect to the undo log, then remembers `undo` for the end of the run (exact reverse
 * order).
 */
export type Defer = (effect: Effect, undo: () => Promise<void>) => Promise<void>;

export interface UpContext {
  readonly plan: Plan;
  readonly place: RunPlace;
  readonly clock: Clock;
  readonly origin_ms: number;
  readonly emit: Emit;
  readonly defer: Defer;
  readonly signal: AbortSignal;
  /** Stops the run: what it stands on is gone, such as the container engine. */
  readonly fail: (error: Error) => void;
}

/** Brings up the system of a run, or takes up one that is there. */
export interface SystemMaker {
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
  /**
   * The id of the run that made the system, which its app answers for: not this run's when a system
   * that is up is drilled.
   */
  readonly mark: string;
  /** The directory of that run; `system.json` is in it once the system is to stay up. */
  readonly directory: string;
  /**
   * Whether something of the system may take connections behind a proxy, and what was seen; at most
   * twice `timeout_ms`.
   */
  mayListen(proxy: LinkProxy, timeout_ms: number): Promise<Listening>;
  /** What every living node of both regions has used so far, and what crossed between them. */
  usage(): Promise<SystemUsage>;
  /**
   * Makes the dead database of a region a standby of the other region's: rewound where that is
   * possible, else copied anew and checked. The replication link must be up. Resolves once it
   * streams. One that ended in an orderly way, with nothing of its own, only has to follow. Null
   * for a system that another run has brought up.
   */
  readonly rebuildDatabase: ((region: string, signal?: AbortSignal) => Promise<Rebuilt>) | null;
  /** Two regions that replicate to each other; null where one follows the other. */
  readonly twoWay: TwoWay | null;
  /** Base backups and log in the second region; null where the strategy keeps none. */
  readonly storage: Storage | null;
  /**
   * Asks everything to outlive the runner and says how to reach it (writes the 0600 password file).
   */
  keep(): Promise<KeptNode[]>;
}

export interface SystemUsage {
  readonly nodes: NodeUsage[];
  readonly replicated_bytes: number | null;
}

export interface Listening {
  readonly listens: boolean;
  readonly detail: string;
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
  /** The Redis of the region; null when the plan has none. */
  readonly carts: Store | null;
  /** The edge link `clients-<name>`. */
  readonly edge: Link;
  nodes(): readonly NodeState[];
  /** SIGKILL to the whole process tree of every node at once. */
  kill(): Promise<void>;
  /**
   * Cuts the region's network off from clients and from the other region, both ways and without a
   * reset (bytes vanish); its processes live and reach each other. What was cut by `Link.cut`
   * meanwhile (a fence) stays cut when it ends.
   */
  isolation(): Undoable;
  /** Every process of every node stands still, as it is; those go on that are still there. */
  standstill(): Undoable;
  /**
   * Ends the database in an orderly way: once its standby has everything, and without a trace of a
   * crash.
   */
  stopDatabase(): Promise<void>;
  /**
   * Starts app instances until there are `instances`, each behind the edge link and known to the
   * GSLB; dead ones come back where they were, before there are new ones.
   */
  scaleApp(instances: number): Promise<void>;
  /**
   * Resolves when every living instance of the app answers `/readyz` with 200, i.e. its database
   * takes writes; to how many those are.
   */
  untilAppReady(signal?: AbortSignal): Promise<number>;
  /** What a killed region had on its disks is out of everybody's reach from now on. */
  destroyDisks(): Promise<void>;
  /**
   * Makes the region's database from the storage, where it has none; it takes writes when this
   * resolves. A target that cannot be reached rejects, and leaves no server running.
   */
  restoreDatabase(target: RestoreTarget, signal?: AbortSignal): Promise<Restored>;
  /**
   * The disk of a dead primary, started alone and fenced (private port, no archiving, no
   * replication). Null when its disk cannot know: Redis without an append-only file.
   */
  openDead(store: StoreName): Promise<DeadStore | null>;
}

export interface NodeState {
  readonly node: string;
  readonly kind: 'postgres' | 'redis' | 'app';
  readonly host: string;
  readonly port: number;
  /** What can be seen of it from outside, without believing the call that changed it. */
  look(timeout_ms: number): Promise<NodeLook>;
  /** Its live processes, where they are processes of this machine; else empty. */
  pids(): readonly number[];
}

export interface NodeLook {
  readonly state: 'running' | 'frozen' | 'dead';
  readonly detail: string;
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

/** One store of one region, reached directly and not by the clients' path. */
export interface Store {
  readonly store: StoreName;
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
  /** Requests of the workload that it is working on. */
  activeClients(): Promise<number>;
  /** Everything that clients wrote, in one snapshot. */
  readRows(
    onRow: (row: SurvivorRow) => void,
  ): Promise<{ rows: number; timeline: number; snapshot: string }>;
  /** Its own checks of what it holds: amcheck, checksums, timeline, a marker write. */
  inspect(): Promise<VerificationResult[]>;
}

export interface Database extends Store {
  /** Write-ahead-log position: flushed on a primary, received on a standby. Bytes. */
  position(): Promise<bigint>;
  /** Empties `synchronous_standby_names`, so that no commit waits for a dead standby. */
  releaseSynchronousCommit(): Promise<void>;
  /** From now on commits wait for the standby of that name. */
  requireSynchronousCommit(standby: string): Promise<void>;
  checkpoint(): Promise<void>;
  /** Ends the current segment of its log, so that it is archived. */
  switchSegment(): Promise<void>;
  /** What it says of its archiving; and an archive command that fails, or its own again. */
  archiver(): Promise<ArchiverSeen>;
  setArchiving(works: boolean): Promise<void>;
  /** An operator's mistake, and how many of its rows are as they were before. */
  makeMistake(statement: Mistake['statement'], share: number): Promise<Mistake>;
  unharmedRows(ids: readonly OrderId[]): Promise<number>;
  /**
   * On a standby: how old the newest transaction is that it has replayed. Null where there is none.
   */
  replayedAgo_ms(): Promise<number | null>;
}

export interface DeadStore {
  readonly contents: Pick<Store, 'store' | 'node' | 'readRows'>;
  /** Rows whole, by their ids; null for a store that has no such thing. */
  readonly rowsOf: ((ids: readonly OrderId[]) => Promise<SalvagedRow[]>) | null;
  stop(): Promise<unknown>;
}

/** For `System.region`: the region of that name. */
export function regionIn<R extends Region>(regions: ReadonlyMap<string, R>, name: string): R {
  const region = regions.get(name);
  if (region === undefined) throw new Error(`there is no region ${name}`);
  return region;
}
