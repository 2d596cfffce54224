// The storage of the second region: a program that keeps base backups and log of the first one's
// database, and the restore from it.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { replicationLink } from '../../drill/plan/plan.ts';
import { makePrivateDirectory } from '../../host/files.ts';
import { freePort, LOOPBACK } from '../../host/ports.ts';
import { installArchiving } from '../../postgres/backup/archive-command.ts';
import { ownerOf } from '../../postgres/server/identity.ts';
import type { Server } from '../../postgres/server/launcher.ts';
import { restore, type Restored } from '../../postgres/restore/restore.ts';
import type { RestoreTarget } from '../../evidence/restore.ts';
import type { Settings } from '../../postgres/server/settings.ts';
import type { RepositorySettings } from '../../postgres/repository/protocol.ts';
import { adminAddress } from '../assembled/database.ts';
import { storageOf, storageReceiver, tellOfStorage, untilProtected } from '../assembled/storage.ts';
import type { Backups } from '../system/protection.ts';
import type { UpContext } from '../system/system.ts';
import { spawnNode, type NodeContext, type ProgramNode } from './nodes.ts';
import type { Parts } from './parts.ts';
import { admissionsOf, serverOptions, type Site } from './servers.ts';

const STORAGE_MODULE = new URL('../../postgres/repository/main.ts', import.meta.url);
const TOKEN_BYTES = 24;
const RESTORED_AT_MOST_MS = 300_000;

export interface StorageKit {
  readonly node: ProgramNode;
  readonly directory: string;
  readonly token: string;
  storage: Backups | null;
}

/** Spawns the program; null where the plan keeps no backups. */
export function spawnStorage({ plan, place }: UpContext, nodes: NodeContext): StorageKit | null {
  if (plan.backup === null) return null;
  const node = `${plan.replication.to}/storage`;
  const directory = join(place.scratch, `${plan.replication.to}-storage`);
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const { emit } = nodes;
  const onEvent = (name: string, body: unknown) => tellOfStorage(emit, name, body);
  return { node: spawnNode(nodes, node, STORAGE_MODULE, onEvent), directory, token, storage: null };
}

/**
 * What the primary's configuration must have so that its log comes to the storage: the way there is
 * a proxy of the replication link.
 */
export async function archivingSettings(parts: Parts, site: Site): Promise<Settings> {
  const { context, kit, storage, links } = parts;
  const { backup, replication } = context.plan;
  if (storage === null || backup === null) return {};
  const sync =
    backup.wal === 'receive-sync'
      ? { synchronous_standby_names: storageReceiver(replication.to) }
      : {};
  if (backup.wal !== 'archive') return sync;
  const listen = { host: LOOPBACK, port: await freePort() };
  const name = replicationLink(replication);
  const to = await links!.links.get(name).addProxy(`${name}.storage`, listen);
  parts.storageListens = listen;
  return installArchiving({
    directory: site.directory,
    owner: ownerOf(kit.identity),
    to,
    token: storage.token,
    timeout_ms: backup.archive_timeout_ms,
  });
}

/** Starts the storage and resolves once it holds a base backup and the log up to now. */
export async function keepBackups(parts: Parts, primary: Server): Promise<void> {
  const { context, kit, links } = parts;
  const { plan, place, origin_ms } = context;
  const storage = parts.storage!;
  const { every_ms, keep, wal } = plan.backup!;
  makePrivateDirectory(storage.directory, ownerOf(kit.identity));
  const name = replicationLink(plan.replication);
  const upstream = { host: primary.host, port: primary.port };
  const proxy = await links!.links.get(name).addProxy(`${name}.postgres`, upstream);
  const settings: RepositorySettings = {
    ...{ origin_ms, run: place.id, directory: storage.directory, every_ms, keep, wal },
    primary: { host: proxy.host, port: proxy.port, ...kit.credentials.replication },
    name: storageReceiver(plan.replication.to),
    owner: ownerOf(kit.identity),
    token: storage.token,
    ...(parts.storageListens === null ? {} : { listen: parts.storageListens }),
  };
  await storage.node.begin(settings);
  storage.storage = storageOf({
    node: storage.node.node,
    program: storage.node.program,
    primary: adminAddress(primary, kit.credentials.admin),
    clock: context.clock,
  });
  await untilProtected(storage.storage, context);
}

/** Restores the region's database; it takes writes when this resolves. */
export async function restoreServer(
  parts: Parts,
  name: string,
  target: RestoreTarget,
  attach: (server: Server) => void,
  signal: AbortSignal,
): Promise<Restored> {
  const { context, kit, sites, regions } = parts;
  const { clock, emit } = context;
  const site = sites.get(name)!;
  await parts.storage!.storage!.hold();
  makePrivateDirectory(site.directory, ownerOf(kit.identity));
  const restored = await restore({
    ...serverOptions(kit, site),
    ...{ clock, signal, ready_ms: RESTORED_AT_MOST_MS },
    ...{ storage: parts.storage!.directory, target, settings: kit.settings },
    ...{ admissions: admissionsOf(kit), admin: kit.credentials.admin },
  });
  const { server, replay_ms } = restored;
  emit('node.started', { node: site.node, pid: server.pid, ms: replay_ms });
  attach(server);
  const region = regions.get(name)!;
  await region.apps.onInstance(await region.exposeDatabase());
  return restored;
}
