// A drill becomes a plan: defaults that depend on other values are filled in, and what is left to
// chance is drawn.
import assert from 'node:assert';
import { randomStream } from '../base/random.ts';
import { parseDuration } from '../base/units.ts';
import { replicationLink } from './plan.ts';
import type { Plan, PlannedFault, PlannedLink, PlannedRegion, PlannedReplication } from './plan.ts';
import type { FaultKind } from './registry-names.ts';
import type { Drill } from './schema.ts';

const DEADLINE_LEAST_MS = parseDuration('30s')!;
const ACTIVE_INSTANCES = 2;
const STANDBY_INSTANCES = 1;
const CARTS_PER_S = 50;
/** Between the regions, where the file says nothing of that link. */
const REPLICATION_DELAY: PlannedLink = { latency_ms: 20, jitter_ms: 2 };

/**
 * Faults that stop a region, a node or an edge link: the first of them is the disaster if the file
 * marks none.
 */
const STOPPING: ReadonlySet<string> = new Set<FaultKind>(['lose-region']);

/**
 * The drill must make sense (`parseDrill` saw to it). `sha256` is that of the drill file's bytes,
 * hexadecimal.
 */
export function planDrill(drill: Drill, seed: number, sha256: string): Plan {
  const regions = plannedRegions(drill);
  const replication = plannedReplication(drill);
  const active = regions.find((region) => region.role === 'active');
  assert(active, 'a drill has an active region');
  const { topology, workload, recover, sustain } = drill;
  return {
    schema: 'drill.plan/1',
    name: drill.name,
    description: drill.description,
    sha256,
    seed,
    strategy: topology.strategy,
    targets: plannedTargets(drill),
    regions,
    replication,
    redis: plannedRedis(drill),
    links: plannedLinks(drill, replication),
    gslb: {
      every_ms: topology.gslb.every,
      timeout_ms: topology.gslb.timeout,
      failures: topology.gslb.failures,
      ttl_s: topology.gslb.ttl,
    },
    workload: {
      via: workload.via,
      rate_per_s: workload.rate,
      writers: workload.writers,
      payload_bytes: workload.payload,
      timeout_ms: workload.timeout,
      reads: workload.reads,
      seed_rows: workload.seed_rows,
    },
    warm_up: { at_most_ms: drill.warm_up.at_most },
    steady: { for_ms: drill.steady.for },
    faults: plannedFaults(drill, seed),
    declare: drill.declare,
    recover: {
      with: recover.with ?? 'promote-standby',
      deadline_ms: deadlineMs(drill),
      instances: recover.instances ?? active.app.instances,
    },
    sustain: {
      for_ms: sustain.for,
      success: sustain.success,
      capacity: sustain.capacity,
      within_ms: sustain.within ?? null,
    },
  };
}

export function deadlineMs(drill: Drill): number {
  return drill.recover.deadline ?? Math.max(2 * drill.targets.rto, DEADLINE_LEAST_MS);
}

/** App instances of a region, in the beginning. */
export function instancesOf(region: Drill['topology']['regions'][string]): number {
  return region.app.instances ?? (region.role === 'active' ? ACTIVE_INSTANCES : STANDBY_INSTANCES);
}

function plannedTargets({ targets }: Drill): Plan['targets'] {
  return {
    rto_ms: targets.rto,
    rto_from: targets.rto_from,
    rpo_ms: targets.rpo ?? null,
    lost_writes: targets.lost_writes ?? null,
    p99_latency_ms: targets.p99_latency ?? null,
    split_brain: targets.split_brain,
    duplicates: targets.duplicates,
    redis:
      targets.redis === undefined
        ? null
        : {
            rpo_ms: targets.redis.rpo ?? null,
            lost_writes: targets.redis.lost_writes ?? null,
          },
  };
}

function plannedRegions(drill: Drill): PlannedRegion[] {
  return Object.entries(drill.topology.regions).map(([name, region]) => ({
    name,
    role: region.role,
    app: { instances: instancesOf(region), capacity_per_s: region.app.capacity },
  }));
}

function plannedReplication(drill: Drill): PlannedReplication {
  const regions = Object.entries(drill.topology.regions);
  const named = (role: string) => regions.find(([, region]) => region.role === role)?.[0];
  const from = named('active');
  const to = named('standby');
  assert(from !== undefined && to !== undefined, 'replication has two ends');
  return { mode: drill.topology.replication.mode, from, to };
}

function plannedRedis({ topology, workload }: Drill): Plan['redis'] {
  const { redis } = topology;
  if (redis === undefined) return null;
  return {
    appendonly: redis.appendonly,
    wait: redis.wait,
    wait_timeout_ms: redis.wait_timeout,
    carts_per_s: cartsPerSecond({ workload }),
  };
}

/** Cart writes due each second in a system with Redis. */
export function cartsPerSecond({ workload }: Pick<Drill, 'workload'>): number {
  return workload.carts ?? CARTS_PER_S;
}

/** The link that replication crosses, and its delay each way. */
export function replicationDelay({ topology }: Pick<Drill, 'topology'>) {
  const regions = Object.entries(topology.regions);
  const named = (role: string) => regions.find(([, region]) => region.role === role)?.[0] ?? '';
  const name = replicationLink({ from: named('active'), to: named('standby') });
  return { name, latency_ms: topology.links[name]?.latency ?? REPLICATION_DELAY.latency_ms };
}

function plannedLinks(drill: Drill, replication: PlannedReplication): Record<string, PlannedLink> {
  const stated = Object.entries(drill.topology.links).map(([name, link]): [string, PlannedLink] => [
    name,
    { latency_ms: link.latency, jitter_ms: link.jitter },
  ]);
  return { [replicationLink(replication)]: REPLICATION_DELAY, ...Object.fromEntries(stated) };
}

function plannedFaults(drill: Drill, seed: number): PlannedFault[] {
  const draw = randomStream(seed);
  // One draw per fault in file order, range or not, so that changing one fault leaves the others
  // where they were.
  const timed = drill.faults.map((fault) => {
    const chance = draw();
    const { from_ms, to_ms } = fault.at;
    return { fault, at_ms: Math.round(from_ms + chance * (to_ms - from_ms)) };
  });
  const ordered = timed.sort((a, b) => a.at_ms - b.at_ms);
  const marked = ordered.findIndex(({ fault }) => fault.disaster === true);
  const stopping = ordered.findIndex(({ fault }) => STOPPING.has(fault.kind));
  const disaster = Math.max(0, marked >= 0 ? marked : stopping);
  return ordered.map(({ fault, at_ms }, index) => ({
    index,
    kind: fault.kind,
    region: fault.region,
    at_ms,
    disaster: index === disaster,
    how: fault.how,
    heal_after_ms: fault.heal_after ?? null,
  }));
}
