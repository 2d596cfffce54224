// A running system as the engine sees it, put together from what a runtime has made; and what a
// run's evidence says of it: endpoints, nodes, and the settings that change the numbers.
import { gslbOf } from '../../drill/plan/gslb.ts';
import { layoutOf } from '../../drill/plan/layout.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { Endpoint, KeptNode, NodeUsage, CheckResult } from '../../evidence/event.ts';
import { unlessFailed } from '../../host/operation-failed.ts';
import type { Links } from '../../link/links.ts';
import type { Role } from '../../postgres/server/primary.ts';
import { MEASURED_SETTINGS } from '../../postgres/server/settings.ts';
import { DATABASE } from '../../postgres/server/template.ts';
import { measuredSettings } from '../../redis/settings.ts';
import { disturbedApp } from './disturbed-app.ts';
import { askedApp, askedProxy } from './programs.ts';
import { regionIn } from '../system/region.ts';
import type { Lab, Gslb } from '../system/system.ts';
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
  readonly directAt: Lab['directAt'];
  readonly protection: Protection;
  readonly workload: Role;
  readonly mayListen: Lab['mayListen'];
  /** The use of every living node so far. */
  readonly usage: () => Promise<NodeUsage[]>;
  readonly keep: () => Promise<KeptNode[]>;
}

export function systemOf(assembled: Assembled): Lab {
  const { plan, made, links, gslb, regions, protection, workload, mayListen, keep } = assembled;
  const { directAt } = assembled;
  const { backups, bidirectional } = protection;
  for (const region of regions.values()) region.onEndpoint = (each) => gslb.addEndpoint(each);
  const lab: Lab = {
    description: {
      runtime: assembled.runtime,
      postgres: assembled.version,
      proxy: links.server,
      settings: { ...settingsOf(plan), ...assembled.settings },
      endpoints: endpointsOf(assembled),
      nodes: nodesOf(plan),
    },
    gslb,
    region: (name) => regionIn(regions, name),
    link: (name) => links.get(name),
    mark: made.id,
    directory: made.directory,
    mayListen,
    directAt,
    disturbApp: (node, how) => disturbedApp(node, { directAt, secret: workload.password }, how),
    programs: () => [
      gslb.asked,
      askedProxy(links),
      ...(backups === null ? [] : [backups.asked]),
      ...[...regions.values()].flatMap((region) =>
        region.instances.map(({ node, at }) => askedApp(node.node, at, assembled.hasDirectApps)),
      ),
    ],
    serving: async () => {
      const { answered } = await gslb.state();
      return plan.regions.map(({ name }) => name).filter((name) => answered.includes(name));
    },
    health: () => regionChecks(plan, gslb),
    way: {
      gslb: { host: gslb.host, port: gslb.port },
      database: { ...workload, database: DATABASE },
    },
    usage: async () => {
      const nodes = await assembled.usage();
      const from = regionIn(regions, plan.replication.from);
      return { nodes, replicated_bytes: await unlessFailed(replicatedBytes(from, protection)) };
    },
    backups,
    bidirectional,
    keep,
    own: null,
    get lab() {
      return lab;
    },
  };
  return lab;
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

/** Every node that can ever answer a client, later instances included. */
function nodesOf(plan: Plan): string[] {
  const answering = layoutOf(plan).filter(({ part }) => part === 'postgres' || part === 'app');
  return answering.map(({ node }) => node);
}

function endpointsOf({ links, gslb, regions, hasDirectApps }: Assembled): Endpoint[] {
  const { hostname, port } = new URL(links.url);
  const all = [...regions.values()];
  const edge = all.flatMap((region) =>
    region.edge.proxies.map(({ name, host, port }): Endpoint => {
      const protocol = name.endsWith('.postgres') ? 'postgres' : 'http';
      return { name: name.replace('.', '/'), kind: 'edge-link', host, port, protocol };
    }),
  );
  const reachable = all
    .flatMap((region) => region.nodes())
    .filter(({ kind }) => hasDirectApps || kind !== 'app');
  const nodes = reachable.map(({ node, kind, host, port }): Endpoint => {
    if (kind === 'app') return { name: node, kind, host, port, protocol: 'http' };
    if (kind === 'redis') return { name: node, kind: 'carts', host, port, protocol: 'redis' };
    return { name: node, kind: 'database', host, port, protocol: 'postgres' };
  });
  return [
    { name: 'gslb', kind: 'gslb', host: gslb.host, port: gslb.port, protocol: 'udp-dns' },
    { name: 'proxy', kind: 'proxy', host: hostname, port: Number(port), protocol: 'http' },
    ...edge,
    ...nodes,
  ];
}

/** How the second region comes to have what the first one has. */
function protectionOf({ strategy, replication, backup }: Plan): Record<string, string> {
  if (backup !== null) {
    const { every_ms, keep, wal, archive_timeout_ms } = backup;
    const archive = wal === 'archive' ? { archive_timeout: `${archive_timeout_ms}ms` } : {};
    return { backup: `every ${every_ms}ms, ${keep} kept`, wal, ...archive };
  }
  return STRATEGY_FACTS[strategy].second === 'active'
    ? { replication: 'two-way, async' }
    : { replication: replication.mode };
}

function settingsOf(plan: Plan): Record<string, string> {
  const { workload, links, redis } = plan;
  const gslb = gslbOf(plan);
  const delays = Object.entries(links).map(([name, { latency_ms, jitter_ms }]) => {
    return [`link ${name}`, `${latency_ms}ms ±${jitter_ms}ms each way`];
  });
  return {
    ...MEASURED_SETTINGS,
    ...protectionOf(plan),
    'gslb every': `${gslb.every_ms}ms`,
    'gslb timeout': `${gslb.timeout_ms}ms`,
    'gslb failures': String(gslb.failures),
    'gslb ttl': `${gslb.ttl_s}s`,
    'workload timeout': `${workload.timeout_ms}ms`,
    ...(Object.fromEntries(delays) as Record<string, string>),
    ...(redis === null ? {} : measuredSettings(redis)),
  };
}

/** What the health checks say of the regions that are to serve. */
export async function regionChecks(
  { regions }: Plan,
  gslb: Pick<Gslb, 'state'>,
): Promise<CheckResult[]> {
  const state = await gslb.state();
  return regions
    .filter(({ role }) => role === 'active')
    .map(({ name }) => {
      const region = state.regions[name];
      const nodes = Object.entries(region?.nodes ?? {}).map(
        ([node, healthy]) => `${node} ${healthy ? 'healthy' : 'unhealthy'}`,
      );
      return {
        name: `health of region ${name}`,
        ok: region?.healthy ?? false,
        detail: nodes.join(', ') || 'never checked',
      };
    });
}
