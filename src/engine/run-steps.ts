// Carries out the steps of a procedure, in order, each told to the journal.
import type { RecoveryContext, Step } from '../recovery/procedure.ts';
import type { RunContext } from './context.ts';
import { within } from './within.ts';

/** False when a step failed, or was not done by the deadline (on the run's clock). */
export async function runSteps(
  run: RunContext,
  steps: readonly Step[],
  context: Omit<RecoveryContext, 'signal'>,
  deadline_ms: number,
): Promise<boolean> {
  const { clock, signal } = run;
  const { emit } = context;
  for (const step of steps) {
    const began = clock.now();
    emit('step.started', { step: step.title });
    try {
      const isDone = await within(run, deadline_ms, async (until) => {
        await step.run({ ...context, signal: until });
        return true;
      });
      if (isDone === null) throw new Error('it was not done by the deadline');
    } catch (error) {
      signal.throwIfAborted();
      emit('step.failed', { step: step.title, reason: (error as Error).message });
      return false;
    }
    emit('step.ended', { step: step.title, ms: clock.now() - began });
  }
  return true;
}
