// The Redis servers of a run: where each lives on disk, how a primary and a replica are started,
// how a dead one is opened to be read.
import { join } from 'node:path';
import type { PlannedRedis } from '../../drill/plan/plan.ts';
import { removeTree } from '../../host/files.ts';
import { requirePort } from '../../host/process/server-process.ts';
import type { Address } from '../../host/ports.ts';
import type { Link } from '../../link/links.ts';
import { locateRedis, type RedisBinaries } from '../../redis/binaries.ts';
import { startAlone, startServer, type Server, type ServerOptions } from '../../redis/launcher.ts';
import { newPassword } from '../../postgres/server/scram.ts';
import { cartsIn, openCarts, untilFollowing, type OpenCarts } from '../assembled/carts.ts';
import type { DeadStore } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';
import type { ProcessRegion } from './driver.ts';
import { nodeAt, watch, type Processes, type ProcessNode, type Watched } from './processes.ts';

const READY_MS = 30_000;

/** The common parts of all Redis servers of a run. */
export interface CartsKit {
  readonly context: UpContext;
  readonly processes: Processes;
  readonly binaries: RedisBinaries;
  readonly password: string;
  readonly planned: PlannedRedis;
}

/** Null where the plan has no Redis; throws where it has one and this machine does not. */
export function prepareCarts(context: UpContext, processes: Processes): CartsKit | null {
  const planned = context.plan.redis;
  if (planned === null) return null;
  const binaries = locateRedis(processes.environment);
  return { context, processes, binaries, password: newPassword(), planned };
}

/** The primary first, then its replica behind the link, so that the link can cut it off. */
export async function bringUpCarts(
  kit: CartsKit,
  regions: ReadonlyMap<string, ProcessRegion>,
  link: Link,
): Promise<void> {
  const { from, to } = kit.context.plan.replication;
  const primary = await startCarts(kit, regions.get(from)!, null);
  const upstream = await link.addProxy(`${link.name}.redis`, primary.at);
  await startCarts(kit, regions.get(to)!, upstream);
  await untilFollowing(primary, kit.context);
}

/** Starts the region's server: the primary, or a replica of the one behind `upstream`. */
async function startCarts(
  kit: CartsKit,
  region: ProcessRegion,
  upstream: Address | null,
): Promise<OpenCarts> {
  const { server, watched } = await launch(kit, region.name, { replicaOf: upstream });
  return joinCarts(region, watched, server, kit.processes);
}

/** The region's server, which has died, where it was; its store is the same. */
export async function startDeadCarts(
  kit: CartsKit,
  region: ProcessRegion,
  link: Link,
  signal: AbortSignal,
): Promise<ProcessNode> {
  const { from } = kit.context.plan.replication;
  const upstream = link.proxies.find(({ name }) => name === `${link.name}.redis`);
  const replicaOf = region.name === from ? null : upstream!;
  const { port } = region.carts!.store.at;
  const { server, watched } = await launch(kit, region.name, { replicaOf, signal, port });
  return nodeAt(watched, await requirePort(server, port), kit.processes.run, server);
}

async function launch(
  kit: CartsKit,
  region: string,
  more: Pick<ServerOptions, 'replicaOf'> & Partial<Pick<ServerOptions, 'signal' | 'port'>>,
) {
  const { clock, emit, signal } = kit.context;
  const begun = clock.now();
  const options = { ...optionsOf(kit, region), ready_ms: READY_MS, signal, ...more };
  const server = await startServer(options);
  emit('node.started', { node: server.title, pid: server.pid, ms: clock.now() - begun });
  const watched = watch(server.title, server.pid, server.ended, emit);
  kit.processes.started.push(watched);
  return { server, watched };
}

/** The server is the region's from now on; the runner's own connection to it ends with the run. */
export function joinCarts(
  region: ProcessRegion,
  watched: Watched,
  server: Server,
  { clock, run, ends }: Processes,
): OpenCarts {
  const store = openCarts(server, clock);
  region.carts = { node: nodeAt(watched, server, run, server), store };
  ends.push(() => store.close());
  return store;
}

/** Deletes the disk of the region's server. */
export function destroyCarts(kit: CartsKit, region: string): void {
  removeTree(optionsOf(kit, region).directory);
}

/** Null without an append-only file: what such a server held went with its process. */
export async function openDeadCarts(kit: CartsKit, region: string): Promise<DeadStore | null> {
  if (kit.planned.appendonly === 'no') return null;
  const server = await startAlone(optionsOf(kit, region));
  return { ...cartsIn(server), stop: () => server.stop() };
}

function optionsOf(
  { context, processes, binaries, password, planned }: CartsKit,
  region: string,
): Omit<ServerOptions, 'replicaOf' | 'ready_ms'> {
  const { place, clock } = context;
  return {
    title: `${region}/redis`,
    server: binaries.server,
    directory: join(place.scratch, `${region}-redis`),
    logFile: join(place.logs, `${region}-redis.log`),
    appendonly: planned.appendonly,
    environment: processes.environment,
    password,
    clock,
  };
}
