// One region, whatever its nodes are: its stores, its app instances, its edge link. What a runtime
// has to be able to do for it is a `RegionDriver`.
import { allDone } from '../../base/all-done.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { Clock } from '../../host/clock.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Address } from '../../host/ports.ts';
import type { Link } from '../../link/links.ts';
import { BLACKHOLE, together } from '../../link/toxics.ts';
import {
  nodeNamed,
  type NodeDisk,
  type NodeMemory,
  type NodeState,
  type LabRegion,
} from '../system/region.ts';
import type { DeadStore } from '../system/store.ts';
import { untilReady } from './app-ready.ts';
import type { OpenCarts } from './carts.ts';
import type { OpenDatabase } from './database.ts';
import { EndedNodes } from './ended-nodes.ts';
import { rebuilt, type Followed } from './rebuild.ts';

/** Such as `east/postgres` or `east/app-1`. */
export type Node = Pick<NodeState, 'node' | 'look' | 'life' | 'processorShare' | 'pids'>;

/** A store's server and what is asked of it. */
export interface StoreServer<N extends Node, S> {
  readonly node: N;
  readonly store: S;
}

export interface Instance<N extends Node> {
  readonly node: N;
  /** The address at which the runner's requests reach it. */
  readonly at: Address;
}

/** The address at which clients reach a node, and the one at which its health is asked for. */
export type Exposed = Pick<GslbEndpoint, 'host' | 'port' | 'check'>;

export interface Started<N extends Node> {
  readonly instance: Instance<N>;
  readonly exposed: Exposed;
}

export interface RegionDriver<N extends Node> {
  /** SIGKILL to every process; resolves once it is seen that none lives on. */
  kill(nodes: readonly N[]): Promise<void>;
  freeze(nodes: readonly N[]): Undoable;
  slow(node: N, share: number, region: AssembledRegion<N>): Undoable;
  /** Ends it in an orderly way; rejects where it had to be killed. */
  stop(node: N): Promise<void>;
  /**
   * A server that is dead runs again on what it had, where it was, and answers; it is what is
   * returned.
   */
  startServer(role: StoreRole, region: AssembledRegion<N>, signal: AbortSignal): Promise<N>;
  /** Milliseconds to an instance and back, by the way that the runner asks it. */
  readonly trip_ms: number;
  /** Starts the instance of that number, where it does not run yet, behind the edge link. */
  startApp(instance: number, region: AssembledRegion<N>): Promise<Started<N>>;
  /** A dead one runs again where it was: links and load balancer know it there. */
  startAppAgain(dead: Instance<N>, region: AssembledRegion<N>): Promise<Instance<N>>;
  /** The living ones of these, now or at each call of what is returned. */
  living(instances: readonly Instance<N>[]): Promise<() => readonly Instance<N>[]>;
  /** Puts the database behind the edge link too, for clients that speak SQL. */
  exposeDatabase(region: AssembledRegion<N>): Promise<Exposed>;
}

export interface RegionParts<N extends Node> {
  readonly name: string;
  readonly edge: Link;
  /** The link to the other region's databases. */
  readonly replication: Link;
  readonly clock: Clock;
  /** Ends what is rebuilt or restored, where nobody says otherwise. */
  readonly signal: AbortSignal;
  readonly peer: () => AssembledRegion<N>;
  readonly driver: RegionDriver<N>;
  readonly openDead: (store: StoreRole) => Promise<DeadStore | null>;
  readonly destroyDisks?: () => Promise<void>;
  /**
   * The dead database runs again as a standby of the other region's; how that was made, and the
   * checks of what was copied.
   */
  readonly follow?: (signal: AbortSignal) => Promise<Followed>;
  /** Makes the database from the backups; it is the region's, and takes writes. */
  readonly restore?:
    ((target: RestoreTarget, signal: AbortSignal) => Promise<RestoredFacts>) | undefined;
  readonly memoryOf?: (node: N) => NodeMemory;
  readonly diskOf?: (node: N) => NodeDisk;
}

export class AssembledRegion<N extends Node> implements LabRegion {
  readonly name: string;
  readonly edge: Link;
  readonly openDead: LabRegion['openDead'];
  readonly destroyDisks?: NonNullable<LabRegion['destroyDisks']>;
  readonly rebuild?: NonNullable<LabRegion['rebuild']>;
  readonly restore?: NonNullable<LabRegion['restore']>;
  readonly memoryOf?: NonNullable<LabRegion['memoryOf']>;
  readonly diskOf?: NonNullable<LabRegion['diskOf']>;
  /** Told of each endpoint that joins later; set once there is a GSLB. */
  onEndpoint: (endpoint: GslbEndpoint) => Promise<void> = async () => {};
  /** Null where the plan has no Redis. */
  carts: StoreServer<N, OpenCarts> | null = null;
  /** The app's, behind the edge link and known to the load balancer; dead ones too. */
  instances: readonly Instance<N>[] = [];
  readonly #parts: RegionParts<N>;
  readonly #ended: EndedNodes<N>;
  #database: StoreServer<N, OpenDatabase> | null = null;
  /** The server that `stopDatabase` has ended. */
  #stopped: N | null = null;

  constructor(parts: RegionParts<N>) {
    const {
      destroyDisks,
      follow,
      restore,
      memoryOf,
      diskOf,
      driver,
      clock,
      signal: ending,
    } = parts;
    this.#parts = parts;
    this.#ended = new EndedNodes({
      find: (name) => this.#node(name),
      end: (node, how) => (how === 'kill' ? driver.kill([node]) : driver.stop(node)),
      startAgain: (name, stop) => this.#startAgain(name, stop),
      clock,
    });
    this.name = parts.name;
    this.edge = parts.edge;
    this.openDead = parts.openDead;
    if (destroyDisks !== undefined) this.destroyDisks = destroyDisks;
    if (follow !== undefined) {
      this.rebuild = (signal = ending) =>
        rebuilt({ region: this, peer: parts.peer(), clock }, follow, signal);
    }
    if (memoryOf !== undefined) this.memoryOf = (name) => memoryOf(this.#node(name));
    if (diskOf !== undefined) this.diskOf = (name) => diskOf(this.#node(name));
    if (restore === undefined) return;
    this.restore = async (target, signal = ending) => {
      const facts = await restore(target, signal);
      await this.onEndpoint(await this.exposeDatabase());
      return facts;
    };
  }

  /** The region's server of orders; throws where it has none yet. */
  get database(): StoreServer<N, OpenDatabase> {
    if (this.#database !== null) return this.#database;
    const expected = 'a database in it';
    throw new OperationFailed({ what: `region ${this.name}`, expected, found: 'none yet' });
  }

  /** The server that was made is the region's database from now on; null: it is gone again. */
  joinDatabase(database: StoreServer<N, OpenDatabase> | null): void {
    this.#database = database;
  }

  get servers(): readonly StoreServer<N, OpenDatabase | OpenCarts>[] {
    return [this.#database, this.carts].filter((each) => each !== null);
  }

  get stores(): ReadonlyMap<StoreRole, OpenDatabase | OpenCarts> {
    return new Map(this.servers.map(({ store }) => [store.role, store]));
  }

  get all(): readonly N[] {
    return [...this.servers, ...this.instances].map(({ node }) => node);
  }

  async kill(): Promise<void> {
    await this.#ended.killAll(() => this.#parts.driver.kill(this.all));
  }

  get isGivenUp(): boolean {
    return this.#ended.isOver || (this.#database !== null && this.hasStopped);
  }

  readonly end: LabRegion['end'] = (name, how) => this.#ended.end(name, how);
  readonly mayDie: LabRegion['mayDie'] = (name) => this.#ended.mayDie(name);
  readonly crash: LabRegion['crash'] = (name, every_ms) => this.#ended.crash(name, every_ms);

  /**
   * The black hole of both links, which are all that joins the region to anything: their other ends
   * see silence, not a reset.
   */
  isolate(): Undoable {
    const { replication, edge } = this.#parts;
    return together([replication, edge].map((link) => link.disturb(BLACKHOLE)));
  }

  readonly slow: LabRegion['slow'] = (name, share) =>
    this.#parts.driver.slow(this.#node(name), share, this);

  freeze(name?: string): Undoable {
    return this.#parts.driver.freeze(name === undefined ? this.all : [this.#node(name)]);
  }

  async stopDatabase(): Promise<void> {
    const { node } = this.database;
    await this.#parts.driver.stop(node);
    this.#stopped = node;
  }

  /** The database was stopped in a planned way: it lacks nothing and has nothing of its own. */
  get hasStopped(): boolean {
    return this.#stopped === this.database.node;
  }

  nodes(): readonly NodeState[] {
    const state = (node: N, kind: NodeState['kind'], { host, port }: Address): NodeState => {
      const look = (timeout_ms: number) => node.look(timeout_ms);
      const life = () => node.life();
      const processorShare = (ms: number) => node.processorShare(ms);
      const own = { look, life, processorShare, pids: () => node.pids() };
      return { node: node.node, kind, host, port, ...own };
    };
    return [
      ...this.servers.map(({ node, store }) => state(node, store.engine, store.at)),
      ...this.instances.map(({ node, at }) => state(node, 'app', at)),
    ];
  }

  /** Puts the database behind the edge link too; what the load balancer must know of it. */
  async exposeDatabase(): Promise<GslbEndpoint> {
    const exposed = await this.#parts.driver.exposeDatabase(this);
    return { node: this.database.store.node, region: this.name, service: 'postgres', ...exposed };
  }

  /** Starts the instances of these numbers; what the load balancer must know of them. */
  async startApps(numbers: readonly number[]): Promise<GslbEndpoint[]> {
    const { driver } = this.#parts;
    const started = await allDone(numbers.map((each) => driver.startApp(each, this)));
    this.instances = [...this.instances, ...started.map(({ instance }) => instance)];
    return started.map(({ instance, exposed }): GslbEndpoint => {
      const { node } = instance.node;
      return { node, region: this.name, service: 'orders', ...exposed };
    });
  }

  /** Ends what this runner has open to it; everything in it goes on. */
  async close(): Promise<void> {
    await Promise.all(this.servers.map(({ store }) => store.close()));
  }

  async scaleApp(instances: number): Promise<void> {
    const { driver } = this.#parts;
    const living = (await driver.living(this.instances))();
    const dead = this.instances.filter((each) => !living.includes(each));
    const back = dead.slice(0, Math.max(0, instances - living.length));
    await allDone(back.map((each) => this.#startInstanceAgain(each)));
    const missing = Math.max(0, instances - living.length - back.length);
    const last = Math.max(0, ...this.instances.map(({ node }) => numberOf(node)));
    const added = await this.startApps(Array.from({ length: missing }, (_, i) => last + 1 + i));
    await allDone(added.map((endpoint) => this.onEndpoint(endpoint)));
  }

  async untilAppReady(signal?: AbortSignal): Promise<number> {
    const { driver, clock } = this.#parts;
    const living = await driver.living(this.instances);
    return await untilReady({ region: this.name, trip_ms: driver.trip_ms, living, clock }, signal);
  }

  /** One that has died is where it was; everybody who knew it there finds it again. */
  async #startAgain(name: string, signal: AbortSignal): Promise<void> {
    const { driver } = this.#parts;
    const isIt = ({ node }: { readonly node: N }) => node.node === name;
    const server = this.servers.find(isIt);
    if (server === undefined) return await this.#startInstanceAgain(this.instances.find(isIt)!);
    const node = await driver.startServer(server.store.role, this, signal);
    if (server === this.carts) this.carts = { ...this.carts, node };
    else this.joinDatabase({ ...this.database, node });
  }

  async #startInstanceAgain(dead: Instance<N>): Promise<void> {
    const again = await this.#parts.driver.startAppAgain(dead, this);
    this.instances = this.instances.map((each) => (each === dead ? again : each));
  }

  #node(name: string): N {
    return nodeNamed(this.all, this.name, name);
  }
}

/** A region of whatever nodes, for who does nothing to these. */
export type AnyRegion = LabRegion &
  Pick<AssembledRegion<Node>, 'database' | 'stores' | 'instances' | 'onEndpoint'>;

/** `east/app-2` → 2 */
export function numberOf({ node }: Pick<Node, 'node'>): number {
  return Number(node.split('-').at(-1));
}
