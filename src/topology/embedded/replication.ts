// Who follows whom: the servers of a system as primary and standby, and a dead server made a
// standby of the one that took over.
import { OperationFailed } from '../../host/operation-failed.ts';
import { existsSync, renameSync } from 'node:fs';
import { replicationLink } from '../../drill/plan/plan.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { makePrivateDirectory, removeTree } from '../../host/files.ts';
import { verifyBackup } from '../../postgres/backup/backup-manifest.ts';
import { takeBaseBackup } from '../../postgres/backup/base-backup.ts';
import { ownerOf } from '../../postgres/server/identity.ts';
import type { LinkProxy } from '../../link/links.ts';
import type { Server } from '../../postgres/server/launcher.ts';
import { untilMarkerArrives } from '../../postgres/replicate/marker.ts';
import { untilStreaming } from '../../postgres/server/primary.ts';
import { adminAddress, openDatabase, updateRuleOf } from '../assembled/database.ts';
import type { Rebuilt } from '../system/protection.ts';
import { watch } from './nodes.ts';
import type { Parts } from './parts.ts';
import { archivingSettings } from './storage.ts';
import { startAgain, startPrimary, startStandby, type Site } from './servers.ts';
import { scrubDatabase } from './undo.ts';

const CAUGHT_UP_AT_MOST_MS = 60_000;

/** Starts the region's server: the primary, or a standby of the one behind `upstream`. */
export async function startServerOf(
  parts: Parts,
  name: string,
  peer: string,
  upstream: { readonly host: string; readonly port: number } | null,
): Promise<Server> {
  const { context, kit, sites } = parts;
  const site = sites.get(name)!;
  const server =
    upstream === null
      ? await startPrimary(context, kit, site, await archivingSettings(parts, site))
      : await startStandby(context, kit, site, upstream);
  attach(parts, name, peer, server);
  return server;
}

/** The server that was started is the region's database from now on. */
export function attach(parts: Parts, name: string, peer: string, server: Server): void {
  const { context, kit, regions } = parts;
  const { admin, workload } = kit.credentials;
  const { clock, emit, plan } = context;
  const watched = watch(server.title, server.pid, server.ended, emit);
  const updates = updateRuleOf(plan);
  const workloadUser = workload.user;
  const database = openDatabase({ server, admin, workloadUser, peer, clock, updates });
  regions.get(name)!.attachDatabase(server, watched, database);
}

/** A dead server runs again as it was, on its own directory. */
export async function restartServer(parts: Parts, name: string): Promise<void> {
  const { context, kit, sites, regions } = parts;
  const region = regions.get(name)!;
  await region.database.close();
  const server = await startAgain(context, kit, sites.get(name)!);
  attach(parts, name, peerOf(parts, name), server);
}

/** The other one of the two regions. */
export function peerOf({ regions }: Parts, name: string): string {
  return [...regions.keys()].find((region) => region !== name)!;
}

/**
 * By protocol, since the package has no pg_rewind: a server that ended in an orderly way has only
 * to follow; of any other the directory goes, and a base backup of the other region's server,
 * checked against its manifest, takes its place.
 */
export async function rebuildServer(
  parts: Parts,
  name: string,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const { context, kit, sites, regions } = parts;
  const { clock } = context;
  const began = clock.now();
  const site = sites.get(name)!;
  const peer = peerOf(parts, name);
  const { host, port } = regions.get(peer)!.nodes()[0]!;
  const region = regions.get(name)!;
  const [dead] = region.nodes();
  if (dead!.pids().length > 0) throw unlike(site.node, 'a dead server to rebuild', 'one that runs');
  const through = await wayTo(parts, peer, { host, port });
  const how = region.hasStopped ? 'followed' : 'cloned';
  const checks = how === 'cloned' ? [await cloneServer(parts, site, through, signal)] : [];
  await region.database.close();
  const server = await startServerOf(parts, name, peer, through);
  const primary = adminAddress({ host, port }, kit.credentials.admin);
  await untilStreaming(primary, name, false, clock, CAUGHT_UP_AT_MOST_MS, signal);
  const standby = adminAddress(server, kit.credentials.admin);
  const pair = { primary, standby, node: site.node };
  checks.push(await untilMarkerArrives(pair, clock, CAUGHT_UP_AT_MOST_MS, signal));
  return { how, ms: clock.now() - began, checks };
}

/** A base backup of the server behind `from` in place of what is there; the check of it. */
async function cloneServer(
  { context, kit }: Parts,
  { node, data }: Site,
  from: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<CheckResult> {
  const problems = await scrubDatabase(data, kit.binaries.bin, context.clock);
  if (problems.length > 0) throw unlike(node, 'its old data to be cleaned', problems.join('; '));
  removeTree(data);
  makePrivateDirectory(data, ownerOf(kit.identity));
  const { replication } = kit.credentials;
  const through = { host: from.host, port: from.port, ...replication };
  await takeBaseBackup({ from: through, directory: data, identity: kit.identity, signal });
  const backup = await verifyBackup(data);
  const found = backup.problems.join('; ');
  if (found !== '') throw unlike(`the base backup for ${node}`, 'a sound one', found);
  const detail = `${backup.files} files, ${backup.bytes} bytes, sums and log as its manifest says`;
  return { name: `base backup for ${node}`, ok: true, detail };
}

function unlike(what: string, expected: string, found: string): OperationFailed {
  return new OperationFailed({ what, expected, found });
}

/**
 * The data directory is moved away, where nothing looks for it; it goes for good at the end, since
 * the shared memory of a killed server can only be freed by a server on its directory.
 */
export async function destroyDisk(parts: Parts, name: string): Promise<void> {
  const { context, kit, sites } = parts;
  const { data, node } = sites.get(name)!;
  const destroyed = `${data}-destroyed`;
  const { bin } = kit.binaries;
  const entry = { undo: 'database', data: destroyed, bin, uid: kit.identity.uid } as const;
  await context.defer(entry, async () => {
    const left = await scrubDatabase(destroyed, bin, context.clock);
    if (left.length > 0) throw new Error(left.join('; '));
  });
  if (existsSync(destroyed))
    throw unlike(`the disk of ${node}`, 'one', 'that it was destroyed before');
  if (existsSync(data)) renameSync(data, destroyed);
}

/** The proxy of the replication link that leads to a region's server. */
export async function wayTo(
  { context, links }: Parts,
  region: string,
  to: { host: string; port: number },
): Promise<LinkProxy> {
  const { replication } = context.plan;
  const link = links!.links.get(replicationLink(replication));
  const name = `${link.name}.postgres${region === replication.from ? '' : '-back'}`;
  const known = link.proxies.find((proxy) => proxy.name === name);
  return known ?? (await link.addProxy(name, to));
}
