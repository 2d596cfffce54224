// One region of loopback processes: its database, its app instances, its edge link.
import type { AppSettings } from '../../app/protocol.ts';
import { untilGone, killTrees } from '../../host/processes.ts';
import { answersReady } from '../../host/http.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import type { Link } from '../../link/links.ts';
import type { Server } from '../../postgres/launcher.ts';
import type { DeadDatabase, NodeState, Region, UpContext } from '../system.ts';
import type { OpenDatabase } from './database.ts';
import { spawnNode, type NodeContext, type ProgramNode, type Watched } from './nodes.ts';

const APP_MODULE = new URL('../../app/main.ts', import.meta.url);
const GONE_MS = 2_000;
const READY_POLL_MS = 5;
const READY_REQUEST_MS = 500;
const READY_AT_MOST_MS = 60_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

interface Instance {
  readonly node: ProgramNode;
  readonly address: Address;
}

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
  readonly openDead: () => Promise<DeadDatabase>;
}

/**
 * A region that is being filled: programs first, since they take longest, then the database, then
 * the instances.
 */
export class EmbeddedRegion implements Region {
  readonly name: string;
  readonly #parts: RegionParts;
  readonly #spawned: ProgramNode[] = [];
  readonly #instances: Instance[] = [];
  #edge: Link | null = null;
  #server: {
    readonly server: Server;
    readonly watched: Watched;
    readonly database: OpenDatabase;
  } | null = null;

  constructor(parts: RegionParts) {
    this.#parts = parts;
    this.name = parts.name;
  }

  get edge(): Link {
    if (this.#edge === null) throw new Error(`region ${this.name} has no edge link yet`);
    return this.#edge;
  }

  get database(): OpenDatabase {
    if (this.#server === null) throw new Error(`region ${this.name} has no database yet`);
    return this.#server.database;
  }

  /** Starts so many programs, idle until `startInstances`. */
  spawnInstances(count: number): void {
    const { nodes } = this.#parts;
    for (let i = 0; i < count; i++) {
      const node = `${this.name}/app-${this.#spawned.length + 1}`;
      this.#spawned.push(spawnNode(nodes, node, APP_MODULE));
    }
  }

  attachEdge(edge: Link): void {
    this.#edge = edge;
  }

  attachDatabase(server: Server, watched: Watched, database: OpenDatabase): void {
    this.#server = { server, watched, database };
  }

  /**
   * Tells every idle program what it serves and puts it behind the edge link; returns what the GSLB
   * must know.
   */
  async startInstances(): Promise<GslbEndpoint[]> {
    const idle = this.#spawned.slice(this.#instances.length);
    return await Promise.all(idle.map((node) => this.#startInstance(node)));
  }

  async #startInstance(node: ProgramNode): Promise<GslbEndpoint> {
    const { context, capacity_per_s, workload } = this.#parts;
    const { host, port } = this.#server!.server;
    const settings: AppSettings = {
      origin_ms: context.origin_ms,
      node: node.node,
      region: this.name,
      capacity_per_s,
      database: { host, port, ...workload },
    };
    const address = (await node.begin(settings)) as Address;
    this.#instances.push({ node, address });
    return await this.#expose(node.node, 'orders', address);
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
    const proxy = await this.edge.addProxy(`${this.edge.name}.${node.split('/')[1]}`, to);
    return { node, region: this.name, service, host: proxy.host, port: proxy.port };
  }

  nodes(): readonly NodeState[] {
    const instances = this.#instances.map(({ node, address }): NodeState => {
      return { node: node.node, kind: 'app', ...address, pids: () => node.pids() };
    });
    if (this.#server === null) return instances;
    const { server } = this.#server;
    const { title: node, host, port } = server;
    return [{ node, kind: 'postgres', host, port, pids: () => server.pids() }, ...instances];
  }

  /** Everything alive in the region, with its end expected from now on. */
  expectEnd(): Watched[] {
    const watched: Watched[] = [...this.#spawned];
    if (this.#server !== null) watched.push(this.#server.watched);
    for (const node of watched) node.expectEnd();
    return watched;
  }

  async kill(): Promise<void> {
    const roots = this.expectEnd().filter((node) => node.isAlive());
    // Backends can outlive the postmaster, and still answer their clients.
    const orphans = this.#server?.server.orphans() ?? [];
    const killed = killTrees([...roots.map((node) => node.pid), ...orphans]);
    const alive = await untilGone(killed, this.#parts.context.clock, GONE_MS);
    if (alive.length > 0) throw new Error(`${this.name}: ${alive.join(', ')} survived SIGKILL`);
  }

  async scaleApp(instances: number): Promise<void> {
    const alive = this.#spawned.filter((node) => node.isAlive()).length;
    if (alive >= instances) return;
    this.spawnInstances(instances - alive);
    const added = await this.startInstances();
    await Promise.all(added.map((endpoint) => this.onInstance(endpoint)));
  }

  /** Told of each instance that joins later; set once there is a GSLB. */
  onInstance: (endpoint: GslbEndpoint) => Promise<void> = async () => {};

  async untilAppReady(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#parts.context;
    const until = clock.now() + READY_AT_MOST_MS;
    for (;;) {
      const alive = this.#instances.filter(({ node }) => node.isAlive());
      const answers = await Promise.all(
        alive.map(({ address }) => answersReady(address, READY_REQUEST_MS)),
      );
      if (answers.length > 0 && answers.every((answer) => answer === null)) return;
      if (clock.now() > until) {
        const seen = answers.join('; ') || 'no instance runs';
        throw new Error(
          `the app in ${this.name} is not ready after ${READY_AT_MOST_MS / 1000} s: ${seen}`,
        );
      }
      await clock.sleep(READY_POLL_MS, signal);
    }
  }

  async openDeadDatabase(): Promise<DeadDatabase> {
    return await this.#parts.openDead();
  }

  /** Ends the database, if it still runs, without leaving shared memory behind. */
  async abandonDatabase(): Promise<void> {
    await Promise.all([this.#server?.database.close(), this.#server?.server.abandon()]);
  }

  /** The programs that live and, when it lives, the server: for a system that is kept. */
  living(): { programs: ProgramNode[]; server: Server | null } {
    const programs = this.#spawned.filter((node) => node.isAlive());
    if (this.#server === null || !this.#server.watched.isAlive()) return { programs, server: null };
    return { programs, server: this.#server.server };
  }
}
