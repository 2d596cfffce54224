// The app instances of one region: processes that are started, scaled, killed and started again,
// each behind the region's edge link and known to the load balancer.
import { allDone } from '../../base/all-done.ts';
import type { AppSettings } from '../../app/protocol.ts';
import type { GslbEndpoint } from '../../gslb/protocol.ts';
import { spawnNode, type NodeContext, type ProgramNode, type Watched } from './nodes.ts';

const APP_MODULE = new URL('../../app/main.ts', import.meta.url);

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Instance {
  readonly node: Watched;
  readonly address: Address;
}

interface InstancesParts {
  readonly region: string;
  readonly nodes: NodeContext;
  /** What an instance serves. */
  readonly settings: (node: string) => Omit<AppSettings, 'listen'>;
  /** Puts an instance behind the edge link. */
  readonly expose: (node: string, address: Address) => Promise<GslbEndpoint>;
  /** Instances that are started outlive this runner: the system was up before it. */
  readonly isKept: boolean;
}

export class AppInstances {
  readonly #parts: InstancesParts;
  /** Every instance's process, ready or not. */
  readonly #apps: Watched[] = [];
  /** Those of them that this runner started. */
  readonly #spawned: ProgramNode[] = [];
  #idle: ProgramNode[] = [];
  readonly #instances: Instance[] = [];

  constructor(parts: InstancesParts) {
    this.#parts = parts;
  }

  /** Told of each instance that joins later; set once there is a GSLB. */
  onInstance: (endpoint: GslbEndpoint) => Promise<void> = async () => {};

  /** Those that were started once, dead ones too. */
  get all(): readonly Instance[] {
    return this.#instances;
  }

  get watched(): readonly Watched[] {
    return this.#apps;
  }

  get spawned(): readonly ProgramNode[] {
    return this.#spawned;
  }

  /** Starts so many programs, idle until `startIdle`. */
  spawn(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#idle.push(this.#spawn(`${this.#parts.region}/app-${this.#apps.length + 1}`));
    }
  }

  #spawn(node: string): ProgramNode {
    const spawned = spawnNode(this.#parts.nodes, node, APP_MODULE);
    this.#apps.push(spawned);
    this.#spawned.push(spawned);
    return spawned;
  }

  /** An instance that runs already, behind the edge link and known to the GSLB. */
  adopt(node: Watched, address: Address): void {
    this.#apps.push(node);
    this.#instances.push({ node, address });
  }

  /**
   * Tells every idle program what it serves and puts it behind the edge link; returns what the GSLB
   * must know.
   */
  async startIdle(): Promise<GslbEndpoint[]> {
    const idle = this.#idle;
    this.#idle = [];
    return await allDone(idle.map((node) => this.#start(node)));
  }

  /** Dead instances come back before there are new ones. */
  async scale(instances: number): Promise<void> {
    const living = () => this.#apps.filter((node) => node.isAlive()).length;
    if (living() < instances) await this.#restart(instances - living());
    if (living() >= instances) return;
    this.spawn(instances - living());
    const added = await this.startIdle();
    await allDone(added.map((endpoint) => this.onInstance(endpoint)));
  }

  /** Where they were: links and load balancer know them there. */
  async #restart(most: number): Promise<void> {
    const dead = this.#instances.filter(({ node }) => !node.isAlive()).slice(0, most);
    for (const each of dead) {
      this.#instances.splice(this.#instances.indexOf(each), 1);
      this.#apps.splice(this.#apps.indexOf(each.node), 1);
    }
    await allDone(dead.map(({ node, address }) => this.#start(this.#spawn(node.node), address)));
  }

  async #start(node: ProgramNode, listen?: Address): Promise<GslbEndpoint> {
    const settings = this.#parts.settings(node.node);
    const at = listen === undefined ? {} : { listen };
    const address = (await node.begin({ ...settings, ...at })) as Address;
    if (this.#parts.isKept) await node.program.request('stay', {});
    this.#instances.push({ node, address });
    return await this.#parts.expose(node.node, address);
  }
}
