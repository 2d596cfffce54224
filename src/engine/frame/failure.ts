// Turns what stopped a run into an event that says why: interrupted, out of time, environment, or a
// bug in drill.
import type { Emit } from '../../evidence/event.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { partFailure } from '../../host/machine/last-words.ts';
import { machineError, NEEDED } from '../../host/machine/machine-error.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import { Interruption, type RunContext } from './context.ts';
import { folderGone } from './folder-gone.ts';

export function reportFailure({ emit, signal, place }: RunContext, thrown: unknown): void {
  const error = signal.aborted ? (signal.reason as unknown) : thrown;
  if (error instanceof Interruption && error.kind === 'limit') {
    emit('run.limited', { reason: error.message });
  } else if (error instanceof Interruption && error.kind === 'stop') {
    // Whoever stopped it has said so.
  } else if (error instanceof Interruption) {
    const lack = machineError(error.cause, NEEDED) ?? folderGone(error.cause, place);
    if (lack === null) reportBug(emit, error.cause);
    else reportError(emit, lack);
  } else if (signal.aborted && !(error instanceof EnvironmentError)) {
    emit('run.interrupted', { by: error instanceof Error ? error.message : String(error) });
  } else {
    reportError(emit, machineError(error, NEEDED) ?? folderGone(error, place) ?? error);
  }
}

function reportError(emit: Emit, error: unknown): void {
  if (error instanceof EnvironmentError) {
    const { log = [], isMachine, ...problem } = error.problem;
    const machine = isMachine === undefined ? {} : { machine: true as const };
    emit('environment.failed', { ...problem, log: [...log], ...machine });
  } else if (error instanceof OperationFailed) {
    const { what, expected, found } = error;
    reportError(emit, partFailure({ what, expected, found, hint: '' }, error));
  } else {
    reportBug(emit, error);
  }
}

function reportBug(emit: Emit, bug: unknown): void {
  const { message, stack = '' } = bug instanceof Error ? bug : new Error(String(bug));
  emit('internal.failed', { message, stack });
}
