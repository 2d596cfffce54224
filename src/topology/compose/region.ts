// One region of containers: its database, its app instances, its edge link.
import { OperationFailed } from '../../host/operation-failed.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { allDone } from '../../base/all-done.ts';
import { delayOf, roundTripMs, type StoreRole } from '../../drill/plan/plan.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import type { Link } from '../../link/links.ts';
import { BLACKHOLE, together } from '../../link/toxics.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { untilReady } from '../assembled/app-ready.ts';
import { openCarts, type OpenCarts } from '../assembled/carts.ts';
import { openDatabase, updateRuleOf, type OpenDatabase } from '../assembled/database.ts';
import type { NodeState } from '../system/node.ts';
import type { App, DeadDisk, Region } from '../system/region.ts';
import type { DeadStore, Store } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';
import { ComposeApps, type Exposed } from './apps.ts';
import type { Container } from './engine/container.ts';
import { openDeadPostgres, openDeadRedis } from './dead-store.ts';
import type { Engine } from './engine/engine.ts';
import type { ContainerLogs } from './engine/logs.ts';
import { cartsOf, type Project } from './project/project.ts';
import { ServerContainer } from './engine/server-container.ts';
import { APP_PORT, INSTANCES_IN_FILE, PORTS, type Slot } from './project/slots.ts';

export interface RegionParts {
  readonly context: UpContext;
  readonly engine: Engine;
  readonly project: Project;
  readonly slot: Slot;
  /** How the standby of its database, or its primary, is called: the other region. */
  readonly peer: string;
  readonly toxiproxy: Container;
  readonly adopted: AdoptedLinks;
  readonly logs: ContainerLogs;
  /** The link to the other region's databases. */
  readonly replication: string;
  /** An app instance of the other region. */
  readonly elsewhere: () => Container;
  /** What needs the other region too. */
  readonly abilities: Pick<Region, 'rebuild' | 'restore'>;
}

export class ComposeRegion implements Region {
  readonly name: string;
  readonly power = { kill: () => this.#kill() };
  readonly network = { isolate: () => this.#isolate() };
  readonly suspend = { freeze: () => this.#freeze() };
  readonly shutdown = { stopDatabase: () => this.#ownServer().container.stop() };
  readonly app: App = {
    scale: (instances) => this.apps.scale(instances),
    untilReady: (signal) => this.#untilAppReady(signal),
  };
  readonly disks = { destroy: () => this.#destroyDisks() };
  readonly deadDisk: DeadDisk = { open: (store) => this.#openDead(store) };
  readonly rebuild?: NonNullable<Region['rebuild']>;
  readonly restore?: NonNullable<Region['restore']>;
  /** Reached where the region's database is, or will be. */
  readonly #database: OpenDatabase;
  readonly #carts: OpenCarts | null = null;
  readonly apps: ComposeApps;
  readonly #parts: RegionParts;
  readonly #redis: ServerContainer | null;
  #postgres: ServerContainer | null;

  constructor(parts: RegionParts, containers: readonly Container[]) {
    const { slot, project, toxiproxy, peer, context } = parts;
    const { admin, workload } = project.secrets.postgres;
    this.#parts = parts;
    this.name = slot.region.name;
    const { rebuild, restore } = parts.abilities;
    if (rebuild !== undefined) this.rebuild = rebuild;
    if (restore !== undefined) this.restore = restore;
    const server = (part: string) => {
      const found = containers.find(({ service }) => service === `${slot.slot}-${part}`);
      return found === undefined ? null : this.#serverOf(found);
    };
    this.#postgres = server('postgres');
    this.#redis = server('redis');
    this.apps = this.#appsOf(containers);
    const port = toxiproxy.port(PORTS.operatorPostgres(slot.slot));
    const { clock, plan } = context;
    this.#database = openDatabase({
      ...{ server: { title: `${this.name}/postgres`, host: LOOPBACK, port }, admin, peer, clock },
      ...{ workloadUser: workload.user, updates: updateRuleOf(plan) },
    });
    if (this.#redis === null) return;
    const { redis: password } = project.secrets;
    const way = { host: LOOPBACK, port: toxiproxy.port(PORTS.operatorRedis(slot.slot)) };
    this.#carts = openCarts({ title: `${this.name}/redis`, ...way, password }, clock);
  }

  #serverOf(container: Container): ServerContainer {
    const { engine, logs, context } = this.#parts;
    return new ServerContainer(
      { engine, logs, clock: context.clock, run: context.place.id },
      container,
    );
  }

  #appsOf(containers: readonly Container[]): ComposeApps {
    const { context, engine, logs, slot, elsewhere, project } = this.#parts;
    const { clock, emit, plan } = context;
    const { postgres, redis } = project.secrets;
    const host = `${slot.slot}-postgres`;
    const settings = () => ({
      region: this.name,
      capacity_per_s: slot.region.app.capacity_per_s,
      database: { host, port: 5432, database: DATABASE, ...postgres.workload },
      redis: this.#redis && cartsOf(plan, slot, redis),
    });
    const expose = (instance: number) =>
      this.#adopt(`app-${instance}`, this.#served(instance), PORTS.app(slot.slot, instance));
    const parts = { engine, logs, clock, emit, slot, elsewhere, settings, expose };
    return new ComposeApps(parts, containers);
  }

  get edge(): Link {
    return this.#parts.adopted.links.get(`clients-${this.name}`);
  }

  get stores(): ReadonlyMap<StoreRole, Store> {
    const database = this.#postgres === null ? [] : [this.#database];
    const carts = this.#carts === null ? [] : [this.#carts];
    return new Map([...database, ...carts].map((store) => [store.role, store]));
  }

  /** Null where the region has no database yet. */
  get server(): ServerContainer | null {
    return this.#postgres;
  }

  get containers(): readonly Container[] {
    return [...this.#servers().map(({ container }) => container), ...this.apps.containers];
  }

  #servers(): ServerContainer[] {
    return [this.#postgres, this.#redis].filter((each) => each !== null);
  }

  /** What was made is the region's database from now on; null: it is gone again. */
  attachDatabase(container: Container | null): void {
    this.#postgres = container === null ? null : this.#serverOf(container);
  }

  /** Puts the database and every instance behind the edge link; what the GSLB must know of them. */
  async expose(): Promise<GslbEndpoint[]> {
    const { slot, adopted } = this.#parts;
    adopted.links.create(`clients-${this.name}`);
    for (let instance = INSTANCES_IN_FILE + 1; instance <= slot.most; instance++) {
      const upstream = `${slot.slot}-app-${instance}:${APP_PORT}`;
      await adopted.create(this.#served(instance), PORTS.app(slot.slot, instance), upstream);
    }
    const database = this.#postgres === null ? [] : [await this.exposeDatabase()];
    return [...database, ...(await this.apps.begin())];
  }

  async exposeDatabase(): Promise<GslbEndpoint> {
    const { slot } = this.#parts;
    const inside = PORTS.postgres(slot.slot);
    const { proxy, check } = await this.#adopt('postgres', `clients-${slot.slot}.postgres`, inside);
    const { host, port } = proxy;
    const node = `${this.name}/postgres`;
    return { node, region: this.name, service: 'postgres', host, port, check };
  }

  #served(instance: number): string {
    return `clients-${this.#parts.slot.slot}.app-${instance}`;
  }

  async #adopt(name: string, served: string, inside: number): Promise<Exposed> {
    const { adopted, toxiproxy } = this.#parts;
    const link = `clients-${this.name}`;
    const at = { served, host: LOOPBACK, port: toxiproxy.port(inside) };
    const proxy = await adopted.adopt(link, `${link}.${name}`, at);
    // By address: no name has to be asked for at each health check.
    return { proxy, check: { host: toxiproxy.addressOn('edge'), port: inside } };
  }

  nodes(): readonly NodeState[] {
    const { toxiproxy, slot } = this.#parts;
    const way = (inside: number) => ({ host: LOOPBACK, port: toxiproxy.port(inside) });
    const of = (
      container: Container,
      kind: NodeState['kind'],
      { host, port }: { host: string; port: number },
    ) => ({
      ...{ node: container.node, kind, host, port },
      look: (timeout_ms: number) => container.look(timeout_ms),
      pids: () => [],
    });
    const server = (kind: 'postgres' | 'redis', inside: number, at: ServerContainer | null) =>
      at === null ? [] : [of(at.container, kind, way(inside))];
    return [
      ...server('postgres', PORTS.operatorPostgres(slot.slot), this.#postgres),
      ...server('redis', PORTS.operatorRedis(slot.slot), this.#redis),
      ...this.apps.instances.map(({ container, proxy }) => of(container, 'app', proxy)),
    ];
  }

  /** Ends the runner's own connections. */
  async close(): Promise<void> {
    await Promise.all([this.#database.close(), this.#carts?.close()]);
  }

  /** All at once, each until it is seen dead; one that lives on does not save the others. */
  async #kill(): Promise<void> {
    const { clock } = this.#parts.context;
    await allDone(this.containers.map((container) => container.kill(clock)));
  }

  /**
   * The black hole of both links, which are all that joins the region to anything. Taking the proxy
   * off the region's network would not be silence: it would hang up on whoever comes, since it
   * cannot reach the region, and a partition tells nobody.
   */
  #isolate(): Undoable {
    return together(this.#links().map((link) => link.disturb(BLACKHOLE)));
  }

  #links(): Link[] {
    return [this.#parts.adopted.links.get(this.#parts.replication), this.edge];
  }

  #freeze(): Undoable {
    const { context, engine } = this.#parts;
    const { containers } = this;
    const ids = containers.map(({ id }) => id);
    return {
      entry: { undo: 'paused-containers', docker: engine.address.url, containers: ids },
      act: async () => void (await allDone(containers.map((each) => each.pause(context.clock)))),
      undo: async () => void (await allDone(containers.map((each) => each.unpause()))),
    };
  }

  #ownServer(): ServerContainer {
    if (this.#postgres !== null) return this.#postgres;
    const expected = 'a database in it';
    throw new OperationFailed({ what: `region ${this.name}`, expected, found: 'none yet' });
  }

  /** They are asked by the clients' way. */
  async #untilAppReady(signal?: AbortSignal): Promise<number> {
    const { clock, plan } = this.#parts.context;
    const living = (await this.apps.living()).map(({ proxy }) => proxy);
    const trip_ms = roundTripMs(delayOf(plan, this.edge.name));
    const asked = { region: this.name, instances: () => living, trip_ms };
    return await untilReady(asked, clock, signal);
  }

  async #destroyDisks(): Promise<void> {
    await allDone(this.#servers().map((server) => server.destroy()));
  }

  async #openDead(store: StoreRole): Promise<DeadStore | null> {
    const { engine, project, logs, context } = this.#parts;
    const { secrets, name } = project;
    const { clock, plan } = context;
    const updates = updateRuleOf(plan);
    const shared = { engine, network: `${name}_edge`, secrets, logs, clock, updates };
    if (store === 'orders') {
      return await openDeadPostgres({ ...shared, dead: this.#ownServer().container });
    }
    if (this.#redis === null) throw new Error(`region ${this.name} has no ${store}`);
    if (plan.redis?.appendonly === 'no') return null;
    return await openDeadRedis({ ...shared, dead: this.#redis.container });
  }
}
