// One region of loopback processes: its database, its Redis, its app instances, its edge link.
import { OperationFailed } from '../../host/operation-failed.ts';
import type { StoreRole } from '../../drill/plan/plan.ts';
import type { AppSettings } from '../../app/protocol.ts';
import type { Undoable } from '../../evidence/undo.ts';
import {
  continueTrees,
  identify,
  killTrees,
  liveTree,
  stopTrees,
  untilGone,
} from '../../host/process/processes.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { Link } from '../../link/links.ts';
import { BLACKHOLE, together } from '../../link/toxics.ts';
import type { Server } from '../../postgres/server/launcher.ts';
import { untilReady } from '../assembled/app-ready.ts';
import type { NodeState } from '../system/node.ts';
import type { App, DeadDisk, Disks, Region } from '../system/region.ts';
import type { Store } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';
import { cartSettings } from '../assembled/carts.ts';
import type { OpenDatabase } from '../assembled/database.ts';
import { AppInstances, type Address } from './app-instances.ts';
import { lookAt, type NodeContext, type ProgramNode, type Watched } from './nodes.ts';
import type { CartsNode } from './redis-servers.ts';

const GONE_MS = 2_000;

export interface RegionParts {
  readonly name: string;
  readonly context: UpContext;
  readonly nodes: NodeContext;
  readonly capacity_per_s: number;
  readonly workload: {
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** The link to the other region's databases. */
  readonly replication: () => Link;
  readonly deadDisk: DeadDisk;
  /** What needs the passwords and places of the run that made the system. */
  readonly abilities: Pick<Region, 'disks' | 'rebuild' | 'restore'>;
  /** Instances that are started outlive this runner: the system was up before it. */
  readonly isKept?: boolean;
}

/**
 * A region that is being filled: programs first, since they take longest, then the database, then
 * the instances.
 */
export class EmbeddedRegion implements Region {
  readonly name: string;
  readonly power = { kill: () => this.#kill() };
  readonly network = { isolate: () => this.#isolate() };
  readonly suspend = { freeze: () => this.#freeze() };
  readonly shutdown = { stopDatabase: () => this.#stopDatabase() };
  readonly app: App = {
    scale: (instances) => this.#apps.scale(instances),
    untilReady: (signal) => this.#untilAppReady(signal),
  };
  readonly deadDisk: DeadDisk;
  readonly disks?: Disks;
  readonly rebuild?: NonNullable<Region['rebuild']>;
  readonly restore?: NonNullable<Region['restore']>;
  readonly #parts: RegionParts;
  readonly #apps: AppInstances;
  #edge: Link | null = null;
  #server: {
    readonly server: Server;
    readonly watched: Watched;
    readonly database: OpenDatabase;
  } | null = null;
  #carts: CartsNode | null = null;
  #hasStopped = false;

  constructor(parts: RegionParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.deadDisk = parts.deadDisk;
    const { disks, rebuild, restore } = parts.abilities;
    if (disks !== undefined) this.disks = disks;
    if (rebuild !== undefined) this.rebuild = rebuild;
    if (restore !== undefined) this.restore = restore;
    this.#apps = new AppInstances({
      region: parts.name,
      nodes: parts.nodes,
      settings: (node) => this.#appSettings(node),
      expose: (node, address) => this.#expose(node, 'orders', address),
      isKept: parts.isKept === true,
    });
  }

  get edge(): Link {
    if (this.#edge === null) throw new Error(`region ${this.name} has no edge link yet`);
    return this.#edge;
  }

  get database(): OpenDatabase {
    if (this.#server === null) {
      const expected = 'a database in it';
      throw new OperationFailed({ what: `region ${this.name}`, expected, found: 'none yet' });
    }
    return this.#server.database;
  }

  get stores(): ReadonlyMap<StoreRole, Store> {
    const all = [this.#server?.database, this.#carts?.carts].filter((each) => each !== undefined);
    return new Map(all.map((store) => [store.role, store]));
  }

  get apps(): AppInstances {
    return this.#apps;
  }

  attachEdge(edge: Link): void {
    this.#edge = edge;
  }

  attachDatabase(server: Server, watched: Watched, database: OpenDatabase): void {
    this.#server = { server, watched, database };
    this.#hasStopped = false;
  }

  /** Its database ended in an orderly way, and nothing was started on its directory since. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  async #stopDatabase(): Promise<void> {
    const { server, watched } = this.#server!;
    watched.expectEnd();
    // The other way round the end would look like that of a server that was killed.
    this.#hasStopped = await server.stop();
    if (this.#hasStopped) return;
    const expected = 'it to end by itself';
    throw new OperationFailed({ what: server.title, expected, found: 'that it had to be killed' });
  }

  attachCarts(carts: CartsNode): void {
    this.#carts = carts;
  }

  #appSettings(node: string): Omit<AppSettings, 'listen'> {
    const { context, capacity_per_s, workload } = this.#parts;
    const { host, port } = this.#server!.server;
    return {
      origin_ms: context.origin_ms,
      node,
      region: this.name,
      capacity_per_s,
      database: { host, port, ...workload },
      redis: this.#carts && cartSettings(context.plan, this.name, this.#carts.server),
    };
  }

  /** Puts the database behind the edge link too, for clients that speak SQL. */
  async exposeDatabase(): Promise<GslbEndpoint> {
    const { host, port, title } = this.#server!.server;
    return await this.#expose(title, 'postgres', { host, port });
  }

  async #expose(
    node: string,
    service: GslbEndpoint['service'],
    to: Address,
  ): Promise<GslbEndpoint> {
    const name = `${this.edge.name}.${node.split('/')[1]}`;
    const known = this.edge.proxies.find((proxy) => proxy.name === name);
    const proxy = known ?? (await this.edge.addProxy(name, to));
    return { node, region: this.name, service, host: proxy.host, port: proxy.port };
  }

  nodes(): readonly NodeState[] {
    const run = this.#parts.context.place.id;
    const instances = this.#apps.all.map(({ node, address }): NodeState => {
      const look = (ms: number) => lookAt(node.pids(), address, run, ms);
      return { node: node.node, kind: 'app', ...address, look, pids: () => node.pids() };
    });
    const servers = this.#servers().map(({ kind, server }): NodeState => {
      const { title: node, host, port } = server;
      const look = (ms: number) => lookAt(server.pids(), { host, port }, run, ms);
      return { node, kind, host, port, look, pids: () => server.pids() };
    });
    return [...servers, ...instances];
  }

  #servers() {
    const database = this.#server && { kind: 'postgres' as const, ...this.#server };
    const carts = this.#carts && { kind: 'redis' as const, ...this.#carts };
    return [database, carts].filter((each) => each !== null);
  }

  #watched(): Watched[] {
    return [...this.#apps.watched, ...this.#servers().map(({ watched }) => watched)];
  }

  /** App instances that live, with their addresses. */
  livingApps(): (Address & { readonly node: string; readonly pid: number })[] {
    return this.#apps.all
      .filter(({ node }) => node.isAlive())
      .map(({ node, address }) => ({ node: node.node, pid: node.pid, ...address }));
  }

  /** Everything alive in the region, with its end expected from now on. */
  expectEnd(): Watched[] {
    const watched = this.#watched();
    for (const node of watched) node.expectEnd();
    return watched;
  }

  #links(): Link[] {
    return [this.#parts.replication(), this.edge];
  }

  /** Every process tree of the region that is alive. */
  #roots(): number[] {
    // Backends can outlive the postmaster, and still answer their clients.
    const orphans = this.#server?.server.orphans() ?? [];
    return [
      ...this.#watched()
        .filter((node) => node.isAlive())
        .map((node) => node.pid),
      ...orphans,
    ];
  }

  async #kill(): Promise<void> {
    this.expectEnd();
    const killed = killTrees(this.#roots());
    const alive = await untilGone(killed, this.#parts.context.clock, GONE_MS);
    if (alive.length === 0) return;
    const found = `that ${alive.join(', ')} survived`;
    throw new OperationFailed({ what: this.name, expected: 'SIGKILL to end it', found });
  }

  async #untilAppReady(signal?: AbortSignal): Promise<number> {
    const alive = () => this.#apps.all.filter(({ node }) => node.isAlive());
    const instances = () => alive().map(({ address }) => address);
    const asked = { region: this.name, instances, trip_ms: 0 };
    return await untilReady(asked, this.#parts.context.clock, signal);
  }

  /** The black hole of both links: their other ends see silence, not a reset. */
  #isolate(): Undoable {
    return together(this.#links().map((link) => link.disturb(BLACKHOLE)));
  }

  #freeze(): Undoable {
    const processes = identify(this.#roots().flatMap(liveTree));
    return {
      entry: { undo: 'stopped-processes', processes },
      act: async () => stopTrees(this.#roots()),
      undo: async () => continueTrees(this.#roots()),
    };
  }

  /** Ends the database, if it still runs, without leaving shared memory behind. */
  async abandonDatabase(): Promise<void> {
    await this.#carts?.carts.close();
    // One that stands still would not hear that it is to end.
    if (this.#server?.watched.isAlive()) continueTrees([this.#server.server.pid]);
    await Promise.all([this.#server?.database.close(), this.#server?.server.abandon()]);
  }

  /** Ends what this runner has open to it; everything in it goes on. */
  async letGo(): Promise<void> {
    for (const { program } of this.#apps.spawned) program.release();
    await Promise.all([this.#server?.database.close(), this.#carts?.carts.close()]);
  }

  /** The programs that live and, when it lives, the server: for a system that is kept. */
  living(): { programs: ProgramNode[]; server: Server | null } {
    const programs = this.#apps.spawned.filter((node) => node.isAlive());
    if (this.#server === null || !this.#server.watched.isAlive()) return { programs, server: null };
    return { programs, server: this.#server.server };
  }
}
