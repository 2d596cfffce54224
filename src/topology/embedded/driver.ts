// What is done to a region of processes: its app instances, signals to all of it, disks of dead
// servers that are opened.
import type { AppSettings } from '../../app/protocol.ts';
import type { Undoable } from '../../evidence/undo.ts';
import type { Address } from '../../host/ports.ts';
import { killTrees, untilGone } from '../../host/process/processes.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Link } from '../../link/links.ts';
import type { StoreRole } from '../../drill/stores.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { cartSettings } from '../assembled/carts.ts';
import type {
  AssembledRegion,
  Exposed,
  Instance,
  RegionDriver,
  Started,
} from '../assembled/region.ts';
import { nodeNamed } from '../system/region.ts';
import type { UpContext } from '../system/system.ts';
import { freezeProcesses, slowProcesses } from './freeze.ts';
import {
  endProgram,
  nodeAt,
  spawnNode,
  type ProcessNode,
  type Processes,
  type ProgramNode,
} from './processes.ts';

export const APP_MODULE = new URL('../../app/main.ts', import.meta.url);
const GONE_MS = 2_000;

export type ProcessRegion = AssembledRegion<ProcessNode>;

export interface DriverParts {
  readonly name: string;
  readonly context: UpContext;
  readonly processes: Processes;
  readonly edge: Link;
  readonly workload: Role;
  /** Programs that wait to be told which instance they are, the first one first. */
  readonly idle: readonly ProgramNode[];
  /** Starts the region's dead server of that role again, where it was. */
  readonly startServer: (
    role: StoreRole,
    region: ProcessRegion,
    signal: AbortSignal,
  ) => Promise<ProcessNode>;
  /**
   * What is started outlives this runner, and its description is told: the system was up before it.
   * Null: it is the runner's own.
   */
  readonly onStarted: ((node: ProcessNode) => void) | null;
}

/** `east/app-2` */
export function appNode(region: string, instance: number): string {
  return `${region}/app-${instance}`;
}

export class ProcessDriver implements RegionDriver<ProcessNode> {
  readonly trip_ms = 0;
  readonly #parts: DriverParts;
  /** Programs of this runner's that are no instances yet. */
  readonly #starting: Set<ProgramNode>;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#starting = new Set(parts.idle);
  }

  async kill(nodes: readonly ProcessNode[]): Promise<void> {
    const starting = [...this.#starting];
    for (const node of [...nodes, ...starting]) node.expectEnd();
    const roots = starting.filter((node) => node.isAlive()).map(({ pid }) => pid);
    const killed = killTrees([...nodes.flatMap((node) => node.roots()), ...roots]);
    const alive = await untilGone(killed, this.#parts.context.clock, GONE_MS);
    if (alive.length === 0) return;
    const found = `that ${alive.join(', ')} survived`;
    throw new OperationFailed({ what: this.#parts.name, expected: 'SIGKILL to end it', found });
  }

  freeze(nodes: readonly ProcessNode[]): Undoable {
    return freezeProcesses(nodes);
  }

  slow(node: ProcessNode, share: number, region: ProcessRegion): Undoable {
    const now = () => (region.isGivenUp ? null : nodeNamed(region.all, region.name, node.node));
    return slowProcesses(node, share, now, this.#parts.context.clock);
  }

  async stop(node: ProcessNode): Promise<void> {
    node.expectEnd();
    // The other way round the end would look like that of a server that was killed.
    if (await node.stop()) return;
    const expected = 'it to end by itself';
    throw new OperationFailed({ what: node.node, expected, found: 'that it had to be killed' });
  }

  async startServer(role: StoreRole, region: ProcessRegion, signal: AbortSignal) {
    const node = await this.#parts.startServer(role, region, signal);
    this.#parts.onStarted?.(node);
    return node;
  }

  living(instances: readonly Instance<ProcessNode>[]) {
    return Promise.resolve(() => instances.filter(({ node }) => node.isAlive()));
  }

  async startApp(instance: number, region: ProcessRegion): Promise<Started<ProcessNode>> {
    const { name, processes } = this.#parts;
    const node = appNode(name, instance);
    const idle = [...this.#starting].find((each) => each.node === node);
    return await this.#begin(idle ?? spawnNode(processes, node, APP_MODULE), region);
  }

  async startAppAgain(dead: Instance<ProcessNode>, region: ProcessRegion) {
    const { processes } = this.#parts;
    const program = spawnNode(processes, dead.node.node, APP_MODULE);
    return (await this.#begin(program, region, dead.at)).instance;
  }

  async #begin(program: ProgramNode, region: ProcessRegion, listen?: Address) {
    const { context, name, processes, workload, onStarted } = this.#parts;
    this.#starting.add(program);
    const { host, port } = region.database.store.at;
    const { app } = context.plan.regions.find((each) => each.name === name)!;
    const settings: AppSettings = {
      origin_ms: context.origin_ms,
      node: program.node,
      region: name,
      capacity_per_s: app.capacity_per_s,
      database: { host, port, ...workload, database: DATABASE },
      redis: region.carts && cartSettings(context.plan, name, region.carts.store.at),
      ...(listen === undefined ? {} : { listen }),
    };
    const at = (await program.begin(settings)) as Address;
    const { program: own } = program;
    const stay = () => own.request('stay', {});
    const stop = () => endProgram(program, context.clock);
    const node = nodeAt(program, at, processes.run, { stay, stop, release: () => own.release() });
    if (onStarted !== null) {
      await stay();
      onStarted(node);
    }
    this.#starting.delete(program);
    const exposed = await this.#expose(program.node, at);
    return { instance: { node, at }, exposed };
  }

  exposeDatabase({ database }: ProcessRegion): Promise<Exposed> {
    return this.#expose(database.store.node, database.store.at);
  }

  async #expose(node: string, to: Address): Promise<Exposed> {
    const { edge } = this.#parts;
    const name = `${edge.name}.${node.split('/')[1]}`;
    const known = edge.proxies.find((proxy) => proxy.name === name);
    const { host, port } = known ?? (await edge.addProxy(name, to));
    return { host, port };
  }
}
