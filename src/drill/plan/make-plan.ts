// A drill becomes a plan: dependent defaults are filled in, and what is left to chance is drawn.
import assert from 'node:assert';
import { regionOf } from '../../base/node-name.ts';
import { randomStream } from '../../base/random.ts';
import { guardOf, planSystem, type PlannedSystem } from '../attached/system.ts';
import { planTargets } from '../gate/targets.ts';
import { GSLB } from '../fault/gslb/gslb.ts';
import { deadlineMs, targetsOf } from './deadline.ts';
import { hasDisaster } from './clock.ts';
import {
  regionAtEdge,
  replicationLink,
  type CostRates,
  type Plan,
  type PlannedBackup,
  type PlannedLink,
  type PlannedRegion,
  type PlannedReplication,
  type Strategy,
} from './plan.ts';
import {
  definitionOf,
  isOfOperators,
  OPERATORS,
  type AnyPlannedFault,
  type DrillFault,
  type PlannedFault,
} from '../fault/registry.ts';
import {
  byTime,
  waitMsOf,
  disasterAmong,
  disasterOf,
  outcomeOf,
  replicationEnds,
} from './disaster.ts';
import { maxLossOf } from '../recovery/max-loss.ts';
import { retriesOf } from '../recovery/retries.ts';
import { recoveryNamed, type PlannedRecovery, type RecoveryName } from '../recovery/registry.ts';
import type { OutsideValue } from '../file/outside.ts';
import type { Drill } from '../file/schema.ts';
import { STRATEGY_FACTS } from './strategies.ts';

const ACTIVE_INSTANCES = 2;
const STANDBY_INSTANCES = 1;
const CARTS_PER_S = 50;
export const ARCHIVE_TIMEOUT_S = 1;
/** What a strategy with backups has where the file says nothing of them. */
const BACKUP: NonNullable<Drill['topology']['backup']> = {
  every: 10_000,
  keep: 3,
  wal: 'archive',
};
/** Between the regions, where the file says nothing of that link. */
const REPLICATION_DELAY: PlannedLink = { latency_ms: 20, jitter_ms: 2 };

/** The plan of a drill without errors. `sha256`: of the drill file's bytes, hexadecimal. */
export function planDrill(drill: Drill, seed: number, sha256: string): Plan {
  const regions = plannedRegions(drill);
  const replication = plannedReplication(drill);
  const active = regions.find((region) => region.role === 'active');
  assert(active, 'a drill has an active region');
  const { topology, workload, sustain } = drill;
  return {
    schema: 'drill.plan/2',
    name: drill.name,
    description: drill.description,
    ...(drill.controls === undefined ? {} : { controls: drill.controls }),
    sha256,
    seed,
    strategy: topology.strategy,
    targets: planTargets(targetsOf(drill)),
    regions,
    replication,
    backup: plannedBackup(drill),
    ...plannedSystem(drill),
    redis: plannedRedis(drill),
    ...(topology.data === undefined ? {} : { data_bytes: topology.data }),
    links: plannedLinks(drill, replication),
    gslb: plannedGslb(drill),
    workload: {
      via: topology.system === undefined ? workload.via : 'sql',
      rate_per_s: workload.rate,
      writers: workload.writers,
      payload_bytes: workload.payload,
      timeout_ms: workload.timeout,
      reads: workload.reads,
      updates: workload.updates,
      shared_rows: workload.shared_rows,
      seed_rows: workload.seed_rows,
    },
    warm_up: plannedWarmUp(drill),
    steady: { for_ms: drill.steady.for },
    preflight: drill.preflight,
    faults: plannedFaults(drill, replication, seed),
    ...(hasDisaster(drill) ? {} : { disaster: 'none' as const }),
    declare: recoversByItself(drill) ? { by: 'nobody' } : drill.declare,
    recover: plannedRecovery(drill, active.app.instances),
    sustain: {
      for_ms: sustain.for,
      success: sustain.success,
      capacity: sustain.capacity,
      within_ms: sustain.within ?? null,
    },
    expect: drill.expect,
    failback: drill.failback,
    cost: plannedCost(drill),
    ...(drill.stop_when.length === 0 ? {} : { stop_when: drill.stop_when }),
    ...(drill.max_duration === undefined ? {} : { max_duration_ms: drill.max_duration }),
  };
}

/** The plan with the values that its drill file does not state. */
export function withOutside(plan: Plan, outside: readonly OutsideValue[]): Plan {
  return outside.length === 0 ? plan : { ...plan, outside };
}

/** The procedure where the file names none: the fault's own, else the strategy's. */
export function recoveryOf(drill: Pick<Drill, 'faults' | 'topology' | 'disaster'>): RecoveryName {
  if (!hasDisaster(drill)) return 'none';
  const { kind } = disasterOf(drill).fault;
  if (drill.topology.system?.recovers === 'with-commands') return 'commands';
  return definitionOf(kind).recovery ?? STRATEGY_FACTS[drill.topology.strategy].recovery;
}

function plannedRecovery(drill: Drill, served: number): PlannedRecovery {
  const { with: name = recoveryOf(drill), instances = served } = drill.recover;
  const own = recoveryNamed(name).plan(drill.recover);
  const { steps, back } = drill.recover;
  const max_loss = maxLossOf(drill.recover);
  const retries = retriesOf(drill.recover);
  const all = { with: name, ...own, deadline_ms: deadlineMs(drill), instances };
  return {
    ...all,
    ...(max_loss === undefined ? {} : { max_loss }),
    ...(retries === undefined ? {} : { retries }),
    ...(steps === undefined ? {} : { steps }),
    ...(back === undefined ? {} : { back }),
  } as PlannedRecovery;
}

/** App instances of a region, in the beginning. */
export function instancesOf(
  region: Drill['topology']['regions'][string],
  strategy: Strategy,
): number {
  if (region.role === 'active') return region.app.instances ?? ACTIVE_INSTANCES;
  return STRATEGY_FACTS[strategy].hasApp ? (region.app.instances ?? STANDBY_INSTANCES) : 0;
}

function plannedRegions(drill: Drill): PlannedRegion[] {
  return Object.entries(drill.topology.regions).map(([name, region]) => ({
    name,
    role: region.role,
    app: {
      instances: instancesOf(region, drill.topology.strategy),
      capacity_per_s: region.app.capacity,
    },
    weight: region.weight ?? 1,
  }));
}

function plannedReplication(drill: Drill): PlannedReplication {
  const [from, to] = replicationEnds(drill);
  assert(from !== '', 'replication has two ends');
  return { mode: drill.topology.replication.mode, from, to };
}

function plannedGslb({ topology: { system, gslb } }: Drill): Plan['gslb'] {
  if (system !== undefined) return null;
  const { every, timeout, failures, ttl } = gslb;
  return { every_ms: every, timeout_ms: timeout, failures, ttl_s: ttl };
}

function plannedSystem({ topology, workload }: Drill): { readonly attached?: PlannedSystem } {
  const { system, guard } = topology;
  if (system === undefined) return {};
  return { attached: planSystem(system, guardOf(guard), workload.timeout) };
}

/** Nobody’s own database gets the whole rate at once; half of the time is left to settle in. */
function plannedWarmUp({ topology, warm_up: { at_most } }: Drill): Plan['warm_up'] {
  if (topology.system === undefined) return { at_most_ms: at_most };
  return { at_most_ms: at_most, ramp_ms: Math.round(at_most / 2) };
}

/** Nobody declares a disaster then, and nobody is asked. */
function recoversByItself({ topology: { system } }: Pick<Drill, 'topology'>): boolean {
  return system?.recovers === 'by-itself';
}

function plannedBackup({ topology }: Drill): PlannedBackup | null {
  if (!STRATEGY_FACTS[topology.strategy].hasBackups) return null;
  const { every, keep, wal, archive_timeout } = topology.backup ?? BACKUP;
  return {
    every_ms: every,
    keep,
    wal,
    archive_timeout_ms: 1_000 * (archive_timeout ?? ARCHIVE_TIMEOUT_S),
  };
}

function plannedCost({ cost }: Drill): CostRates | null {
  if (cost === undefined) return null;
  const { currency, instance_hour: price, gb_month, gb_transferred } = cost;
  const prices = typeof price === 'number' ? { postgres: price, app: price, redis: price } : price;
  return {
    currency,
    instance_hour: { postgres: prices.postgres, app: prices.app, redis: prices.redis ?? null },
    gb_month,
    gb_transferred,
    backup_every_ms: cost.backup_every ?? null,
    segment_every_ms: cost.segment_every ?? null,
  };
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
  const [from, to] = replicationEnds({ topology });
  const name = replicationLink({ from, to });
  const stated = topology.links[name];
  if (stated === undefined) return { name, ...REPLICATION_DELAY };
  return { name, latency_ms: stated.latency, jitter_ms: stated.jitter };
}

function plannedLinks(drill: Drill, replication: PlannedReplication): Record<string, PlannedLink> {
  if (drill.topology.system !== undefined) return {};
  const links = { [replicationLink(replication)]: REPLICATION_DELAY };
  for (const [name, { latency, jitter }] of Object.entries(drill.topology.links)) {
    links[name] = { latency_ms: latency, jitter_ms: jitter };
  }
  return links;
}

/** In the order of their times, which are drawn; the disaster among them is marked. */
function plannedFaults(drill: Drill, { from }: PlannedReplication, seed: number): PlannedFault[] {
  const draw = randomStream(seed);
  // One draw per fault in file order, range or not, so that changing one fault leaves the others
  // where they were.
  const timed = drill.faults.flatMap((fault) => {
    const chance = draw();
    const { from_ms, to_ms } = fault.at;
    const at_ms = Math.round(from_ms + chance * (to_ms - from_ms));
    const { times, every } = fault.repeat ?? { times: 1, every: 0 };
    return Array.from({ length: times }, (_, nth) => {
      const later_ms = nth * every;
      return { fault, at_ms: at_ms + later_ms, later_ms };
    });
  });
  const ordered = byTime(timed);
  const faults = ordered.map(({ fault }) => fault);
  const disaster = disasterAmong(faults, drill);
  return ordered.map(({ fault, at_ms, later_ms }, index) => {
    const { own, effect } = outcomeOf(fault, drill);
    const [from_ms, to_ms] = [fault.at.from_ms + later_ms, fault.at.to_ms + later_ms];
    const all: AnyPlannedFault = {
      index,
      kind: fault.kind,
      region: regionHit({ ...fault, ...own } as DrillFault) ?? from,
      at_ms,
      ...(to_ms > from_ms ? { drawn_from: { from_ms, to_ms } } : {}),
      beforehand: fault.at.beforehand,
      disaster: index === disaster,
      heal_after_ms: fault.for ?? null,
      ...(fault.when === undefined ? {} : { when: fault.when, wait_ms: waitMsOf(fault) }),
      effect,
    };
    return { ...all, ...own } as PlannedFault;
  });
}

/** The region that a fault names, by itself, a node or an edge link; null: none. */
function regionHit({ kind, region, node, link }: DrillFault): string | null {
  if (isOfOperators(kind)) return OPERATORS;
  if (region !== undefined) return region;
  if (node !== undefined) return node === GSLB ? null : regionOf(node);
  return link === undefined ? null : regionAtEdge(link);
}
