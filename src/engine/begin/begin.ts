// How a run begins, whatever it is for: what was asked for stands in its files, the machine is
// looked at, and what it will leave behind has an undo.
import { writeFileSync } from 'node:fs';
import type { Plan } from '../../drill/plan/plan.ts';
import { runFile } from '../../evidence/run-files.ts';
import { removeTree } from '../../host/files.ts';
import { endRunProcesses, ownProcess } from '../../host/process/processes.ts';
import type { RunContext } from '../frame/context.ts';
import type { Recorder } from '../frame/recorder.ts';
import { makeScratch } from './scratch.ts';
import type { RunPlace, System } from '../../topology/system/system.ts';

export interface Inputs {
  readonly plan: Plan;
  /** The drill file as it was read, kept with the evidence. */
  readonly text: Uint8Array;
  readonly place: RunPlace;
  readonly version: string;
}

/** `origin_ms`: the host's clock at the zero of the run's; `wall_ms`: the wall clock now. */
export function beginRecord(
  { plan, text, place, version }: Inputs,
  { emit, undoLog }: Recorder,
  { origin_ms, wall_ms }: { readonly origin_ms: number; readonly wall_ms: number },
): void {
  undoLog.append({ undo: 'owner', run: place.id, owner: ownProcess() });
  writeFileSync(runFile(place.directory, 'drill'), text);
  writeFileSync(runFile(place.directory, 'plan'), `${JSON.stringify(plan, null, 2)}\n`);
  const at = new Date(wall_ms).toISOString();
  emit('run.started', { id: place.id, name: plan.name, at, origin_ms, drill_version: version });
}

/** The phase `prepare`. */
export async function prepare({
  scope,
  place,
  parts,
}: RunContext): Promise<{ readonly prepared: true }> {
  await parts.preflight?.();
  await scope.defer({ undo: 'directory', path: place.scratch }, async () => {
    removeTree(place.scratch);
  });
  makeScratch(place.scratch, place.id, place.directory);
  return { prepared: true };
}

/**
 * Promises that whatever carries the run's mark ends with it, such as what a command of the drill
 * file started. `first` is done before.
 */
export async function deferProcesses(
  { scope, place, clock }: RunContext,
  first: () => Promise<void> = async () => {},
): Promise<void> {
  await scope.defer({ undo: 'processes', run: place.id, directory: place.scratch }, async () => {
    await first();
    const alive = await endRunProcesses(place.id, place.scratch, clock);
    if (alive.length > 0) throw new Error(`processes ${alive.join(', ')} do not end`);
  });
}

/** Has the runtime bring the system up, and says so. */
export async function bringUpRegions(run: RunContext): Promise<System> {
  const { parts, plan, place, clock, origin_ms, emit, scope, signal, fail } = run;
  const defer = scope.defer.bind(scope);
  const context = { plan, place, clock, origin_ms, emit, defer, signal, fail };
  const system = await parts.runtime.up(context);
  emit('topology.up', system.description);
  return system;
}
