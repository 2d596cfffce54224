// Carries out steps of a failback.
import { latestServiceMs } from '../../drill/plan/plan.ts';
import type { AnyStep } from '../../recovery/procedure.ts';
import type { System } from '../../topology/system/system.ts';
import type { RunContext } from '../frame/context.ts';
import { effectsOn } from '../recovery/effects.ts';
import { runSteps } from '../recovery/run-steps.ts';

/** False when one failed for good, or was not done in time. */
export async function carryOut(
  run: RunContext,
  system: System,
  steps: readonly AnyStep[],
  { lost, takeover }: { readonly lost: string; readonly takeover: string },
): Promise<boolean> {
  const { clock, emit } = run;
  // The size that the region had is what a switch-over brings back.
  const { instances } = run.plan.regions.find(({ name }) => name === takeover)!.app;
  const plan = { ...run.plan, recover: { ...run.plan.recover, instances } };
  const effects = effectsOn(run, system);
  const context = { plan, system, clock, emit, lost, takeover, mistake: null, effects };
  const deadline_ms = clock.now() + latestServiceMs(plan);
  return await runSteps(run, steps, context, { deadline_ms });
}
