// Two primaries on loopback that replicate to each other.
import { OperationFailed } from '../../host/operation-failed.ts';
import { removeTree } from '../../host/files.ts';
import type { LogicalSide } from '../../postgres/bidirectional/logical-side.ts';
import { adminAddress } from '../assembled/database.ts';
import type { Bidirectional } from '../system/protection.ts';
import { joinDatabases } from '../assembled/bidirectional.ts';
import type { Parts } from './parts.ts';
import { peerOf, restartServer, startServerOf, wayTo } from './replication.ts';
import { copyTemplate, writePassfile } from './servers.ts';
import { scrubDatabase } from './undo.ts';

/** Starts the second primary beside the first and joins the two. */
export async function replicateBothWays(parts: Parts): Promise<Bidirectional> {
  const { context, kit } = parts;
  const { plan, clock, signal } = context;
  const { from, to } = plan.replication;
  await startServerOf(parts, to, from, null);
  const fixed = [await placeOf(parts, from, 1), await placeOf(parts, to, 2)] as const;
  const sides = () => [sideOf(parts, fixed[0]), sideOf(parts, fixed[1])] as const;
  const replicationUser = kit.credentials.replication.user;
  const pair = {
    ...{ sides, replicationUser, clock },
    restart: (region: string) => restartServer(parts, region),
    startEmpty: (region: string) => startEmpty(parts, region),
  };
  return await joinDatabases(pair, plan.workload, signal);
}

/** What stays as it is when the region's server is made anew. */
type Place = Omit<LogicalSide, 'address'>;

async function placeOf(
  parts: Parts,
  region: string,
  numbers: LogicalSide['numbers'],
): Promise<Place> {
  const { kit, sites, regions } = parts;
  const { host, port } = regions.get(region)!.nodes()[0]!;
  const through = await wayTo(parts, region, { host, port });
  return { region, through, passfile: writePassfile(kit, sites.get(region)!), numbers };
}

function sideOf({ kit, regions }: Parts, place: Place): LogicalSide {
  const { host, port } = regions.get(place.region)!.nodes()[0]!;
  return { ...place, address: adminAddress({ host, port }, kit.credentials.admin) };
}

/** A new server in place of one that is gone for good. */
async function startEmpty(parts: Parts, region: string): Promise<void> {
  const { context, kit, sites, regions } = parts;
  const site = sites.get(region)!;
  const left = await scrubDatabase(site.data, kit.binaries.bin, context.clock);
  if (left.length > 0) {
    const found = left.join('; ');
    throw new OperationFailed({ what: site.node, expected: 'its old data to be cleaned', found });
  }
  removeTree(site.data);
  await copyTemplate(kit, site);
  await regions.get(region)!.database.close();
  await startServerOf(parts, region, peerOf(parts, region), null);
}
