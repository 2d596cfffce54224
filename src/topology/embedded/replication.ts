// Who follows whom: the servers of a system as primary and standby, and a dead server made a
// standby of the one that took over.
import { replicationLink } from '../../drill/plan.ts';

import { makePrivateDirectory, removeTree } from '../../host/files.ts';
import { verifyBackup } from '../../postgres/backup-manifest.ts';
import { takeBaseBackup } from '../../postgres/base-backup.ts';
import { ownerOf } from '../../postgres/identity.ts';
import type { Server } from '../../postgres/launcher.ts';
import { untilStreaming } from '../../postgres/primary.ts';
import { adminAddress, openDatabase } from '../database.ts';
import type { Rebuilt } from '../system.ts';
import { watch } from './nodes.ts';
import type { Parts } from './parts.ts';
import { startPrimary, startStandby } from './servers.ts';
import { scrubDatabase } from './undo.ts';

const CAUGHT_UP_AT_MOST_MS = 60_000;

/** Starts the region's server: the primary, or a standby of the one behind `upstream`. */
export async function startServerOf(
  parts: Parts,
  name: string,
  peer: string,
  upstream: { readonly host: string; readonly port: number } | null,
): Promise<Server> {
  const { context, kit, sites, regions } = parts;
  const site = sites.get(name)!;
  const server =
    upstream === null
      ? await startPrimary(context, kit, site)
      : await startStandby(context, kit, site, upstream);
  const { admin, workload } = kit.credentials;
  const { clock, emit } = context;
  const watched = watch(site.node, server.pid, server.ended, emit);
  const database = openDatabase({ server, admin, workloadUser: workload.user, peer, clock });
  regions.get(name)!.attachDatabase(server, watched, database);
  return server;
}

/**
 * By protocol, since the package has no pg_rewind: the old directory goes, and a base backup of the
 * other region's server, checked against its manifest, takes its place.
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
  const peer = [...regions.keys()].find((region) => region !== name)!;
  const { host, port } = regions.get(peer)!.nodes()[0]!;
  const [dead] = regions.get(name)!.nodes();
  if (dead!.pids().length > 0) throw new Error(`${site.node} still runs: it cannot be rebuilt`);
  const problems = await scrubDatabase(site.data, kit.binaries.bin, clock);
  if (problems.length > 0) throw new Error(problems.join('; '));
  removeTree(site.data);
  makePrivateDirectory(site.data, ownerOf(kit.identity));
  const through = await wayBack(parts, { host, port });
  const { admin, replication } = kit.credentials;
  const from = { host: through.host, port: through.port, ...replication };
  await takeBaseBackup({ from, directory: site.data, identity: kit.identity, signal });
  const backup = await verifyBackup(site.data);
  const found = backup.problems.join('; ');
  if (found !== '') throw new Error(`the base backup for ${site.node} is not sound: ${found}`);
  await regions.get(name)!.database.close();
  await startServerOf(parts, name, peer, through);
  const primary = adminAddress({ host, port }, admin);
  await untilStreaming(primary, name, false, clock, CAUGHT_UP_AT_MOST_MS, signal);
  const detail = `${backup.files} files, ${backup.bytes} bytes, sums and log as its manifest says`;
  const check = { name: `base backup for ${site.node}`, ok: true, detail };
  return { how: 'cloned', ms: clock.now() - began, checks: [check] };
}

/** The proxy of the replication link that leads to the server that took over. */
async function wayBack({ context, links }: Parts, to: { host: string; port: number }) {
  const link = links!.links.get(replicationLink(context.plan.replication));
  const name = `${link.name}.postgres-back`;
  const known = link.proxies.find((proxy) => proxy.name === name);
  return known ?? (await link.addProxy(name, to));
}
