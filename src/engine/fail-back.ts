// The failback of a run: the lost region is made whole, service goes back to it while clients
// write, and what they wrote is counted once more.
import { healWatchMs, latestServiceMs } from '../drill/plan.ts';
import { rebuildSteps, returnSteps } from '../recovery/fail-back.ts';
import type { System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import type { Load } from './load.ts';
import { runSteps } from './run-steps.ts';
import { verifyFailback } from './verify.ts';

/** Whatever cannot be done stands in the journal with its reason; nothing is thrown for it. */
export async function failBack(run: RunContext, system: System, load: Load): Promise<void> {
  const { plan, clock, emit, place, signal } = run;
  const { from, to } = plan.replication;
  const context = { run: place.id, plan, system, clock, emit, mistake: null };
  const deadline_ms = () => clock.now() + latestServiceMs(plan);
  const away = { ...context, lost: from, takeover: to };
  if (!(await runSteps(run, rebuildSteps, away, deadline_ms()))) return;
  await load.begin();
  await clock.sleep(healWatchMs(plan), signal);
  // The size that the region had is what `scaleApp` of the switch-over brings back.
  const { instances } = plan.regions.find(({ name }) => name === from)!.app;
  const recover = { ...plan.recover, instances };
  const back = { ...context, plan: { ...plan, recover }, lost: to, takeover: from };
  await runSteps(run, returnSteps, back, deadline_ms());
  // Every client has asked DNS again, and a whole window of service has passed.
  await clock.sleep(healWatchMs(plan), signal);
  await verifyFailback(run, system, load);
}
