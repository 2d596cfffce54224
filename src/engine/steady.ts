// Before the first fault: warm up until the latency settles, hold the steady state, and check that
// the drill can prove anything at all from here.
import type { CheckResult } from '../evidence/event.ts';
import type { System } from '../topology/system.ts';
import type { WorkloadSampled } from '../workload/protocol.ts';
import type { RunContext } from './context.ts';
import type { Load } from './load.ts';

const LOOK_EVERY_MS = 50;
const SETTLED_SAMPLES = 3;
/** Latencies this small count as settled however they vary. */
const QUIET_P99_MS = 30;
const SETTLED_RATIO = 2;
const REPLY_AGE_MAX_MS = 2_000;

/** Runs the workload until three samples in a row are alike, or for as long as the plan allows. */
export async function warmUp(run: RunContext, load: Load): Promise<void> {
  const { clock, plan, emit, signal } = run;
  const began = clock.now();
  await load.begin();
  let settled = false;
  while (!settled && clock.now() - began < plan.warm_up.at_most_ms) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    settled = isSettled(load.samples.slice(-SETTLED_SAMPLES));
  }
  const p99_ms = load.samples.at(-1)?.p99_ms ?? null;
  emit('warm-up.ended', { settled, ms: clock.now() - began, p99_ms });
}

function isSettled(samples: readonly WorkloadSampled[]): boolean {
  if (samples.length < SETTLED_SAMPLES) return false;
  const p99s = samples.map((sample) => sample.p99_ms ?? Infinity);
  const failures = samples.some(({ refused, unknown, unsent }) => refused + unknown + unsent > 0);
  if (failures || samples.some(({ acknowledged }) => acknowledged === 0)) return false;
  const worst = Math.max(...p99s);
  return worst <= QUIET_P99_MS || worst <= SETTLED_RATIO * Math.min(...p99s);
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
  emit('steady.started', {}, from_ms);
  const from = load.samples.length;
  await clock.sleep(plan.steady.for_ms, signal);
  const to_ms = clock.now();
  emit('steady.ended', {}, to_ms);
  const checks = [
    servedCheck(load.samples.slice(from), plan.sustain.success),
    ...(await answered('replication', () => replicationChecks(run, system))),
    ...(await answered('health of the regions', () => regionChecks(run, system))),
  ];
  emit('preflight.checked', { checks });
  return { from_ms, to_ms, isProved: checks.every(({ ok }) => ok) };
}

/** A part that cannot be asked is a failed check. */
async function answered(name: string, ask: () => Promise<CheckResult[]>): Promise<CheckResult[]> {
  return await ask().catch((error: Error) => [{ name, ok: false, detail: error.message }]);
}

function servedCheck(samples: readonly WorkloadSampled[], success: number): CheckResult {
  const sum = (key: 'acknowledged' | 'refused' | 'unknown' | 'unsent') =>
    samples.reduce((total, sample) => total + sample[key], 0);
  const acknowledged = sum('acknowledged');
  const all = acknowledged + sum('refused') + sum('unknown') + sum('unsent');
  return {
    name: 'steady state',
    ok: all > 0 && acknowledged / all >= success,
    detail: `${acknowledged} of ${all} operations acknowledged, ${success * 100} % needed`,
  };
}

async function replicationChecks({ plan }: RunContext, system: System): Promise<CheckResult[]> {
  const { from, to, mode } = plan.replication;
  const name = `replication ${from} → ${to}`;
  const state = await system.region(from).database.replication();
  if (state === null) return [{ name, ok: false, detail: 'no standby is connected' }];
  const detail =
    `${state.state}, ${state.sync_state}, ${state.lag_bytes} bytes behind, ` +
    `last heard of ${Math.round(state.reply_age_ms)} ms ago`;
  const isAlive = state.state === 'streaming' && state.reply_age_ms < REPLY_AGE_MAX_MS;
  const isSync = mode === 'async' || ['sync', 'quorum'].includes(state.sync_state);
  return [{ name, ok: isAlive && isSync, detail }];
}

async function regionChecks({ plan }: RunContext, system: System): Promise<CheckResult[]> {
  const state = await system.gslb.state();
  return plan.regions
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
