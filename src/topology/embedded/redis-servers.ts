// The Redis servers of a run: where each lives on disk, how a primary and a replica are started,
// how a dead one is opened to be read.
import { join } from 'node:path';
import { replicationLink, type PlannedRedis } from '../../drill/plan/plan.ts';
import { removeTree } from '../../host/files.ts';
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import type { Links } from '../../link/links.ts';
import { locateRedis, type RedisBinaries } from '../../redis/binaries.ts';
import { startAlone } from '../../redis/dead.ts';
import { startServer, type Server, type ServerOptions } from '../../redis/launcher.ts';
import { newPassword } from '../../postgres/server/scram.ts';
import { cartsIn, openCarts, untilFollowing, type OpenCarts } from '../assembled/carts.ts';
import type { DeadStore } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';
import { watch, type Watched } from './nodes.ts';

const READY_MS = 30_000;

/** What all Redis servers of a run have in common. */
export interface CartsKit {
  readonly context: UpContext;
  readonly environment: ProcessEnvironment;
  readonly binaries: RedisBinaries;
  readonly password: string;
  readonly planned: PlannedRedis;
  /** Those that were started, dead ones too. */
  readonly nodes: CartsNode[];
}

/** A running server and what is done with it. */
export interface CartsNode {
  readonly server: Server;
  readonly watched: Watched;
  readonly carts: OpenCarts;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Null where the plan has no Redis; throws where it has one and this machine does not. */
export function prepareCarts(context: UpContext, environment: ProcessEnvironment): CartsKit | null {
  const planned = context.plan.redis;
  if (planned === null) return null;
  const binaries = locateRedis(environment);
  return { context, environment, binaries, password: newPassword(), planned, nodes: [] };
}

/** The primary first, then its replica behind the link, so that the link can cut it off. */
export async function bringUpCarts(
  kit: CartsKit | null,
  regions: ReadonlyMap<string, { attachCarts(carts: CartsNode): void }>,
  links: Links,
): Promise<void> {
  if (kit === null) return;
  const { replication } = kit.context.plan;
  const link = links.get(replicationLink(replication));
  const primary = await startCarts(kit, replication.from, null);
  regions.get(replication.from)!.attachCarts(primary);
  const upstream = await link.addProxy(`${link.name}.redis`, primary.server);
  regions.get(replication.to)!.attachCarts(await startCarts(kit, replication.to, upstream));
  await untilFollowing(primary.carts, kit.context);
}

/** Starts the region's server: the primary, or a replica of the one behind `upstream`. */
async function startCarts(
  kit: CartsKit,
  region: string,
  upstream: Address | null,
): Promise<CartsNode> {
  const { clock, emit, signal } = kit.context;
  const begun = clock.now();
  const options = optionsOf(kit, region);
  const server = await startServer({
    ...options,
    ...{ replicaOf: upstream, ready_ms: READY_MS, signal },
  });
  emit('node.started', { node: server.title, pid: server.pid, ms: clock.now() - begun });
  const watched = watch(server.title, server.pid, server.ended, emit);
  const node = { server, watched, carts: openCarts(server, clock) };
  kit.nodes.push(node);
  return node;
}

/** What the region's server had on its disk is gone. */
export function destroyCarts(kit: CartsKit, region: string): void {
  removeTree(optionsOf(kit, region).directory);
}

/** Null without an append-only file: what such a server held went with its process. */
export async function openDeadCarts(kit: CartsKit, region: string): Promise<DeadStore | null> {
  if (kit.planned.appendonly === 'no') return null;
  const server = await startAlone(optionsOf(kit, region));
  return { contents: cartsIn(server), rowsOf: null, stop: () => server.stop() };
}

/** The runner can end after this, and the servers go on. */
export async function letGoOfCarts(kit: CartsKit | null): Promise<void> {
  if (kit === null) return;
  await Promise.all(kit.nodes.map(({ carts }) => carts.close()));
  for (const { server, watched } of kit.nodes) if (watched.isAlive()) server.release();
}

function optionsOf(
  { context, environment, binaries, password, planned }: CartsKit,
  region: string,
): Omit<ServerOptions, 'replicaOf' | 'ready_ms'> {
  const { place, clock } = context;
  return {
    title: `${region}/redis`,
    server: binaries.server,
    directory: join(place.scratch, `${region}-redis`),
    logFile: join(place.logs, `${region}-redis.log`),
    appendonly: planned.appendonly,
    ...{ environment, password, clock },
  };
}
