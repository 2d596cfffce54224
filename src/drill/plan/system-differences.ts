// Whether a drill can run on a system that is up: its plan beside the one the system was made for.
import { writeDuration, writeSize } from '../../base/units.ts';
import { boundedDisks, BOUNDED_DISK_BYTES } from './bounded-disks.ts';
import { delayWords, topologyConditions } from './conditions.ts';
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
  const { strategy, regions, links, gslb } = plan;
  const shape = new Map([['topology.strategy', strategy], ...topologyConditions(plan)]);
  for (const { name, role, app } of regions) {
    shape.set(`topology.regions.${name}.role`, role);
    shape.set(`topology.regions.${name}.app.instances`, String(app.instances));
  }
  for (const [name, link] of Object.entries(links)) {
    shape.set(`topology.links.${name}`, delayWords(link));
  }
  const size = writeSize(BOUNDED_DISK_BYTES);
  for (const node of boundedDisks(plan))
    shape.set(`faults (fill-disk of ${node})`, `a disk of ${size}`);
  if (gslb === null) return shape;
  shape.set('topology.gslb.every', writeDuration(gslb.every_ms));
  shape.set('topology.gslb.timeout', writeDuration(gslb.timeout_ms));
  shape.set('topology.gslb.failures', String(gslb.failures));
  return shape.set('topology.gslb.ttl', `${gslb.ttl_s}s`);
}
