// The end of a run: everything that it made goes, or stays on request.
import type { Keep } from '../../drill/file/settings.ts';
import type { KeptNode } from '../../evidence/event.ts';
import { readEvidence } from '../../evidence/run-files.ts';
import { isFailure } from '../../host/operation-failed.ts';
import type { System } from '../../topology/system/system.ts';
import { assess } from '../../verdict/assess.ts';
import type { RunContext } from '../frame/context.ts';
import { reportFailure } from '../frame/failure.ts';
import type { Load } from '../load/load.ts';

export async function bringDown(
  run: RunContext,
  { system, load }: { readonly system?: System; readonly load?: Load },
  { keep, stopped }: { readonly keep: Keep; readonly stopped: AbortSignal },
): Promise<void> {
  const { clock, emit, scope } = run;
  const began_ms = clock.now();
  await load?.close().catch(() => {}); // its undo says so again
  const isKept = system !== undefined && keep !== 'never' && !stopped.aborted;
  const nodes = isKept ? await keepOnRequest(run, system, keep) : [];
  if (nodes.length === 0) return await endScope(run, began_ms);
  emit('system.kept', { nodes: [...nodes] });
  scope.abandon();
  emit('cleanup.ended', { clean: true, left: [], ms: clock.now() - began_ms });
}

/** Undoes all that the run has done to the machine, and says what is left. */
export async function endScope(
  { scope, emit, clock, kill }: RunContext,
  began_ms = clock.now(),
): Promise<void> {
  const left = await scope.close(kill);
  emit('cleanup.ended', { clean: left.length === 0, left, ms: clock.now() - began_ms });
}

/** What was left running; nothing where it was not asked for, or where it cannot be done. */
async function keepOnRequest(
  run: RunContext,
  system: System,
  keep: Keep,
): Promise<readonly KeptNode[]> {
  const { place, emit } = run;
  try {
    const soFar = assess(readEvidence(place.directory), { soFar: true });
    if (keep === 'on-failure' && soFar.verdict === 'pass') return [];
    return await system.keep();
  } catch (error) {
    if (isFailure(error)) {
      emit('run.noted', { text: `the system cannot be kept: ${error.message}` });
    } else reportFailure(run, error); // and it goes down
    return [];
  }
}
