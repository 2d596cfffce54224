// What is done to a region of containers: its app instances, those that the compose file has and
// further ones that are made like their siblings; its servers with their volumes.
import { allDone } from '../../base/all-done.ts';
import { delayOf, replicationLink, roundTripMs } from '../../drill/plan/plan.ts';
import { STORES, type StoreRole } from '../../drill/stores.ts';
import { undoing, type Undoable } from '../../evidence/undo.ts';
import { LOOPBACK } from '../../host/ports.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { openCarts } from '../assembled/carts.ts';
import { openDatabase } from '../assembled/database.ts';
import {
  numberOf,
  type AssembledRegion,
  type Exposed,
  type Instance,
  type RegionDriver,
  type Started,
} from '../assembled/region.ts';
import { startSibling } from './engine/clone.ts';
import type { Container } from './engine/container.ts';
import { cartsOf } from './project/project.ts';
import { APP_PORT, INSTANCES_IN_FILE, PORTS, TOXIPROXY, type Slot } from './project/slots.ts';
import { lacking } from '../system/region.ts';
import { pauseContainers } from './pause.ts';
import { startServer, untilAnswers } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

/** As the engine counts them. */
const PROCESSOR = 1e9;

export type ContainerRegion = AssembledRegion<Container>;

export class ContainerDriver implements RegionDriver<Container> {
  readonly slot: Slot;
  readonly #around: Surroundings;
  /** App containers that there are, by their numbers. */
  readonly #apps: Map<number, Container>;
  /** An app instance of the other region. */
  readonly #elsewhere: () => Container;

  constructor(
    around: Surroundings,
    slot: Slot,
    containers: readonly Container[],
    elsewhere: () => Container,
  ) {
    this.slot = slot;
    this.#around = around;
    this.#elsewhere = elsewhere;
    const apps = containers.filter(({ service }) => service.startsWith(`${slot.slot}-app-`));
    this.#apps = new Map(apps.map((app) => [numberOf(app), app]));
  }

  /** Numbers of the instances that there are, and of those that the plan has besides. */
  get instances(): number[] {
    const planned = Array.from({ length: this.slot.region.app.instances }, (_, i) => i + 1);
    return [...new Set([...this.#apps.keys(), ...planned])].toSorted((a, b) => a - b);
  }

  /** Any app instance of the region. */
  get app(): Container {
    return [...this.#apps.values()][0]!;
  }

  /** The servers among them are the region's, reached by the operator's way. */
  joinServers(region: ContainerRegion, containers: readonly Container[]): void {
    const { context, project, toxiproxy } = this.#around;
    const { slot } = this.slot;
    const serverOf = (engine: string) =>
      containers.find(({ service }) => service === `${slot}-${engine}`);
    const database = serverOf(STORES.orders.engine);
    if (database !== undefined) this.joinDatabase(region, database);
    const node = serverOf(STORES.carts.engine);
    if (node === undefined) return;
    const { redis: password } = project.secrets;
    const way = { host: LOOPBACK, port: toxiproxy.port(PORTS.operatorRedis(slot)) };
    const title = `${region.name}/redis`;
    region.carts = { node, store: openCarts({ title, ...way, password }, context.clock) };
  }

  joinDatabase(region: ContainerRegion, node: Container): void {
    const { context, project, toxiproxy } = this.#around;
    const { clock, plan } = context;
    const { admin, workload } = project.secrets.postgres;
    const port = toxiproxy.port(PORTS.operatorPostgres(this.slot.slot));
    const server = { title: `${region.name}/postgres`, host: LOOPBACK, port };
    const store = openDatabase({
      server,
      admin,
      workload,
      plan,
      region: region.name,
      clock,
    });
    region.joinDatabase({ node, store });
  }

  /** All at once, each until it is seen dead; one that lives on does not save the others. */
  async kill(nodes: readonly Container[]): Promise<void> {
    const { clock } = this.#around.context;
    await allDone(nodes.map((node) => node.kill(clock)));
  }

  freeze(nodes: readonly Container[]): Undoable {
    return pauseContainers(this.#around, nodes);
  }

  slow(node: Container, share: number): Undoable {
    const { engine } = this.#around;
    const usual = node.facts.HostConfig.NanoCpus ?? 0;
    const less = Math.round(share * PROCESSOR);
    const entry = {
      undo: 'slowed-container',
      docker: engine.address.url,
      container: node.id,
      usual,
    };
    return {
      entry,
      act: async () => {
        const found = `a limit of ${usual}`;
        if (usual < less) throw lacking(node.node, 'more of a processor to take away', found);
        await node.limit({ NanoCpus: less });
      },
      undo: undoing(
        async () => {
          const asked = `inspect ${node.node}`;
          const { HostConfig } = await node.call(asked, (own) => own.inspect());
          return HostConfig.NanoCpus === less ? [] : [`the limit of ${node.node}`];
        },
        async (isThere) => isThere && (await node.limit({ NanoCpus: usual })),
      ),
    };
  }

  stop(node: Container): Promise<void> {
    return node.stop();
  }

  async startServer(role: StoreRole, region: ContainerRegion, signal: AbortSignal) {
    const { clock } = this.#around.context;
    const { node, store } = role === 'carts' ? region.carts! : region.database;
    await startServer(this.#around, node);
    const wanted = { what: node.node, expected: 'it to answer again' };
    await untilAnswers(node, () => store.describe(), wanted, clock, signal);
    return node;
  }

  /** Instances are asked by the clients' way. */
  get trip_ms(): number {
    return roundTripMs(delayOf(this.#around.context.plan, this.#edge));
  }

  get #edge(): string {
    return `clients-${this.slot.region.name}`;
  }

  async living(instances: readonly Instance<Container>[]) {
    const looks = await Promise.all(instances.map(({ node }) => node.look()));
    const living = instances.filter((_, at) => looks[at]!.state !== 'dead');
    return () => living;
  }

  async startApp(instance: number, region: ContainerRegion): Promise<Started<Container>> {
    const node = this.#apps.get(instance) ?? (await this.#addApp(instance, region));
    const inside = PORTS.app(this.slot.slot, instance);
    const exposed = await this.#expose(`app-${instance}`, this.#served(instance), inside);
    const { host, port } = exposed;
    return { instance: { node, at: { host, port } }, exposed };
  }

  async startAppAgain(dead: Instance<Container>): Promise<Instance<Container>> {
    const { logs, context } = this.#around;
    await logs.startAgain(dead.node, context.clock);
    return dead;
  }

  /** One more instance, like its siblings; the first one of a region like those of the other. */
  async #addApp(instance: number, { name, carts }: ContainerRegion): Promise<Container> {
    const { engine, logs, context } = this.#around;
    const { clock, emit } = context;
    const begun = clock.now();
    const node = `${name}/app-${instance}`;
    const copy = { service: `${this.slot.slot}-app-${instance}`, node };
    const [sibling] = this.#apps.values();
    const container = await (sibling === undefined
      ? startSibling(engine, this.#elsewhere(), copy, this.#appSettings(carts !== null))
      : startSibling(engine, sibling, copy));
    this.#apps.set(instance, container);
    await logs.follow(container);
    emit('node.started', { node, pid: container.facts.State.Pid, ms: clock.now() - begun });
    return container;
  }

  /** Settings of the first instance in a region where none has stood. */
  #appSettings(hasCarts: boolean) {
    const { project, context } = this.#around;
    const { postgres, redis } = project.secrets;
    const host = `${this.slot.slot}-postgres`;
    return {
      region: this.slot.region.name,
      capacity_per_s: this.slot.region.app.capacity_per_s,
      database: { host, port: 5432, database: DATABASE, ...postgres.workload },
      redis: hasCarts ? cartsOf(context.plan, this.slot, redis) : null,
    };
  }

  /** Proxies for instances that the static configuration of the proxy server does not know. */
  async makeProxies(): Promise<void> {
    const { slot, most } = this.slot;
    const { adopted } = this.#around;
    for (let instance = INSTANCES_IN_FILE + 1; instance <= most; instance++) {
      const upstream = `${slot}-app-${instance}:${APP_PORT}`;
      await adopted.create(this.#served(instance), PORTS.app(slot, instance), upstream);
    }
  }

  async exposeDatabase(): Promise<Exposed> {
    const { slot } = this.slot;
    return await this.#expose('postgres', `clients-${slot}.postgres`, PORTS.postgres(slot));
  }

  #served(instance: number): string {
    return `clients-${this.slot.slot}.app-${instance}`;
  }

  async #expose(name: string, served: string, inside: number): Promise<Exposed> {
    const { adopted, toxiproxy } = this.#around;
    const way = { served, host: LOOPBACK, port: toxiproxy.port(inside) };
    const { host, port } = await adopted.adopt(this.#edge, `${this.#edge}.${name}`, way);
    // By address: no name has to be asked for at each health check.
    return { host, port, check: { host: toxiproxy.addressOn('edge'), port: inside } };
  }

  /** The port inside of the proxy between the regions that leads to the region's database. */
  async wayTo(): Promise<{ readonly host: string; readonly port: number }> {
    const { adopted, context, toxiproxy } = this.#around;
    if (this.slot.slot === 'east') return { host: TOXIPROXY, port: PORTS.replicationPostgres };
    const link = replicationLink(context.plan.replication);
    const name = `${link}.postgres-back`;
    const isKnown = adopted.links.get(link).proxies.some((proxy) => proxy.name === name);
    const at = { host: toxiproxy.addressOn('edge'), port: PORTS.replicationPostgresBack };
    if (!isKnown) await adopted.adopt(link, name, { ...at, served: 'west-east.postgres' });
    return { host: TOXIPROXY, port: PORTS.replicationPostgresBack };
  }
}
