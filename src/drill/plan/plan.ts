// The plan: a drill file with every default filled in and every choice drawn from the seed. It is
// what a run executes and what `plan.json` holds. Keys are snake_case, as in every file that drill
// writes; times are milliseconds.

import { answersKeptMs, worstDetectionMs, plannedGslb, type PlannedGslb } from './gslb.ts';
import * as z from 'zod';
import { plannedSystem } from '../attached/system.ts';
import { plannedFault, type PlannedFault } from '../fault/registry.ts';
import { plannedTargets, type Targets } from '../gate/targets.ts';
import { outsideValue } from '../file/outside.ts';
import { plannedStop } from '../stop.ts';
import { plannedDeclaration } from '../file/schema.ts';
import { STRATEGIES, type Strategy } from '../names.ts';
import { atLeastOne, count, ms, name, perSecond, price, share, type Frozen } from '../planned.ts';
import { plannedRecovery, type PlannedRecovery } from '../recovery/registry.ts';
import { STORE_ROLES, type StoreRole } from '../stores.ts';

export { STORE_ROLES, type PlannedGslb, type StoreRole, type Strategy };

/** Base backups by schedule, and how write-ahead log gets to the other region's repository. */
const backup = z.strictObject({
  every_ms: ms,
  /** Older base backups, and the log that only they need, are removed. */
  keep: atLeastOne,
  /**
   * `archive`: whole segments, by `archive_command`; `receive`: streamed to a receiver there;
   * `receive-sync`: a commit waits until the receiver has it on disk.
   */
  wal: z.enum(['archive', 'receive', 'receive-sync']),
  /** A segment is handed over at the latest so long after its first record (`archive`). */
  archive_timeout_ms: ms,
});

/** Prices of what is rented, and how often a real system does what a drill does all the time. */
const costRates = z.strictObject({
  /** `EUR` */
  currency: z.string(),
  /** By the kind of node; null: no price was given. */
  instance_hour: z.strictObject({
    postgres: price.nullable(),
    app: price.nullable(),
    redis: price.nullable(),
  }),
  gb_month: price,
  gb_transferred: price,
  /** Null: not said. */
  backup_every_ms: ms.nullable(),
  segment_every_ms: ms.nullable(),
});

const redis = z.strictObject({
  appendonly: z.enum(['no', 'everysec', 'always']),
  /** Replicas that must have a write before it is acknowledged. */
  wait: count,
  wait_timeout_ms: ms,
  carts_per_s: perSecond,
});

const region = z.strictObject({
  name,
  role: z.enum(['active', 'standby']),
  /** Before anything happens; none where the strategy starts the app in the recovery. */
  app: z.strictObject({ instances: count, capacity_per_s: perSecond }),
  /** Its share of the clients, where more than one region serves. */
  weight: count,
});

const replication = z.strictObject({
  mode: z.enum(['async', 'sync']),
  /** Region names; with two active regions it goes both ways. */
  from: name,
  to: name,
});

const link = z.strictObject({ latency_ms: ms, jitter_ms: ms });

const workload = z.strictObject({
  via: z.enum(['http', 'sql']),
  rate_per_s: perSecond,
  writers: atLeastOne,
  payload_bytes: atLeastOne,
  timeout_ms: ms,
  /** Share of operations that read back a row, 0–1. */
  reads: share,
  /** Share of operations that change one of the shared rows, 0–1. */
  updates: share,
  shared_rows: count,
  /** Rows written before the warm-up; they are operations too. */
  seed_rows: count,
});

const sustain = z.strictObject({
  for_ms: ms,
  /** Shares, 0–1. */
  success: share,
  capacity: share,
  /** Null: 10 × the steady p99, at least 100 ms, at most the timeout. */
  within_ms: ms.nullable(),
});

/** Of a run that is a trial of a series: its faults are later by what was drawn. */
const trial = z.strictObject({
  series_seed: z.int(),
  moved_ms: ms,
  within_ms: ms,
  /** Which of the drill's trials, from 0. Absent: of an older version, or no series has it. */
  number: count.exactOptional(),
  of: atLeastOne.exactOptional(),
  /** How many of those have to meet a target. */
  needed: atLeastOne.exactOptional(),
  /** The id of the series that made it. */
  series: name.exactOptional(),
  /** The machine of a worker that made it. Absent: whoever runs the series. */
  worker: name.exactOptional(),
  /** Workers that had it before and were lost. Absent: none. */
  lost: z.array(name).exactOptional(),
});

/** What `plan.json` holds. A key that is not among them is a mistake, as in a drill file. */
export const planSchema = z.strictObject({
  schema: z.literal('drill.plan/2'),
  name,
  description: z.string(),
  /** Of a standard, in the words of the drill file; absent: none. */
  controls: z.array(z.string()).optional(),
  /** SHA-256 of the drill file's bytes, hexadecimal. */
  sha256: z.string(),
  seed: z.int(),
  strategy: z.enum(STRATEGIES),
  targets: plannedTargets,
  regions: z.array(region).min(2),
  replication,
  /** A system of the user's own; absent: drill makes the system. */
  attached: plannedSystem.exactOptional(),
  /** Null where the strategy keeps none. */
  backup: backup.nullable(),
  /** Null: the system has no second store. */
  redis: redis.nullable(),
  /** The size of each database before the drill; absent: it has no rows of its own. */
  data_bytes: atLeastOne.exactOptional(),
  /** The delay of a link, by link name, each way; a link without an entry has none. */
  links: z.record(z.string(), link),
  /** Null: none of drill's leads the clients. */
  gslb: plannedGslb.nullable(),
  workload,
  /** At most this long for the workload's latency to settle before the steady state. */
  warm_up: z.strictObject({
    at_most_ms: ms,
    /** The rate rises for so long; absent: it is whole from the start. */
    ramp_ms: ms.exactOptional(),
  }),
  steady: z.strictObject({ for_ms: ms }),
  /** `require`: a check that fails before the first fault ends the drill; `warn`: it goes on. */
  preflight: z.enum(['require', 'warn']),
  faults: z.array(plannedFault).min(1),
  /**
   * `none`: nothing is recovered from. The clock starts at the first fault after the steady state,
   * which is the one that is marked. Absent: the marked fault is the disaster.
   */
  disaster: z.literal('none').exactOptional(),
  declare: plannedDeclaration,
  recover: plannedRecovery,
  sustain,
  /** `ride-out`: nobody has to recover anything. */
  expect: z.enum(['recovery', 'ride-out']),
  /** Whether the first layout is returned to in the end. */
  failback: z.boolean(),
  /** What the standing recovery region is priced with; null: it is not. */
  cost: costRates.nullable(),
  /** What ends the run before its time; absent: nothing. */
  stop_when: z.array(plannedStop).exactOptional(),
  /** The run is stopped after so long; absent: only its own limits stop it. */
  max_duration_ms: ms.exactOptional(),
  trial: trial.optional(),
  /** Values that the drill file does not state; absent: none, or an old plan. */
  outside: z.array(outsideValue).exactOptional(),
});

/** The values of `planSchema`. What registries list has the types of its entries. */
export type Plan = Frozen<Omit<z.output<typeof planSchema>, 'targets' | 'faults' | 'recover'>> & {
  readonly targets: Targets;
  readonly faults: readonly PlannedFault[];
  readonly recover: PlannedRecovery;
};

export type PlannedBackup = NonNullable<Plan['backup']>;
export type CostRates = NonNullable<Plan['cost']>;
export type PlannedRedis = NonNullable<Plan['redis']>;
export type PlannedRegion = Plan['regions'][number];
export type PlannedReplication = Plan['replication'];
export type PlannedLink = Frozen<z.output<typeof link>>;
export type PlannedWorkload = Plan['workload'];
export type Sustain = Plan['sustain'];

/** From the disaster until the health checks see it, at the longest; nobody does without a GSLB. */
export function detectionMs({ faults, gslb }: Pick<Plan, 'faults' | 'gslb'>): number {
  if (gslb === null) return 0;
  const disaster_ms = faults.find(({ disaster }) => disaster)?.at_ms ?? 0;
  const lost = faults.filter(({ kind }) => kind === 'lose-gslb');
  const until_ms = lost.map(({ at_ms, heal_after_ms }) => at_ms + (heal_after_ms ?? 0));
  return Math.max(0, ...until_ms.map((ms) => ms - disaster_ms)) + worstDetectionMs(gslb);
}

/** A look at the growing ledger sees the end of a window so much after it, at most. */
const LOOK_MS = 1_000;

/**
 * How long after the last step of the recovery, or the deadline, it takes to see whether service is
 * back and holds: every client has asked DNS again, a whole window has passed, and its operations
 * have finished.
 */
export function confirmServiceMs({ sustain, workload, gslb }: Plan): number {
  return sustain.for_ms + 2 * workload.timeout_ms + answersKeptMs({ gslb }) + LOOK_MS;
}

/** After the disaster, the latest at which service can have been seen to be back and to hold. */
export function latestServiceMs(plan: Plan): number {
  return plan.recover.deadline_ms + confirmServiceMs(plan);
}

/** How long clients are watched after a heal: each asks DNS again, and a window passes. */
export function healWatchMs({ gslb, sustain }: Plan): number {
  return Math.max(answersKeptMs({ gslb }), sustain.for_ms);
}

/** The name of the link that replication crosses: `east-west`. */
export function replicationLink(replication: Pick<PlannedReplication, 'from' | 'to'>): string {
  return `${replication.from}-${replication.to}`;
}

/** What the plan has the link take each way; nothing, where it says nothing of it. */
export function delayOf({ links }: Pick<Plan, 'links'>, link: string): PlannedLink {
  return links[link] ?? { latency_ms: 0, jitter_ms: 0 };
}

/** The longest that a question and its answer are on a link, without what either end takes. */
export function roundTripMs({ latency_ms, jitter_ms }: PlannedLink): number {
  return 2 * (latency_ms + jitter_ms);
}

const EDGE = 'clients-';

/** The name of the link between the clients and a region, which health checks cross too. */
export function edgeLink(region: string): string {
  return `${EDGE}${region}`;
}

/** Whose edge link it is; null: it is none. */
export function regionAtEdge(link: string): string | null {
  return link.startsWith(EDGE) ? link.slice(EDGE.length) : null;
}

/** Whether no order is acknowledged before the second region has it. */
export function isSynchronous({ backup, replication }: Plan): boolean {
  return backup === null ? replication.mode === 'sync' : backup.wal === 'receive-sync';
}

/** The stores of a plan's system, the first one first. */
export function storesOf({ redis }: Pick<Plan, 'redis'>): readonly StoreRole[] {
  return redis === null ? ['orders'] : STORE_ROLES;
}

/** Operations due each second, of each store's clients, in the order of `storesOf`. */
export function ratesOf({ redis, workload }: Pick<Plan, 'redis' | 'workload'>): readonly number[] {
  return redis === null ? [workload.rate_per_s] : [workload.rate_per_s, redis.carts_per_s];
}

/** Operations due each second, of all clients. */
export function duePerSecond(plan: Pick<Plan, 'redis' | 'workload'>): number {
  return ratesOf(plan).reduce((sum, rate) => sum + rate, 0);
}

/**
 * The longest outage that can stay unseen: so much of `sustain.for` need not be served, and between
 * two operations nobody looks.
 */
export function unseenMs({ sustain, rates_per_s }: UnseenRules): number {
  return (1 - sustain.success) * sustain.for_ms + 1_000 / Math.min(...rates_per_s);
}

interface UnseenRules {
  readonly sustain: Pick<Sustain, 'for_ms' | 'success'>;
  readonly rates_per_s: readonly number[];
}

/** Whether health checks report the disaster; else somebody has to notice. */
export function isSeen(plan: Pick<Plan, 'faults' | 'disaster'>): boolean {
  if (plan.disaster === 'none') return false;
  return plan.faults.some(({ disaster, effect }) => disaster && effect.seenByChecks);
}
