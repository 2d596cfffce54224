// Before the first fault: warm up until the latency settles, hold the steady state, and check that
// the drill can prove anything at all from here.
import { allDone } from '../../base/all-done.ts';
import { until } from '../../host/clock.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { CheckResult } from '../../evidence/event.ts';
import { storesOf, type Plan, type StoreRole } from '../../drill/plan/plan.ts';
import { named, STORES } from '../../drill/stores.ts';
import type { WorkloadSampled } from '../../workload/protocol.ts';
import type { RunContext } from '../frame/context.ts';
import type { Load } from './load.ts';
import { storeIn } from '../../topology/system/region.ts';
import type { System } from '../../topology/system/system.ts';

const LOOK_EVERY_MS = 10;
const SETTLED_SAMPLES = 3;
/** Latencies this small count as settled however they vary. */
const QUIET_P99_MS = 30;
const SETTLED_RATIO = 2;
/** A service that is not quiet may be alike for some samples while it is still cold. */
const COLD_MS = 2_000;
const REPLY_AGE_MAX_MS = 2_000;
/** A standby that follows, in the words of PostgreSQL and of Redis. */
const FOLLOWING = ['streaming', 'online'];
const SYNC = ['sync', 'quorum'];

/** Clients that begin, and what is seen of each store's. */
export interface Warming {
  readonly stores: readonly { readonly samples: readonly WorkloadSampled[] }[];
  begin(ramp_ms: number): Promise<void>;
}

/**
 * Runs the workload until three samples in a row are quiet, or alike once the service is warm, or
 * for as long as the plan allows. Samples of a rate that still rises do not count.
 */
export async function warmUp(run: RunContext, load: Warming): Promise<void> {
  const { clock, plan, emit, signal } = run;
  const began = clock.now();
  const { at_most_ms, ramp_ms = 0 } = plan.warm_up;
  await load.begin(ramp_ms);
  // The last look is at the end of the time.
  const deadline_ms = began + at_most_ms - LOOK_EVERY_MS;
  const waiting = { clock, deadline_ms, every_ms: LOOK_EVERY_MS, signal };
  const isWarm = await until(waiting, async () => {
    const isCold = clock.now() - began < COLD_MS;
    const last = load.stores.map(({ samples }) => {
      const newest = samples.slice(-SETTLED_SAMPLES);
      return newest.filter(({ at_ms }) => at_ms >= began + ramp_ms);
    });
    return last.every((samples) => isSettled(samples, isCold)) || null;
  });
  const p99s = load.stores.map(({ samples }) => samples.at(-1)?.p99_ms ?? null);
  const p99_ms = p99s.reduce((worst, each) => ((each ?? 0) > (worst ?? 0) ? each : worst), null);
  emit('warm-up.ended', { settled: isWarm !== null, ms: clock.now() - began, p99_ms });
}

function isSettled(samples: readonly WorkloadSampled[], isCold: boolean): boolean {
  if (samples.length < SETTLED_SAMPLES) return false;
  const p99s = samples.flatMap(({ p99_ms }) => (p99_ms === null ? [] : [p99_ms]));
  const failures = samples.some(({ refused, unknown, unsent }) => refused + unknown + unsent > 0);
  // At a low rate a sample may have nothing in it; that is no stillness of the service.
  const isStill = samples.some(
    ({ acknowledged, in_flight }) => acknowledged === 0 && in_flight > 0,
  );
  if (failures || isStill || p99s.length === 0) return false;
  const worst = Math.max(...p99s);
  if (worst <= QUIET_P99_MS) return true;
  return !isCold && worst <= SETTLED_RATIO * Math.min(...p99s);
}

export interface SteadyState {
  readonly from_ms: number;
  readonly to_ms: number;
  /** Whether a fault may follow. */
  readonly isProved: boolean;
}

/** Holds the steady state for its time, then checks it. */
export async function holdSteady(
  run: RunContext,
  system: System,
  load: Load,
): Promise<SteadyState> {
  const { clock, plan, emit, signal } = run;
  const from_ms = clock.now();
  const sampled = sampleUsage(run, system); // an engine may take a second for it
  emit('steady.started', {}, from_ms);
  const from = new Map(load.stores.map(({ store, samples }) => [store, samples.length]));
  // Looking at processes takes this one a while, which is part of the time.
  await clock.sleep(from_ms + plan.steady.for_ms - clock.now(), signal);
  const to_ms = clock.now();
  emit('steady.ended', {}, to_ms);
  const [health, protection] = await Promise.all([
    answered('health of the regions', () => system.health()),
    answered('replication', () => replicationChecks(run, system)),
    sampled,
    sampleUsage(run, system),
    describeStores(run, system),
  ]);
  const served = load.stores.map(({ store, samples, rate_per_s }) =>
    servedCheck(store, samples.slice(from.get(store)), {
      success: plan.sustain.success,
      due: Math.round((rate_per_s * (to_ms - from_ms)) / 1_000),
    }),
  );
  const needed = [...served, ...health]; // without these nothing can be measured
  emit('preflight.checked', { checks: [...needed, ...protection] });
  const decisive = plan.preflight === 'require' ? [...needed, ...protection] : needed;
  return { from_ms, to_ms, isProved: decisive.every(({ ok }) => ok) };
}

/** For what the standing region costs; a number that cannot be had is missing and nothing else. */
async function sampleUsage({ emit, signal }: RunContext, system: System): Promise<void> {
  if (system.usage === null) return;
  try {
    emit('usage.sampled', await system.usage());
  } catch (error) {
    // Never a rejection: nobody waits for the first sample when the run is stopped meanwhile.
    if (signal.aborted) return;
    emit('run.noted', { text: `what the nodes use is not known: ${reasonOf(error)}` });
  }
}

/** For whoever reads the numbers later: a restore of gigabytes takes longer. */
async function describeStores({ plan, emit, signal }: RunContext, system: System): Promise<void> {
  const active = plan.regions.filter(({ role }) => role === 'active');
  const stores = active.flatMap(({ name }) => [...system.region(name).stores.values()]);
  await allDone(
    stores.map(async (store) => {
      const { role, node } = store;
      try {
        emit('store.described', { store: role, node, ...(await store.describe()) });
      } catch (error) {
        signal.throwIfAborted();
        emit('run.noted', { text: `how much ${node} holds is not known: ${reasonOf(error)}` });
      }
    }),
  );
}

/** A part that cannot be asked is a failed check. */
async function answered(name: string, ask: () => Promise<CheckResult[]>): Promise<CheckResult[]> {
  return await ask().catch((error: unknown) => [{ name, ok: false, detail: reasonOf(error) }]);
}

function servedCheck(
  store: StoreRole,
  samples: readonly WorkloadSampled[],
  { success, due }: { readonly success: number; readonly due: number },
): CheckResult {
  const sum = (key: 'acknowledged' | 'refused' | 'unknown' | 'unsent') =>
    samples.reduce((total, sample) => total + sample[key], 0);
  const acknowledged = sum('acknowledged');
  const ended = acknowledged + sum('refused') + sum('unknown') + sum('unsent');
  // Clients that ended nothing, or had no time to say so, had operations that were due.
  const all = ended === 0 ? due : ended;
  return {
    name: named('steady state', store),
    ok: ended > 0 && acknowledged / all >= success,
    detail: `${acknowledged} of ${all} operations acknowledged, ${success * 100} % needed`,
  };
}

async function replicationChecks({ plan }: RunContext, system: System): Promise<CheckResult[]> {
  // Its health says more: what is written was seen to come to each of its servers.
  if (system.own !== null) return [];
  if (system.bidirectional !== null) return await system.bidirectional.check();
  if (plan.backup !== null && system.backups !== null)
    return await system.backups.check(plan.backup);
  return await Promise.all(storesOf(plan).map((store) => replicationCheck(plan, system, store)));
}

async function replicationCheck(
  { replication }: Plan,
  system: System,
  store: StoreRole,
): Promise<CheckResult> {
  const { from, to, mode } = replication;
  const name = named(`replication ${from} → ${to}`, store);
  const state = await storeIn(system.region(from), store).replication();
  if (state === null) return { name, ok: false, detail: 'no standby is connected' };
  const detail =
    `${state.state}, ${state.sync_state}, ${state.lag_bytes} bytes behind, ` +
    `last heard of ${Math.round(state.reply_age_ms)} ms ago`;
  const isAlive = FOLLOWING.includes(state.state) && state.reply_age_ms < REPLY_AGE_MAX_MS;
  const isSync =
    mode === 'async' || !STORES[store].hasSynchronousCommit || SYNC.includes(state.sync_state);
  return { name, ok: isAlive && isSync, detail };
}
