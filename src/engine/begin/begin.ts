// How a run begins, whatever it is for: the machine is looked at, what it will leave behind has an
// undo, and the system comes up.
import { removeMarkedDirectory } from '../../host/tree/marked-directory.ts';
import { orProblem } from '../../host/operation-failed.ts';
import { endRunProcesses } from '../../host/process/processes.ts';
import { temporaryDirectory } from '../../host/temporary.ts';
import { thisRunner } from '../../host/process/runner.ts';
import type { RunContext } from '../frame/context.ts';
import { makeScratch } from './scratch.ts';
import type { System } from '../../topology/system/system.ts';

/** What a run has before anything of it is on the machine. */
type Beginning = Pick<RunContext, 'scope' | 'place' | 'key'> & {
  readonly parts: Pick<RunContext['parts'], 'preflight'>;
};

/** The phase `prepare`. */
export async function prepare({
  scope,
  place,
  key,
  parts,
}: Beginning): Promise<{ prepared: true }> {
  await parts.preflight?.();
  temporaryDirectory(); // for its complaint, which is another one than that of the making
  await scope.defer({ undo: 'directory', path: place.scratch }, async () => {
    removeMarkedDirectory(place.scratch, place.id);
  });
  const owner = { run: place.id, key, owner: thisRunner() };
  const making = async () => makeScratch(place.scratch, owner, place.directory);
  await orProblem(making(), () => ({
    what: 'the scratch directory of the run',
    expected: `to make ${place.scratch}`,
    hint: 'see who makes directories of that name there, or name another place with TMPDIR',
  }));
  return { prepared: true };
}

/**
 * Promises that whatever carries the run's mark ends with it, such as what a command of the drill
 * file started. `first` is done before.
 */
export async function deferProcesses(
  { scope, place, clock }: Pick<RunContext, 'scope' | 'place' | 'clock'>,
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
  const { parts, emit, scope } = run;
  const system = await parts.runtime.up({ ...run, defer: scope.defer.bind(scope) });
  emit('topology.up', system.description);
  return system;
}
