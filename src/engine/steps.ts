// The life of a run, phase by phase. What exists so far stands in `Progress`, so that the clean-up
// knows it even when a phase broke off half-way.
import type { PlannedFault } from '../drill/plan/plan.ts';
import type { System } from '../topology/system.ts';
import { bringUpRegions, deferProcesses, prepare } from './begin/begin.ts';
import type { RunContext } from './frame/context.ts';
import { recover } from './recovery/recover.ts';
import { Faults } from './faults/faults.ts';
import { Load } from './load/load.ts';
import type { Stages } from './frame/stages.ts';
import { holdSteady, warmUp, type SteadyState } from './load/steady.ts';

export interface Progress {
  system: System | null;
  load: Load | null;
  faults: Faults | null;
  /** Since the disaster was injected. */
  disaster: { readonly disaster_ms: number; readonly steady: SteadyState } | null;
  /** A steady state was there and the faults had their time: counting makes sense. */
  isVerifiable: boolean;
  /** Every step of the recovery was done. */
  isRecovered: boolean;
}

/** From `prepare` to the end of the recovery. Throws what stopped it. */
export async function drillTheSystem(
  run: RunContext,
  stages: Stages,
  progress: Progress,
): Promise<void> {
  await stages.go('prepare', prepare);
  const system = await stages.go('up', (phase) => bringUp(phase, progress));
  const load = progress.load!;
  await stages.go('seed', () => load.seed());
  const faults = new Faults(system);
  progress.faults = faults;
  await stages.go('warm-up', async (phase) => {
    await faults.injectAll(phase, conditionsOf(run), phase.clock.now());
    await warmUp(phase, load);
  });
  const steady = await stages.go('steady', (phase) => holdSteady(phase, system, load));
  if (!steady.isProved) return;
  await faultAndRecover(run, stages, { system, steady, progress, faults });
  progress.isVerifiable = true;
}

async function bringUp(run: RunContext, progress: Progress): Promise<System> {
  await deferProcesses(run, async () => progress.load?.close());
  const load = new Load(run);
  progress.load = load;
  const system = await bringUpRegions(run);
  progress.system = system;
  await load.open(system);
  load.watchLag(system);
  return system;
}

/** What is broken already when the steady state begins. */
function conditionsOf({ plan }: RunContext): PlannedFault[] {
  return plan.faults.filter(({ beforehand }) => beforehand);
}

async function faultAndRecover(
  run: RunContext,
  stages: Stages,
  parts: { system: System; steady: SteadyState; progress: Progress; faults: Faults },
): Promise<void> {
  const { plan, clock } = run;
  const { system, steady, progress, faults } = parts;
  const from_ms = clock.now();
  const disaster = await stages.go('fault', async (phase) => {
    // The disaster is the last of them (`drill check` sees to it).
    const later = plan.faults.filter(({ beforehand }) => !beforehand);
    await faults.injectAll(phase, later, from_ms);
    return { disaster_ms: faults.disaster_ms!, steady };
  });
  progress.disaster = disaster;
  await stages.go('recover', async (phase) => {
    progress.isRecovered = await recover(phase, system, { ...disaster, faults });
    await faults.proved();
  });
}
