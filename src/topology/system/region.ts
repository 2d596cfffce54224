// One region: nodes that fail together, the stores on them, and what can be done to it. An ability
// that a runtime or a strategy does not give is not there.
import { ABILITIES, type Ability } from '../../drill/ability.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import type { Undoable } from '../../evidence/undo.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Link } from '../../link/links.ts';
import type { Rebuilt } from './protection.ts';
import type { DeadStore, Store, StoreDisturbance, StoreEffect } from './store.ts';

const LOOK_MS = 500;

/** One process or container of a region, as it can be seen from outside. */
export interface NodeState {
  readonly node: string;
  readonly kind: 'postgres' | 'redis' | 'app';
  readonly host: string;
  readonly port: number;
  /** What can be seen of it from outside, without believing the call that changed it. */
  look(timeout_ms: number): Promise<NodeLook>;
  /** Tells one life of it from the next, by whoever runs it; null while it is dead. */
  life(): Promise<string | null>;
  /**
   * The share of a processor that it gets now at most, by what it was given within so long: between
   * 0 and 1.
   */
  processorShare(within_ms: number): Promise<number>;
  /** Its live processes, where they are processes of this machine; else empty. */
  pids(): readonly number[];
}

/** How much memory a node has, and what can be done about that. */
export interface NodeMemory {
  /** By whoever counts it, and not by the call that set the limit. */
  look(): Promise<MemoryLook>;
  /**
   * What it holds becomes that share of what it may have, between 0 and 1. Undone, it may have what
   * it had.
   */
  squeeze(share: number): Undoable;
}

export interface MemoryLook {
  /** What it cannot give back, and what it may have; null while it is dead. */
  readonly used: { readonly held_bytes: number; readonly limit_bytes: number } | null;
  /** Its limit where nobody has changed it. */
  readonly usual_bytes: number;
  /** Since it was started last, a process of it was killed for want of memory. */
  readonly hasKilled: boolean;
}

/** The disk of a node that has one of a bounded size, and what can be done about its room. */
export interface NodeDisk {
  /** From a container that has it too; `bytes` are written to it for a moment, where it can be. */
  look(bytes: number): Promise<DiskLook>;
  /** That share of it stays free, between 0 and 1. Undone, there is room again. */
  fill(free: number): Undoable;
}

export interface DiskLook {
  readonly size_bytes: number;
  readonly free_bytes: number;
  /** So many bytes could not be written. */
  readonly refuses: boolean;
  /** Whose word it is. */
  readonly by: string;
}

/** `stop`: in an orderly way. */
export const ENDING_WAYS = ['kill', 'stop'] as const;
export type EndingWay = (typeof ENDING_WAYS)[number];

export interface NodeLook {
  readonly state: 'running' | 'frozen' | 'dead';
  readonly detail: string;
}

export interface Region {
  readonly name: string;
  /** Those that the region has by now, dead ones too, in the order of the plan's stores. */
  readonly stores: ReadonlyMap<StoreRole, Store>;
}

/** A region that drill has made. */
export interface LabRegion extends Region {
  /** The edge link `clients-<name>`. */
  readonly edge: Link;
  nodes(): readonly NodeState[];
  /**
   * SIGKILL to the whole process tree of every node at once. From then on no node of it comes back
   * because its own fault is healed.
   */
  kill(): Promise<void>;
  /**
   * It was killed, or its database was stopped on purpose: what is dead of it is not started again
   * as it was.
   */
  readonly isGivenUp: boolean;
  /**
   * One node dies, or is asked to end and does. Undone, it runs again on what it had, and answers.
   */
  end(node: string, how: EndingWay): Undoable;
  /** Nothing happens to the node now. Undone, it runs again, and answers, where it has died. */
  mayDie(node: string): Undoable;
  /**
   * Cuts the region off from clients and from the other region, both ways and without a reset
   * (bytes vanish); its processes live and reach each other. What was cut by `Link.sever` meanwhile
   * (a fence) stays cut when it ends.
   */
  isolate(): Undoable;
  /**
   * One node dies so often, and is started again each time. Undone, it runs and stays.
   */
  crash(node: string, every_ms: number): Undoable;
  /** That share of a processor is left to the node, between 0 and 1. */
  slow(node: string, share: number): Undoable;
  /**
   * Every process stands still, of every node or of that one; those go on afterwards that are still
   * there.
   */
  freeze(node?: string): Undoable;
  /**
   * The disk of a dead primary, started alone and fenced (private port, no archiving, no
   * replication). Null when its disk cannot know: Redis without an append-only file.
   */
  openDead(store: StoreRole): Promise<DeadStore | null>;
  /**
   * Ends the database in an orderly way: once its standby has everything, and without a trace of a
   * crash.
   */
  stopDatabase(): Promise<void>;
  /**
   * Starts app instances until there are so many, each behind the edge link and known to the GSLB;
   * dead ones come back where they were, before there are new ones.
   */
  scaleApp(instances: number): Promise<void>;
  /**
   * Resolves when every living app instance answers `/readyz` with 200, i.e. its database takes
   * writes; to how many those are.
   */
  untilAppReady(signal?: AbortSignal): Promise<number>;
  /** The memory of a node, where each has a limit of its own. */
  readonly memoryOf?: (node: string) => NodeMemory;
  /** The disk of a node that the plan has a bounded one for. */
  readonly diskOf?: (node: string) => NodeDisk;
  /** What a killed region had on its disks is out of everybody's reach from now on. */
  readonly destroyDisks?: () => Promise<void>;
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

/** The ability; throws where the system does not give it. */
export function needed<T>(given: T | null | undefined, ability: Ability, whose: string): T {
  if (given !== null && given !== undefined) return given;
  throw lacking(whose, ABILITIES[ability], 'none in this system');
}

export function lacking(what: string, expected: string, found: string): OperationFailed {
  return new OperationFailed({ what, expected, found });
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

type Ways = Required<StoreDisturbance>;

/** One way in which the store can be disturbed, or look at that. */
export function wayTo<W extends keyof Ways>(store: Store, way: W): Ways[W] {
  const ways: Partial<Ways> = needed(store.disturb, 'disturb-stores', store.node);
  return needed<Ways[W]>(ways[way], 'disturb-stores', store.node);
}

/**
 * What is done to a store, and undone as long as it lives. With a dead one it is over, but for what
 * would be there still when it runs again: that is not undone yet.
 */
export function whileItLives(region: LabRegion, store: Store, effect: StoreEffect): Undoable {
  const undo = async () => {
    const { state } = await nodeOf(region, store).look(LOOK_MS);
    if (state !== 'dead') return await effect.undo();
    if (region.isGivenUp || !effect.staysOnDisk) return [];
    const expected = 'it to run, so that what stands on its disk can be undone';
    throw lacking(store.node, expected, 'that it is dead');
  };
  return { ...effect, undo };
}

/** The node of that name, such as that of a store. */
export function nodeOf(region: LabRegion, { node }: Pick<Store, 'node'>): NodeState {
  return nodeNamed(region.nodes(), region.name, node);
}

/** Among those of the region. */
export function nodeNamed<N extends { readonly node: string }>(
  nodes: readonly N[],
  region: string,
  name: string,
): N {
  const found = nodes.find(({ node }) => node === name);
  if (found !== undefined) return found;
  const there = nodes.map(({ node }) => node).join(', ') || 'none';
  throw lacking(`region ${region}`, `the node ${name}`, there);
}

/** For `System.region`: the region of that name. */
export function regionIn<R extends Region>(regions: ReadonlyMap<string, R>, name: string): R {
  const region = regions.get(name);
  if (region === undefined) throw new Error(`there is no region ${name}`);
  return region;
}
