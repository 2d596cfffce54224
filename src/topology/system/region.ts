// One region: nodes that fail together, the stores on them, and what can be done to it. An ability
// that a runtime or a strategy does not give is not there.
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { Link } from '../../link/links.ts';
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import { lacking } from './ability.ts';
import type { NodeState } from './node.ts';
import type { Rebuilt } from './protection.ts';
import type { DeadStore, Store } from './store.ts';

export interface Region {
  readonly name: string;
  /** The edge link `clients-<name>`. */
  readonly edge: Link;
  nodes(): readonly NodeState[];
  /** Those that the region has by now, dead ones too, in the order of the plan's stores. */
  readonly stores: ReadonlyMap<StoreRole, Store>;
  readonly power: Power;
  readonly app: App;
  readonly network?: Network;
  readonly suspend?: Suspend;
  readonly disks?: Disks;
  readonly deadDisk?: DeadDisk;
  readonly shutdown?: Shutdown;
  /**
   * Makes the dead database a standby of the other region's: rewound where that is possible, else
   * copied anew and checked. The replication link must be up. Resolves once it streams. One that
   * ended in an orderly way, with nothing of its own, only has to follow.
   */
  readonly rebuild?: (signal?: AbortSignal) => Promise<Rebuilt>;
  /**
   * Makes the database from the backups, where the region has none; it takes writes when this
   * resolves. A target that cannot be reached rejects, and leaves no server running.
   */
  readonly restore?: (target: RestoreTarget, signal?: AbortSignal) => Promise<RestoredFacts>;
}

export interface Power {
  /** SIGKILL to the whole process tree of every node at once. */
  kill(): Promise<void>;
}

export interface Network {
  /**
   * Cuts the region off from clients and from the other region, both ways and without a reset
   * (bytes vanish); its processes live and reach each other. What was cut by `Link.sever` meanwhile
   * (a fence) stays cut when it ends.
   */
  isolate(): Undoable;
}

export interface Suspend {
  /** Every process of every node stands still; those go on afterwards that are still there. */
  freeze(): Undoable;
}

export interface Disks {
  /** What a killed region had on its disks is out of everybody's reach from now on. */
  destroy(): Promise<void>;
}

export interface DeadDisk {
  /**
   * The disk of a dead primary, started alone and fenced (private port, no archiving, no
   * replication). Null when its disk cannot know: Redis without an append-only file.
   */
  open(store: StoreRole): Promise<DeadStore | null>;
}

export interface Shutdown {
  /**
   * Ends the database in an orderly way: once its standby has everything, and without a trace of a
   * crash.
   */
  stopDatabase(): Promise<void>;
}

export interface App {
  /**
   * Starts instances until there are so many, each behind the edge link and known to the GSLB; dead
   * ones come back where they were, before there are new ones.
   */
  scale(instances: number): Promise<void>;
  /**
   * Resolves when every living instance answers `/readyz` with 200, i.e. its database takes writes;
   * to how many those are.
   */
  untilReady(signal?: AbortSignal): Promise<number>;
}

/** The store of a region that clients of that name write to. */
export function storeIn({ name, stores }: Region, store: StoreRole): Store {
  const found = stores.get(store);
  if (found === undefined)
    throw lacking(`region ${name}`, `a store ${store}`, [...stores.keys()].join(', ') || 'none');
  return found;
}

/** The region's database of orders. */
export function ordersIn(region: Region): Store {
  return storeIn(region, 'orders');
}

/** The node that a store is on. */
export function nodeOf(region: Region, { node }: Store): NodeState {
  const found = region.nodes().find((each) => each.node === node);
  if (found === undefined)
    throw lacking(`region ${region.name}`, `the node ${node}`, 'no such node');
  return found;
}

/** For `System.region`: the region of that name. */
export function regionIn<R extends Region>(regions: ReadonlyMap<string, R>, name: string): R {
  const region = regions.get(name);
  if (region === undefined) throw new Error(`there is no region ${name}`);
  return region;
}
