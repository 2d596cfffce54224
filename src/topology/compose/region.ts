// One region of containers: its database, its app instances, its edge link.
import { LOOPBACK } from '../../host/ports.ts';
import { allDone } from '../../base/all-done.ts';
import type { StoreName } from '../../drill/plan.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { AdoptedLinks } from '../../link/adopt.ts';
import type { Link, LinkProxy } from '../../link/links.ts';
import { openCarts, type OpenCarts } from '../carts.ts';
import { DATABASE } from '../../postgres/template.ts';
import { openDatabase, type OpenDatabase } from '../database.ts';
import { untilReady } from '../app-ready.ts';
import type { DeadStore, NodeState, Region, UpContext } from '../system.ts';
import { startSibling } from './clone.ts';
import type { Container } from './container.ts';
import { openDeadPostgres, openDeadRedis } from './dead-store.ts';
import type { Engine } from './engine.ts';
import type { ContainerLogs } from './logs.ts';
import { cartsOf, type Project } from './project.ts';
import { APP_PORT, INSTANCES_IN_FILE, PORTS, type Slot } from './slots.ts';

const LOOK_MS = 5_000;

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
}

interface Instance {
  readonly container: Container;
  readonly proxy: LinkProxy;
}

export class ComposeRegion implements Region {
  readonly name: string;
  readonly database: OpenDatabase;
  readonly carts: OpenCarts | null = null;
  readonly #parts: RegionParts;
  readonly #postgres: Container;
  readonly #redis: Container | null;
  readonly #apps: Container[];
  readonly #instances: Instance[] = [];

  constructor(parts: RegionParts, containers: readonly Container[]) {
    const { slot, project, toxiproxy, peer, context } = parts;
    const { admin, workload } = project.secrets.postgres;
    this.#parts = parts;
    this.name = slot.region.name;
    const isApp = ({ service }: Container) => service.startsWith(`${slot.slot}-app-`);
    this.#postgres = containers.find(({ service }) => service === `${slot.slot}-postgres`)!;
    this.#apps = containers.filter(isApp);
    const port = toxiproxy.port(PORTS.operatorPostgres(slot.slot));
    const server = { title: `${this.name}/postgres`, host: LOOPBACK, port };
    const { clock } = context;
    this.database = openDatabase({ server, admin, workloadUser: workload.user, peer, clock });
    this.#redis = containers.find(({ service }) => service === `${slot.slot}-redis`) ?? null;
    if (this.#redis === null) return;
    const { redis: password } = project.secrets;
    const way = { host: LOOPBACK, port: toxiproxy.port(PORTS.operatorRedis(slot.slot)) };
    this.carts = openCarts({ title: `${this.name}/redis`, ...way, password }, clock);
  }

  get edge(): Link {
    return this.#parts.adopted.links.get(`clients-${this.name}`);
  }

  get apps(): readonly Container[] {
    return this.#apps;
  }

  get containers(): readonly Container[] {
    const stores = this.#redis === null ? [] : [this.#redis];
    return [this.#postgres, ...stores, ...this.#apps];
  }

  /** Puts the database and every instance behind the edge link; what the GSLB must know of them. */
  async expose(): Promise<GslbEndpoint[]> {
    const { slot, adopted } = this.#parts;
    for (let instance = INSTANCES_IN_FILE + 1; instance <= slot.most; instance++) {
      const upstream = `${slot.slot}-app-${instance}:${APP_PORT}`;
      await adopted.create(this.#served(instance), PORTS.app(slot.slot, instance), upstream);
    }
    const inside = PORTS.postgres(slot.slot);
    const { proxy, check } = await this.#adopt('postgres', `clients-${slot.slot}.postgres`, inside);
    const { host, port } = proxy;
    const node = `${this.name}/postgres`;
    const endpoints: GslbEndpoint[] = [
      { node, region: this.name, service: 'postgres', host, port, check },
    ];
    for (const container of this.#apps.toSorted((a, b) => numberOf(a) - numberOf(b))) {
      endpoints.push(await this.#join(container));
    }
    // Those for which the compose file has no service.
    for (let i = this.#apps.length; i < slot.region.app.instances; i++) {
      endpoints.push(await this.#add());
    }
    return endpoints;
  }

  #served(instance: number): string {
    return `clients-${this.#parts.slot.slot}.app-${instance}`;
  }

  async #adopt(name: string, served: string, inside: number) {
    const { adopted, toxiproxy } = this.#parts;
    const link = `clients-${this.name}`;
    const at = { served, host: LOOPBACK, port: toxiproxy.port(inside) };
    const proxy = await adopted.adopt(link, `${link}.${name}`, at);
    // By address: no name has to be asked for at each health check.
    return { proxy, check: { host: toxiproxy.addressOn('edge'), port: inside } };
  }

  async #join(container: Container): Promise<GslbEndpoint> {
    const { slot } = this.#parts;
    const instance = numberOf(container);
    const inside = PORTS.app(slot.slot, instance);
    const { proxy, check } = await this.#adopt(`app-${instance}`, this.#served(instance), inside);
    this.#instances.push({ container, proxy });
    const { host, port } = proxy;
    return { node: container.node, region: this.name, service: 'orders', host, port, check };
  }

  /** One more instance, like its siblings. */
  async #add(): Promise<GslbEndpoint> {
    const { engine, slot, context, logs } = this.#parts;
    const begun = context.clock.now();
    const instance = Math.max(0, ...this.#apps.map(numberOf)) + 1;
    const service = `${slot.slot}-app-${instance}`;
    const node = `${this.name}/app-${instance}`;
    const model = this.#apps[0];
    const container =
      model === undefined
        ? await this.#addLikeElsewhere(service, node)
        : await startSibling(engine, model, { service, node });
    this.#apps.push(container);
    await logs.follow(container);
    const { Pid: pid } = container.facts.State;
    context.emit('node.started', { node, pid, ms: context.clock.now() - begun });
    return await this.#join(container);
  }

  /** The first one of a region where none has stood: like those of the other region, but here. */
  async #addLikeElsewhere(service: string, node: string): Promise<Container> {
    const { engine, slot, elsewhere, project, context } = this.#parts;
    const model = elsewhere();
    const from = model.service.split('-')[0]!;
    const { workload } = project.secrets.postgres;
    const settings = {
      region: this.name,
      capacity_per_s: slot.region.app.capacity_per_s,
      database: { host: `${slot.slot}-postgres`, port: 5432, database: DATABASE, ...workload },
      redis: this.#redis && cartsOf(context.plan, slot, project.secrets.redis),
    };
    const moved = { from, to: slot.slot, region: this.name };
    return await startSibling(engine, model, { service, node, moved, settings });
  }

  nodes(): readonly NodeState[] {
    const { toxiproxy, slot } = this.#parts;
    const way = (inside: number) => ({ host: LOOPBACK, port: toxiproxy.port(inside) });
    const of = (
      container: Container,
      kind: NodeState['kind'],
      at: { host: string; port: number },
    ) => ({
      node: container.node,
      kind,
      host: at.host,
      port: at.port,
      look: (timeout_ms: number) => container.look(timeout_ms),
      pids: () => [],
    });
    return [
      of(this.#postgres, 'postgres', way(PORTS.operatorPostgres(slot.slot))),
      ...(this.#redis === null
        ? []
        : [of(this.#redis, 'redis', way(PORTS.operatorRedis(slot.slot)))]),
      ...this.#instances.map(({ container, proxy }) => of(container, 'app', proxy)),
    ];
  }

  /** Ends the runner's own connections. */
  async close(): Promise<void> {
    await Promise.all([this.database.close(), this.carts?.close()]);
  }

  /** All at once, each until it is seen dead; one that lives on does not save the others. */
  async kill(): Promise<void> {
    const { clock } = this.#parts.context;
    await allDone(this.containers.map((container) => container.kill(clock)));
  }

  /**
   * The black hole of both links, which are all that joins the region to anything. Taking the proxy
   * off the region's network would not be silence: it would hang up on whoever comes, since it
   * cannot reach the region, and a partition tells nobody.
   */
  async isolate(): Promise<void> {
    await allDone(this.#links().map((link) => link.swallow()));
  }

  async rejoin(): Promise<void> {
    await allDone(this.#links().map((link) => link.release()));
  }

  #links(): Link[] {
    return [this.#parts.adopted.links.get(this.#parts.replication), this.edge];
  }

  async freeze(): Promise<void> {
    const { clock } = this.#parts.context;
    await allDone(this.containers.map((container) => container.pause(clock)));
  }

  async thaw(): Promise<void> {
    await allDone(this.containers.map((container) => container.unpause()));
  }

  async stopDatabase(): Promise<void> {
    await this.#postgres.stop();
  }

  async scaleApp(instances: number): Promise<void> {
    const looks = await Promise.all(this.#apps.map((app) => app.look(LOOK_MS)));
    const dead = this.#apps.filter((_, at) => looks[at]!.state === 'dead');
    const alive = this.#apps.length - dead.length;
    const back = dead.slice(0, Math.max(0, instances - alive));
    await allDone(back.map((app) => this.#startAgain(app)));
    for (let i = alive + back.length; i < instances; i++) await this.onInstance(await this.#add());
  }

  async #startAgain(container: Container): Promise<void> {
    const { logs, context } = this.#parts;
    const since = Math.floor(context.clock.wall() / 1_000);
    await container.start();
    await logs.follow(container, since);
  }

  /** Told of each instance that joins later; set once there is a GSLB. */
  onInstance: (endpoint: GslbEndpoint) => Promise<void> = async () => {};

  async untilAppReady(signal?: AbortSignal): Promise<void> {
    const addresses = () => this.#instances.map(({ proxy }) => proxy);
    await untilReady(this.name, addresses, this.#parts.context.clock, signal);
  }

  restoreDatabase(): Promise<never> {
    return Promise.reject(new Error('no backups are kept of a system of containers yet'));
  }

  destroyDisks(): Promise<void> {
    return Promise.reject(new Error('the volumes of containers cannot be destroyed yet'));
  }

  async openDead(store: StoreName): Promise<DeadStore | null> {
    const { engine, project, logs, context } = this.#parts;
    const { secrets, name } = project;
    const shared = { engine, network: `${name}_edge`, secrets, logs, clock: context.clock };
    if (store === 'postgres') return await openDeadPostgres({ ...shared, dead: this.#postgres });
    if (this.#redis === null) throw new Error(`region ${this.name} has no ${store}`);
    if (context.plan.redis?.appendonly === 'no') return null;
    return await openDeadRedis({ ...shared, dead: this.#redis });
  }
}

function numberOf({ service }: Container): number {
  return Number(service.split('-').at(-1));
}
