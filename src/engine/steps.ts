// The life of a run, phase by phase. What exists so far stands in `Progress`, so that the clean-up
// knows it even when a phase broke off half-way.
import { removeTree } from '../host/files.ts';
import { endRunProcesses } from '../host/processes.ts';
import type { System } from '../topology/system.ts';
import type { RunContext } from './context.ts';
import { recover } from './disaster.ts';
import { Faults } from './faults.ts';
import { Load } from './load.ts';
import type { Stages } from './stages.ts';
import { makeScratch } from './scratch.ts';
import { holdSteady, warmUp, type SteadyState } from './steady.ts';

export interface Progress {
  system: System | null;
  load: Load | null;
  faults: Faults | null;
  /** Since the disaster was injected. */
  disaster: { readonly disaster_ms: number; readonly steady: SteadyState } | null;
  /** A steady state was there and the faults had their time: counting makes sense. */
  isVerifiable: boolean;
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
  await stages.go('seed', async () => void (await load.seed()));
  await stages.go('warm-up', (phase) => warmUp(phase, load));
  const steady = await stages.go('steady', (phase) => holdSteady(phase, system, load));
  if (!steady.isProved) return;
  await faultAndRecover(run, stages, { system, steady, progress });
  progress.isVerifiable = true;
}

async function prepare({ scope, place, parts }: RunContext): Promise<void> {
  await parts.preflight?.();
  await scope.defer({ undo: 'directory', path: place.scratch }, async () => {
    removeTree(place.scratch);
  });
  makeScratch(place.scratch, place.id, place.directory);
}

async function bringUp(run: RunContext, progress: Progress): Promise<System> {
  const { parts, plan, place, clock, origin_ms, emit, scope, signal, fail } = run;
  await scope.defer({ undo: 'processes', run: place.id, directory: place.scratch }, async () => {
    await progress.load?.close();
    await endTheRest(run);
  });
  const load = new Load(run);
  progress.load = load;
  const defer = scope.defer.bind(scope);
  const context = { plan, place, clock, origin_ms, emit, defer, signal, fail };
  const system = await parts.runtime.up(context);
  progress.system = system;
  emit('topology.up', system.description);
  await load.open(system);
  load.watchLag(system);
  return system;
}

/** Whatever still carries the run's mark, such as what a command of the drill file started. */
async function endTheRest({ place, clock }: RunContext): Promise<void> {
  const alive = await endRunProcesses(place.id, place.scratch, clock);
  if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} do not end`);
}

async function faultAndRecover(
  run: RunContext,
  stages: Stages,
  parts: { system: System; steady: SteadyState; progress: Progress },
): Promise<void> {
  const { plan, clock } = run;
  const { system, steady, progress } = parts;
  const faults = new Faults(system);
  progress.faults = faults;
  const from_ms = clock.now();
  const disaster = await stages.go('fault', async (phase) => {
    // The disaster is the last of them (`drill check` sees to it).
    await faults.injectAll(phase, plan.faults, from_ms);
    return { disaster_ms: clock.now(), steady };
  });
  progress.disaster = disaster;
  await stages.go('recover', async (phase) => {
    await recover(phase, system, { ...disaster, faults });
    await faults.proved();
  });
}
