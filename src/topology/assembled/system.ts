// A running system as the engine sees it, put together from what a runtime has made.
import type { Plan } from '../../drill/plan/plan.ts';
import type { KeptNode, NodeUsage } from '../../evidence/event.ts';
import { unlessFailed } from '../../host/operation-failed.ts';
import type { Links } from '../../link/links.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { regionIn } from '../system/region.ts';
import type { System } from '../system/system.ts';
import { describeSystem } from './description.ts';
import type { RunningGslb } from './gslb.ts';
import type { Protection } from './protection.ts';
import type { AnyRegion } from './region.ts';

export interface Assembled {
  readonly runtime: string;
  /** The version of PostgreSQL. */
  readonly version: string;
  /** Settings of this runtime that change the numbers, besides those of the plan. */
  readonly settings: Readonly<Record<string, string>>;
  readonly plan: Plan;
  /** The run that made the system, and its directory. */
  readonly made: { readonly id: string; readonly directory: string };
  readonly links: Links;
  readonly gslb: RunningGslb;
  readonly regions: ReadonlyMap<string, AnyRegion>;
  /** Whether instances can be reached directly too, and not only through their edge link. */
  readonly hasDirectApps: boolean;
  readonly protection: Protection;
  readonly workload: Role;
  readonly mayListen: System['mayListen'];
  /** The use of every living node so far. */
  readonly usage: () => Promise<NodeUsage[]>;
  readonly keep: () => Promise<KeptNode[]>;
}

export function systemOf(assembled: Assembled): System {
  const { plan, made, links, gslb, regions, protection, workload, mayListen, keep } = assembled;
  const { backups, bidirectional } = protection;
  const all = [...regions.values()];
  for (const region of all) region.onEndpoint = (endpoint) => gslb.addEndpoint(endpoint);
  return {
    description: describeSystem(plan, {
      runtime: assembled.runtime,
      postgres: assembled.version,
      proxy: links,
      gslb,
      regions: all,
      reachable: all
        .flatMap((region) => region.nodes())
        .filter(({ kind }) => assembled.hasDirectApps || kind !== 'app'),
      settings: assembled.settings,
    }),
    gslb,
    region: (name) => regionIn(regions, name),
    link: (name) => links.get(name),
    mark: made.id,
    directory: made.directory,
    mayListen,
    workloadDatabase: { ...workload, database: DATABASE },
    usage: async () => {
      const nodes = await assembled.usage();
      const from = regionIn(regions, plan.replication.from);
      return { nodes, replicated_bytes: await unlessFailed(replicatedBytes(from, protection)) };
    },
    backups,
    bidirectional,
    keep,
  };
}

/**
 * Bytes that crossed from one region's database to the other's: a count that only grows, so that
 * the difference of two is what crossed in between. To a standby it is the position of the
 * primary's write-ahead log, all of which is sent.
 */
async function replicatedBytes(
  from: AnyRegion,
  { backups, bidirectional }: Protection,
): Promise<number> {
  if (bidirectional !== null) return await bidirectional.sentBytes();
  if (backups === null) return Number(await from.database.store.log.position());
  const { wal, backup_bytes } = await backups.state();
  return wal.received_bytes + backup_bytes;
}
