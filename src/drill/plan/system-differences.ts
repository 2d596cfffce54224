// Whether a drill can be run on a system that is up: what its plan asks of a system, compared with
// the plan that the system was made for.
import type { Plan } from './plan.ts';

/** One key of the drill file that asks for something else than there is. */
export interface Difference {
  readonly key: string;
  readonly wanted: string;
  readonly found: string;
}

/** Empty where the system is as the drill wants it. Pure. */
export function systemDifferences(wanted: Plan, up: Plan): Difference[] {
  const [ours, theirs] = [shapeOf(wanted), shapeOf(up)];
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])];
  const different = keys.flatMap((key): Difference[] => {
    const [want, found] = [ours.get(key) ?? 'none', theirs.get(key) ?? 'none'];
    return want === found ? [] : [{ key, wanted: want, found }];
  });
  const [needs, takes] = [databaseConnections(wanted), databaseConnections(up)];
  if (needs <= takes) return different;
  const key = 'workload (rate × timeout)';
  const connections = (count: number) => `${count} database connections`;
  return [...different, { key, wanted: connections(needs), found: connections(takes) }];
}

/** Connections that the databases take: room for twice what can be in flight, and some to spare. */
export function databaseConnections({ workload }: Pick<Plan, 'workload'>): number {
  const inFlight = Math.ceil((2 * workload.rate_per_s * workload.timeout_ms) / 1000);
  return Math.min(1000, Math.max(200, inFlight + 100));
}

/** What of a plan the system is made of, by the keys of the drill file. */
function shapeOf(plan: Plan): Map<string, string> {
  const { strategy, regions, replication, redis, links, gslb } = plan;
  const shape: [string, string][] = [['topology.strategy', strategy]];
  for (const { name, role, app } of regions) {
    const at = `topology.regions.${name}`;
    shape.push([`${at}.role`, role], [`${at}.app.instances`, String(app.instances)]);
    shape.push([`${at}.app.capacity`, `${app.capacity_per_s}/s`]);
  }
  shape.push(['topology.replication.mode', replication.mode]);
  if (redis !== null) {
    shape.push(['topology.redis.appendonly', redis.appendonly]);
    shape.push(['topology.redis.wait', String(redis.wait)]);
    shape.push(['topology.redis.wait_timeout', `${redis.wait_timeout_ms}ms`]);
  }
  for (const [name, { latency_ms, jitter_ms }] of Object.entries(links)) {
    shape.push([`topology.links.${name}`, `${latency_ms}ms ± ${jitter_ms}ms`]);
  }
  shape.push(['topology.gslb.every', `${gslb.every_ms}ms`]);
  shape.push(['topology.gslb.timeout', `${gslb.timeout_ms}ms`]);
  shape.push(
    ['topology.gslb.failures', String(gslb.failures)],
    ['topology.gslb.ttl', `${gslb.ttl_s}s`],
  );
  return new Map(shape);
}
