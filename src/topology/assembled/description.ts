// What a run's evidence says of its system: endpoints, nodes, and the settings that change the
// numbers.
import type { Plan } from '../../drill/plan/plan.ts';
import { layoutOf } from '../../drill/plan/layout.ts';
import { STRATEGY_FACTS } from '../../drill/plan/strategies.ts';
import type { Endpoint } from '../../evidence/event.ts';
import type { Links } from '../../link/links.ts';
import { MEASURED_SETTINGS } from '../../postgres/server/settings.ts';
import { measuredSettings } from '../../redis/settings.ts';
import type { NodeState, Region } from '../system/region.ts';
import type { System } from '../system/system.ts';

interface Facts {
  readonly runtime: string;
  readonly postgres: string;
  readonly proxy: Links;
  readonly gslb: { readonly host: string; readonly port: number };
  readonly regions: readonly Region[];
  /** Nodes that can be reached directly, and not only through their edge link. */
  readonly reachable: readonly NodeState[];
  /** Settings of this runtime, besides those of the plan. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function describeSystem(plan: Plan, facts: Facts): System['description'] {
  return {
    runtime: facts.runtime,
    postgres: facts.postgres,
    proxy: facts.proxy.server,
    settings: { ...settingsOf(plan), ...facts.settings },
    endpoints: endpointsOf(facts),
    nodes: nodesOf(plan),
  };
}

/** Every node that can ever answer a client, later instances included. */
function nodesOf(plan: Plan): string[] {
  const answering = layoutOf(plan).filter(({ part }) => part === 'postgres' || part === 'app');
  return answering.map(({ node }) => node);
}

function endpointsOf({ proxy, gslb, regions, reachable }: Facts): Endpoint[] {
  const { hostname, port } = new URL(proxy.url);
  const edge = regions.flatMap((region) =>
    region.edge.proxies.map(({ name, host, port }): Endpoint => {
      const protocol = name.endsWith('.postgres') ? 'postgres' : 'http';
      return { name: name.replace('.', '/'), kind: 'edge-link', host, port, protocol };
    }),
  );
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
  const { gslb, workload, links, redis } = plan;
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
