// Two primaries on loopback that replicate to each other.
import { join } from 'node:path';
import { insertSharedRows } from '../../postgres/shared-rows.ts';
import { removeTree, writePrivateFile } from '../../host/files.ts';
import { withConnection } from '../../postgres/connection.ts';
import { ownerOf } from '../../postgres/identity.ts';
import type { LogicalSide } from '../../postgres/logical-side.ts';
import { joinPair } from '../../postgres/logical.ts';
import { adminAddress } from '../database.ts';
import type { TwoWay } from '../system.ts';
import { twoWayOf } from '../two-way.ts';
import type { Parts } from './parts.ts';
import { restartServer, startServerOf, wayTo } from './replication.ts';
import { copyTemplate } from './servers.ts';
import { scrubDatabase } from './undo.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 10_000 };

/** Starts the second primary beside the first and joins the two. */
export async function replicateBothWays(parts: Parts): Promise<TwoWay> {
  const { context, kit } = parts;
  const { plan, clock, signal } = context;
  const { from, to } = plan.replication;
  await startServerOf(parts, to, from, null);
  const ways = new Map([
    [from, await wayToServer(parts, from)],
    [to, await wayToServer(parts, to)],
  ]);
  const replicationUser = kit.credentials.replication.user;
  const sides = () => [sideOf(parts, ways, from, 1), sideOf(parts, ways, to, 2)] as const;
  const [first, second] = sides();
  await joinPair(first, second, { replicationUser, clock, signal });
  if (plan.workload.updates > 0) {
    await withConnection(first.address, LIMITS, async (client) => {
      await client.query(insertSharedRows(plan.workload.shared_rows));
    });
  }
  const twoWay = twoWayOf({
    ...{ sides, replicationUser, clock },
    restart: (region) => restartServer(parts, region),
    startEmpty: (region) => startEmpty(parts, region),
  });
  await twoWay.catchUp(signal);
  return twoWay;
}

async function wayToServer(parts: Parts, region: string) {
  const { host, port } = parts.regions.get(region)!.nodes()[0]!;
  return await wayTo(parts, region, { host, port });
}

function sideOf(
  { kit, sites, regions }: Parts,
  ways: ReadonlyMap<string, LogicalSide['through']>,
  region: string,
  numbers: LogicalSide['numbers'],
): LogicalSide {
  const { host, port } = regions.get(region)!.nodes()[0]!;
  const passfile = join(sites.get(region)!.directory, 'replication.pgpass');
  const { admin, replication } = kit.credentials;
  const line = `*:*:*:${replication.user}:${replication.password}\n`;
  writePrivateFile(passfile, line, ownerOf(kit.identity));
  const address = adminAddress({ host, port }, admin);
  return { region, address, through: ways.get(region)!, passfile, numbers };
}

/** A new server in place of one that is gone for good. */
async function startEmpty(parts: Parts, region: string): Promise<void> {
  const { context, kit, sites, regions } = parts;
  const site = sites.get(region)!;
  const left = await scrubDatabase(site.data, kit.binaries.bin, context.clock);
  if (left.length > 0) throw new Error(left.join('; '));
  removeTree(site.data);
  await copyTemplate(kit, site);
  const peer = [...regions.keys()].find((name) => name !== region)!;
  await regions.get(region)!.database.close();
  await startServerOf(parts, region, peer, null);
}
