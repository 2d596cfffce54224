// Whether the load fits the system that it is put on, and what is to be measured with it.
import { formatDuration, writeRate } from '../../base/units.ts';
import { replicationEnds } from '../plan/disaster.ts';
import { IN_FLIGHT_MAX, SEED_ROWS_AT_ONCE, SEED_ROWS_MS } from '../plan/limits.ts';
import { cartsPerSecond, instancesOf, recoveryOf } from '../plan/make-plan.ts';
import { ZERO_LOSS_WRITES_MIN } from '../measurement.ts';
import { recoveryNamed } from '../recovery/registry.ts';
import type { Drill } from '../file/schema.ts';
import { slowestReply } from './links.ts';
import { error, ofLabs, rule, warning, type Place, type Problem } from './rule.ts';
import type { LossTargets } from './targets.ts';

/** Fewer operations give no meaningful 99th percentile. */
const STEADY_OPERATIONS_LEAST = 100;

const RATE = ['workload', 'rate'];
const CARTS = ['workload', 'carts'];
const SERVING = ['workload', 'topology.regions', 'topology.strategy'];

export const loadRules = [
  ...ofLabs([
    rule('rate-fits-active', [...SERVING, 'topology.redis'], rateFitsActive),
    rule(
      'rate-fits-afterwards',
      [...SERVING, 'topology.redis', 'recover', 'sustain', 'faults.*.kind'],
      rateFitsAfterwards,
    ),
    rule('seed-rows-fit-time', ['workload', 'topology'], seedRowsFitTime),
  ]),
  rule('operations-fit-in-flight', ['workload'], operationsFitInFlight),
  rule('updates-go-over-http', ['workload'], updatesGoOverHttp),
  rule('shares-fit', ['workload'], sharesFit),
  rule('something-is-written', ['workload'], somethingIsWritten),
  rule('enough-writes-for-zero', ['workload', 'targets'], enoughWritesForZero),
  rule('steady-is-long-enough', ['workload', 'steady', 'topology.redis'], steadyIsLongEnough),
  rule('within-timeout', ['workload', 'sustain'], withinTimeout),
  rule('latency-target-in-timeout', ['workload', 'targets'], latencyTargetInTimeout),
];

/** Every region that serves in the beginning, in order, with its share of the clients. */
function activeApps({ topology }: Drill) {
  const active = Object.entries(topology.regions).filter(([, { role }]) => role === 'active');
  const weights = active.reduce((sum, [, { weight = 1 }]) => sum + weight, 0);
  return active.map(([name, region]) => {
    const instances = instancesOf(region, topology.strategy);
    const share = (region.weight ?? 1) / weights;
    return { name, instances, capacity: region.app.capacity, share };
  });
}

/** What the app is asked for each second, and in words where it is more than `workload.rate`. */
function asked(drill: Drill): { readonly rate: number; readonly words: string } {
  const { rate } = drill.workload;
  if (drill.topology.redis === undefined) return { rate, words: writeRate(rate) };
  const carts = cartsPerSecond(drill);
  const words = `${writeRate(rate)} and ${writeRate(carts)} for carts`;
  return { rate: rate + carts, words };
}

function rateFitsActive(drill: Drill): Problem[] {
  const { rate, words } = asked(drill);
  if (drill.workload.via === 'sql') return [];
  return activeApps(drill).flatMap(({ name, instances, capacity, share }): Problem[] => {
    const serves = instances * capacity;
    if (rate * share <= serves) return [];
    const ofAll = share === 1 ? '' : `${writeRate(Math.round(rate * share))} of `;
    const message =
      `${ofAll}${words} is more than region ${name} serves: ${instances} × ` +
      `${writeRate(capacity)} = ${writeRate(serves)}; there would be no steady state`;
    const region = ['topology', 'regions', name];
    const app = [...region, 'app'];
    const at = [RATE, CARTS, [...region, 'weight'], [...app, 'capacity'], [...app, 'instances']];
    return [error([...at, app], message)];
  });
}

/** Whether each region that serves could serve all clients as it is. */
export function servesAlone(drill: Drill): boolean {
  if (drill.workload.via === 'sql') return true;
  const enough = asked(drill).rate * drill.sustain.capacity;
  return activeApps(drill).every(({ instances, capacity }) => instances * capacity >= enough);
}

function rateFitsAfterwards(drill: Drill): Problem[] {
  const { via } = drill.workload;
  const { rate, words } = asked(drill);
  const [, name] = replicationEnds(drill);
  const region = drill.topology.regions[name];
  const instances = drill.recover.instances ?? activeApps(drill)[0]?.instances;
  if (via === 'sql' || region === undefined || instances === undefined) return [];
  // What scales nothing leaves both regions as they were.
  if (recoveryNamed(recoveryOf(drill)).instances === null) return [];
  // Recovery only ever adds instances.
  const serves =
    Math.max(instances, instancesOf(region, drill.topology.strategy)) * region.app.capacity;
  if (serves >= rate * drill.sustain.capacity) return [];
  const message =
    `after recovery region ${name} serves ${writeRate(serves)}, too little for ${words}; ` +
    'expect that service does not come back';
  const at = ['topology', 'regions', name, 'app'];
  const paths = [['recover', 'instances'], [...at, 'capacity'], RATE, CARTS];
  return [warning(paths, message)];
}

/**
 * A region that hangs keeps rate × timeout operations waiting, each on a connection. Over SQL the
 * connections that wait for a database to come back are added to them.
 */
function operationsFitInFlight({ workload: { via, rate, timeout, writers } }: Drill): Problem[] {
  const at = [['workload', 'via'], RATE, ['workload', 'timeout']];
  const most = IN_FLIGHT_MAX[via];
  const waiting = (rate * timeout) / 1000;
  const slots = Math.max(writers, Math.ceil(via === 'sql' ? 2 * waiting : waiting));
  if (slots <= most) return [];
  const lower = 'Lower workload.rate or workload.timeout';
  if (via === 'sql') {
    const needs = `via: sql needs 2 × rate × timeout = ${slots} connections`;
    return [error(at, `${needs}; the database has ${most} for clients. ${lower}`)];
  }
  const waits = `when a region hangs, rate × timeout = ${slots} operations wait at once`;
  return [error(at, `${waits}; the workload has connections for ${most}. ${lower}`)];
}

/** What a write takes besides its way: at the best, and on a busy machine. */
const WRITE_MS = { best: 5, busy: 50 } as const;

/** Seed rows are written before the drill, through the service, so many at once. */
function seedRowsFitTime(drill: Drill): Problem[] {
  const { workload } = drill;
  const carts = drill.topology.redis === undefined ? 0 : cartsPerSecond(drill) / workload.rate;
  const rows = Math.round(workload.seed_rows * (1 + carts));
  const capacities = activeApps(drill).map(({ instances, capacity }) => instances * capacity);
  const served = workload.via === 'sql' ? Infinity : Math.min(...capacities);
  const rateAt = (write_ms: number) => {
    const way_ms = slowestReply(drill)?.ms ?? 0;
    return Math.min(served, (1000 * SEED_ROWS_AT_ONCE) / (write_ms + way_ms));
  };
  const at = [['workload', 'seed_rows'], RATE];
  const [best, busy] = [rateAt(WRITE_MS.best), rateAt(WRITE_MS.busy)];
  const fit = (rate: number) => Math.floor((rate * SEED_ROWS_MS) / 1000 / (1 + carts));
  const time = formatDuration(SEED_ROWS_MS);
  const what = carts === 0 ? `${rows} rows` : `${rows} rows, those of the carts among them,`;
  if (workload.seed_rows > fit(best)) {
    const why = best === served ? 'what the app serves' : `${SEED_ROWS_AT_ONCE} at once`;
    const message =
      `${what} cannot be written in ${time}, which is all the time for them: at most ` +
      `${writeRate(Math.floor(best))} (${why}); ${fit(best)} can`;
    return [error(at, message)];
  }
  if (workload.seed_rows <= fit(busy)) return [];
  const message =
    `${what} take longer than ${time} on a busy machine, which is all the time for them: ` +
    `${SEED_ROWS_AT_ONCE} at once, ${formatDuration(WRITE_MS.busy)} each; ${fit(busy)} would do`;
  return [warning(at, message)];
}

function updatesGoOverHttp({ workload: { via, updates } }: Drill): Problem[] {
  if (via === 'http' || updates === 0) return [];
  const message = 'via: sql only inserts; shared rows are updated by the orders service, via: http';
  return [error([['workload', 'updates']], message)];
}

function sharesFit({ workload: { reads, updates } }: Drill): Problem[] {
  if (reads + updates <= 1) return [];
  const message =
    'workload.reads and workload.updates are shares of the same operations, 100% at most';
  return [error([['workload', 'updates']], message)];
}

function somethingIsWritten({ workload }: Drill): Problem[] {
  if (workload.reads < 1) return [];
  const message = 'with reads alone nothing is written, so no loss can be measured';
  return [error([['workload', 'reads']], message)];
}

function enoughWritesForZero({ workload, targets }: Drill): Problem[] {
  if (workload.reads >= 1) return [];
  const at = [RATE, ['workload', 'reads']];
  return tooFewForZero(workload.rate * (1 - workload.reads), 'writes', targets, at);
}

/** Zero loss proves nothing with too few writes before the disaster. */
export function tooFewForZero(
  perSecond: number,
  what: string,
  { rpo, lost_writes }: LossTargets,
  at: Place,
): Problem[] {
  if (rpo === undefined && lost_writes === undefined) return [];
  const within_ms = Math.max(1000, rpo ?? 0);
  const writes = perSecond * (within_ms / 1000);
  if (writes >= ZERO_LOSS_WRITES_MIN) return [];
  const last = within_ms === 1000 ? 'second' : formatDuration(within_ms);
  const message =
    `about ${Math.floor(writes)} ${what} are expected in the last ${last} before the disaster; ` +
    `zero loss is inconclusive with fewer than ${ZERO_LOSS_WRITES_MIN}`;
  return [warning(at, message)];
}

function steadyIsLongEnough(drill: Drill): Problem[] {
  const { steady } = drill;
  const operations = (asked(drill).rate * steady.for) / 1000;
  if (operations >= STEADY_OPERATIONS_LEAST) return [];
  const message =
    `only ${Math.floor(operations)} operations fall in the steady state, too few for a 99th ` +
    `percentile; ${STEADY_OPERATIONS_LEAST} are a fair minimum`;
  return [warning([['steady', 'for'], RATE], message)];
}

function withinTimeout({ workload, sustain }: Drill): Problem[] {
  if (sustain.within === undefined || sustain.within <= workload.timeout) return [];
  const message = `no answer comes later than the timeout of ${formatDuration(workload.timeout)}`;
  return [error([['sustain', 'within']], message)];
}

function latencyTargetInTimeout({ workload, targets }: Drill): Problem[] {
  if (targets.p99_latency === undefined || targets.p99_latency < workload.timeout) return [];
  const message =
    `no answer takes longer than the timeout of ${formatDuration(workload.timeout)}: ` +
    'this target is always met';
  return [warning(['targets', 'p99_latency'], message)];
}
