// The repository of the second region: a program that keeps base backups and log of the first one's
// database, and the restore from it.
import { join } from 'node:path';
import { passesMs } from '../../drill/plan/data.ts';
import { makePrivateDirectory } from '../../host/files.ts';
import { type Address, freePort, LOOPBACK } from '../../host/ports.ts';
import { makeSecret } from '../../host/secret.ts';
import { installArchiving } from '../../postgres/backup/archiver.ts';
import { ownerOf } from '../../postgres/server/identity.ts';
import { restore } from '../../postgres/restore/restore.ts';
import type { Settings } from '../../postgres/server/settings.ts';
import type { RepositorySettings } from '../../postgres/repository/protocol.ts';
import {
  backupAtMostMs,
  repositoryOf,
  repositoryReceiver,
  tellOfRepository,
} from '../assembled/repository.ts';
import type { OpenDatabase } from '../assembled/database.ts';
import type { Backups } from '../system/protection.ts';
import type { Link } from '../../link/links.ts';
import type { RestoredFacts, RestoreTarget } from '../../evidence/restore.ts';
import type { ProcessRegion } from './driver.ts';
import { spawnNode, type ProgramNode } from './processes.ts';
import { admissionsOf, joinServer, serverOptions, type ServerKit } from './servers.ts';

const REPOSITORY_MODULE = new URL('../../postgres/repository/main.ts', import.meta.url);
const RESTORED_AT_MOST_MS = 300_000;

export interface RepositoryProgram {
  readonly node: ProgramNode;
  readonly directory: string;
  readonly token: string;
}

/** Spawns the program; null where the plan keeps no backups. */
export function spawnRepository({ context, processes }: ServerKit): RepositoryProgram | null {
  const { plan, place, emit } = context;
  if (plan.backup === null) return null;
  const node = `${plan.replication.to}/storage`;
  const directory = join(place.scratch, `${plan.replication.to}-storage`);
  const token = makeSecret();
  const onEvent = (name: string, body: unknown) => tellOfRepository(emit, name, body);
  return { node: spawnNode(processes, node, REPOSITORY_MODULE, onEvent), directory, token };
}

/** The primary's settings with which its log comes to the repository. */
export interface Archiving {
  readonly settings: Settings;
  /** The address at which the repository takes segments; null where it receives the log. */
  readonly listen: Address | null;
}

/** `linked` is the replication link, a proxy of which leads segments to the repository. */
export async function prepareArchiving(
  kit: ServerKit,
  repository: RepositoryProgram | null,
  linked: Promise<Link>,
): Promise<Archiving> {
  const { backup, replication } = kit.context.plan;
  if (repository === null || backup === null) return { settings: {}, listen: null };
  if (backup.wal !== 'archive') {
    const names = { synchronous_standby_names: repositoryReceiver(replication.to) };
    return { settings: backup.wal === 'receive-sync' ? names : {}, listen: null };
  }
  const link = await linked;
  const listen = { host: LOOPBACK, port: await freePort() };
  const settings = installArchiving({
    directory: kit.sites.get(replication.from)!.directory,
    owner: ownerOf(kit.identity),
    to: await link.addProxy(`${link.name}.storage`, listen),
    token: repository.token,
    timeout_ms: backup.archive_timeout_ms,
  });
  return { settings, listen };
}

/** Has the repository take base backups and log of the primary. */
export async function startRepository(
  kit: ServerKit,
  { node, directory, token }: RepositoryProgram,
  { listen }: Archiving,
  link: Link,
  primary: OpenDatabase,
): Promise<Backups> {
  const { context, credentials, identity } = kit;
  const { plan, place, origin_ms, clock } = context;
  const { every_ms, keep, wal } = plan.backup!;
  makePrivateDirectory(directory, ownerOf(identity));
  const proxy = await link.addProxy(`${link.name}.postgres`, primary.at);
  const settings: RepositorySettings = {
    origin_ms,
    run: place.id,
    directory,
    every_ms,
    keep,
    wal,
    token,
    primary: { host: proxy.host, port: proxy.port, ...credentials.replication },
    name: repositoryReceiver(plan.replication.to),
    owner: ownerOf(identity),
    ...(listen === null ? {} : { listen }),
  };
  await node.begin(settings);
  return repositoryOf({
    node: node.node,
    program: node.program,
    primary: primary.address,
    clock,
    backup_ms: backupAtMostMs(plan),
  });
}

/** Restores the region's database; it takes writes when this resolves. */
export async function restoreServer(
  kit: ServerKit,
  { node, directory }: RepositoryProgram,
  region: ProcessRegion,
  target: RestoreTarget,
  signal: AbortSignal,
): Promise<RestoredFacts> {
  const { clock, emit } = kit.context;
  const site = kit.sites.get(region.name)!;
  await node.program.request('hold', {});
  makePrivateDirectory(site.directory, ownerOf(kit.identity));
  const { server, ...facts } = await restore({
    ...serverOptions(kit, site),
    clock,
    signal,
    ready_ms: RESTORED_AT_MOST_MS + passesMs(kit.context.plan, 3),
    repository: directory,
    target,
    settings: kit.settings,
    admissions: admissionsOf(kit),
    admin: kit.credentials.admin,
  });
  emit('node.started', { node: site.node, pid: server.pid, ms: facts.replay_ms });
  joinServer(kit, region, server);
  return facts;
}
