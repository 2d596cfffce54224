// PostgreSQL servers that have died: started again where they were, or alone to be read.
import type { ProcessEnvironment } from '../../host/process/processes.ts';
import {
  startFenced,
  startWhereItWas,
  type DeadServerOptions,
  type Server,
} from '../../postgres/server/launcher.ts';
import type { Role } from '../../postgres/server/primary.ts';
import type { UpdateRule } from '../../postgres/server/shared-rows.ts';
import { contentsOf } from '../assembled/database.ts';
import type { DeadStore } from '../system/store.ts';
import type { UpContext } from '../system/system.ts';
import type { ProcessRegion } from './driver.ts';
import type { ProcessNode } from './processes.ts';
import { ownNode, READY_MS, type ServerKit } from './servers.ts';

/** The region's server, which has died, where it was; its store is the same. */
export async function startDead(
  kit: ServerKit,
  region: ProcessRegion,
  signal: AbortSignal,
): Promise<ProcessNode> {
  const { context, sites, processes, binaries } = kit;
  const { data, logFile } = sites.get(region.name)!;
  const { environment } = processes;
  const dead = { data, logFile, bin: binaries.bin, environment, context };
  return ownNode(kit, await startDeadServer(dead, region, signal));
}

type DeadPlace = Pick<Server, 'data'> & {
  readonly bin: string;
  readonly logFile: string;
  readonly environment: ProcessEnvironment;
  readonly context: Pick<UpContext, 'clock' | 'emit'>;
};

export async function startDeadServer(
  { context, ...place }: DeadPlace,
  region: ProcessRegion,
  signal: AbortSignal,
): Promise<Server> {
  const { node: title, at } = region.database.store;
  const { clock, emit } = context;
  const begun = clock.now();
  const options = { ...place, title, clock, signal, port: at.port, ready_ms: READY_MS };
  const server = await startWhereItWas(options);
  emit('node.started', { node: title, pid: server.pid, ms: clock.now() - begun });
  return server;
}

/** Starts a dead server's directory alone; it can be opened again after `stop`. */
export async function openDead(
  options: DeadServerOptions,
  admin: Role,
  updates: UpdateRule | null = null,
): Promise<DeadStore> {
  const server = await startFenced(options);
  return { ...contentsOf(server, admin, updates), stop: () => server.stop() };
}
