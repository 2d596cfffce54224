// Who follows whom: a dead server made a standby of the one that took over, two primaries that
// replicate to each other, and a destroyed disk.
import { existsSync, renameSync } from 'node:fs';
import type { CheckResult } from '../../evidence/event.ts';
import { makePrivateDirectory, removeTree } from '../../host/files.ts';
import type { Address } from '../../host/ports.ts';
import type { Link, LinkProxy } from '../../link/links.ts';
import { verifyBackup } from '../../postgres/backup/backup-manifest.ts';
import { takeBaseBackup } from '../../postgres/backup/base-backup.ts';
import { ownerOf } from '../../postgres/server/identity.ts';
import type { ProtectionDriver } from '../assembled/protection.ts';
import type { Followed } from '../assembled/rebuild.ts';
import { lacking } from '../system/region.ts';
import type { ProcessRegion } from './driver.ts';
import {
  copyTemplate,
  joinServer,
  startAgain,
  startPrimary,
  startStandby,
  writePassfile,
  type ServerKit,
  type Site,
} from './servers.ts';
import { deferScrub, scrubDatabase } from './undo.ts';

/**
 * The way back goes by protocol, since the package has no pg_rewind: a server that ended in an
 * orderly way has only to follow; of any other the directory goes, and a base backup of the other
 * region's server, checked against its manifest, takes its place.
 */
export async function follow(
  kit: ServerKit,
  link: Link,
  [region, peer]: readonly [ProcessRegion, ProcessRegion],
  signal: AbortSignal,
): Promise<Followed> {
  const site = kit.sites.get(region.name)!;
  const { store } = region.database;
  const through = await wayTo(kit, link, peer);
  const how = region.hasStopped ? 'followed' : 'cloned';
  const checks = how === 'cloned' ? [await cloneServer(kit, site, through, signal)] : [];
  await store.close();
  joinServer(kit, region, await startStandby(kit, site, through));
  return { how, checks };
}

/** A base backup of the server behind `from` in place of what is there; the check of it. */
async function cloneServer(
  kit: ServerKit,
  site: Site,
  from: Address,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { node, data } = site;
  await removeData(kit, site);
  const owner = ownerOf(kit.identity);
  makePrivateDirectory(data, owner);
  const { replication } = kit.credentials;
  const through = { host: from.host, port: from.port, ...replication };
  await takeBaseBackup({ from: through, directory: data, owner, signal });
  const backup = await verifyBackup(data);
  const found = backup.problems.join('; ');
  if (found !== '') throw lacking(`the base backup for ${node}`, 'a sound one', found);
  const detail = `${backup.files} files, ${backup.bytes} bytes, sums and log as its manifest says`;
  return { name: `base backup for ${node}`, ok: true, detail };
}

async function removeData({ binaries, context }: ServerKit, { node, data }: Site): Promise<void> {
  const problems = existsSync(data)
    ? await scrubDatabase({
        data,
        run: context.place.id,
        clock: context.clock,
        bin: async () => binaries.bin,
      })
    : [];
  if (problems.length > 0) throw lacking(node, 'its old data to be cleaned', problems.join('; '));
  removeTree(data);
}

/**
 * The data directory is moved away, where nothing looks for it; it goes for good at the end, since
 * the shared memory of a killed server can only be freed by a server on its directory.
 */
export async function destroyDisk(kit: ServerKit, region: string): Promise<void> {
  const { context, sites, binaries } = kit;
  const { data, node } = sites.get(region)!;
  const destroyed = `${data}-destroyed`;
  await deferScrub(context, { data: destroyed, bin: binaries.bin });
  if (existsSync(destroyed))
    throw lacking(`the disk of ${node}`, 'one', 'that it was destroyed before');
  if (existsSync(data)) renameSync(data, destroyed);
}

/** The proxy of the replication link that leads to a region's server. */
async function wayTo({ context }: ServerKit, link: Link, to: ProcessRegion): Promise<LinkProxy> {
  const { from } = context.plan.replication;
  const name = `${link.name}.postgres${to.name === from ? '' : '-back'}`;
  const known = link.proxies.find((proxy) => proxy.name === name);
  return known ?? (await link.addProxy(name, to.database.store.at));
}

/** The needs of two servers of this machine, so that one follows the other or both do. */
export function pairDriver(
  kit: ServerKit,
  link: Link,
  regions: ReadonlyMap<string, ProcessRegion>,
): Omit<ProtectionDriver, 'startRepository'> {
  const { context, credentials, sites } = kit;
  const { from, to } = context.plan.replication;
  return {
    replicationUser: credentials.replication.user,
    through: (region) => wayTo(kit, link, regions.get(region)!),
    passfile: (region) => writePassfile(kit, sites.get(region)!),
    restart: async (name) => {
      const region = regions.get(name)!;
      await region.database.store.close();
      joinServer(kit, region, await startAgain(kit, sites.get(name)!));
    },
    startEmpty: async (name) => {
      const region = regions.get(name)!;
      const site = sites.get(name)!;
      await removeData(kit, site);
      await copyTemplate(kit, site);
      await region.database.store.close();
      joinServer(kit, region, await startPrimary(kit, site, {}));
    },
    startSecond: async (as) => {
      const site = sites.get(to)!;
      const server =
        as === 'primary'
          ? await startPrimary(kit, site, {})
          : await startStandby(kit, site, await wayTo(kit, link, regions.get(from)!));
      joinServer(kit, regions.get(to)!, server);
    },
  };
}
