// Carries out the steps of a procedure, in order, each told to the journal.
import { reasonOf } from '../../host/operation-failed.ts';
import type { RecoveryContext, Step, StepFacts } from '../../recovery/procedure.ts';
import type { RunContext } from '../frame/context.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import { heldBefore } from '../frame/hold.ts';

/**
 * False when a step failed, or was not done by the deadline (on the run's clock). `react` gets what
 * each step has found out.
 */
export async function runSteps(
  run: RunContext,
  steps: readonly Step[],
  context: Omit<RecoveryContext, 'signal'>,
  deadline_ms: number,
  react: (facts: StepFacts) => void = () => {},
): Promise<boolean> {
  const { clock, signal } = run;
  const { emit } = context;
  for (const step of steps) {
    const isFree = await beforeDeadline(run, deadline_ms, async (until) => {
      await heldBefore(run, step.title, until);
      return true;
    });
    const began = clock.now();
    emit('step.started', { step: step.title });
    if (isFree === null) {
      emit('step.failed', { step: step.title, reason: 'the run was held until the deadline' });
      return false;
    }
    const outcome = await beforeDeadline(run, deadline_ms, async (until) => {
      const facts = (await step.run({ ...context, signal: until })) ?? {};
      record(run, facts);
      react(facts);
      return { reason: facts.verified?.ok === false ? facts.verified.detail : null };
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      return { reason: reasonOf(error) };
    });
    const { reason } = outcome ?? { reason: 'it was not done by the deadline' };
    if (reason !== null) {
      emit('step.failed', { step: step.title, reason });
      return false;
    }
    emit('step.ended', { step: step.title, ms: clock.now() - began });
  }
  return true;
}

function record({ emit }: RunContext, { fenced, verified }: StepFacts): void {
  if (fenced !== undefined) emit('fence.proved', { checks: [...fenced] });
  if (verified !== undefined) emit('data.verified', verified);
}
