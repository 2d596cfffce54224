// The end of the faults: what was broken and is still alive is healed, and watched until clients
// could have noticed.
import { healWatchMs } from '../../drill/plan/plan.ts';
import type { Faults } from '../faults/faults.ts';
import type { RunContext } from '../frame/context.ts';
import type { SteadyState } from '../load/steady.ts';
import { awaitService } from '../recovery/await-service.ts';

/** What a run has come to when it heals. */
interface SoFar {
  readonly faults?: Faults;
  readonly steady?: SteadyState;
  /** Since the disaster was injected. */
  readonly disaster_ms?: number;
}

/**
 * Heals, then watches: from the last heal, whenever that was, and until service that it disturbed
 * holds again. Whatever came back must not have brought the fence down; nor may what was killed
 * have come back by itself.
 */
export async function heal(run: RunContext, soFar: SoFar, stopped: AbortSignal): Promise<void> {
  const { faults } = soFar;
  if (faults === undefined) return;
  await faults.open.healRest(run, stopped);
  const healed_ms = faults.open.lastHealed_ms;
  if (stopped.aborted) return;
  if (healed_ms !== null) {
    const signal = AbortSignal.any([run.signal, stopped]);
    await watchAfter(healed_ms, { ...run, signal }, soFar);
  }
  await faults.checkFence(run);
}

async function watchAfter(healed_ms: number, run: RunContext, soFar: SoFar): Promise<void> {
  const { clock, plan, signal } = run;
  const { faults, steady, disaster_ms } = soFar;
  await clock.sleep(healed_ms + healWatchMs(plan) - clock.now(), signal);
  if (steady === undefined || disaster_ms === undefined) return;
  const harm = faults?.harm ?? null;
  const watch = { steady, disaster_ms, settled_ms: healed_ms, deadline_ms: healed_ms, harm };
  // Whether service is back was said when the recovery was over.
  await awaitService({ ...run, emit: () => {} }, watch);
}
