// Ends a run by a condition: it heals and cleans up at once, and the journal says why.
import type { EventBodies } from '../../evidence/event.ts';
import { Interruption, type RunContext } from '../frame/context.ts';

export function stopRun(
  { emit, fail }: Pick<RunContext, 'emit' | 'fail'>,
  stopped: EventBodies['run.stopped'],
): void {
  emit('run.stopped', stopped);
  fail(new Interruption('stop', stopped.condition));
}
