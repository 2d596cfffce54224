// Carries out the steps of a procedure, in order, each told to the journal. One that fails is tried
// again where the plan says so.
import type { Retries } from '../../drill/recovery/retries.ts';
import { reasonOf } from '../../host/operation-failed.ts';
import type { AnyRecoveryContext, AnyStep, StepFacts } from '../../recovery/procedure.ts';
import type { RunContext } from '../frame/context.ts';
import { beforeDeadline } from '../frame/before-deadline.ts';
import { heldBefore } from '../frame/hold.ts';

export interface StepToCarryOut extends AnyStep {
  /**
   * `end`: it is not tried again, and the recovery has failed; `go-on`: neither, what comes after
   * it is done all the same. Absent: it is tried again as often as may be.
   */
  readonly onFailure?: 'end' | 'go-on';
  /** Hears of each try that the journal has as failed. */
  readonly failed?: () => void;
}

interface Limits {
  /** On the run's clock. */
  readonly deadline_ms: number;
  /** Absent: a step that fails ends it. */
  readonly retries?: Retries | undefined;
  /** Gets what each step has found out. */
  readonly react?: (facts: StepFacts) => void;
}

type Context = Omit<AnyRecoveryContext, 'signal'>;

/** False when a step failed for good, or was not done by the deadline. */
export async function runSteps(
  run: RunContext,
  steps: readonly StepToCarryOut[],
  context: Context,
  limits: Limits,
): Promise<boolean> {
  for (const step of steps) {
    if (!(await carryOut(run, step, context, limits))) return false;
  }
  return true;
}

/** Whether what comes after the step may be done. */
async function carryOut(
  run: RunContext,
  step: StepToCarryOut,
  context: Context,
  limits: Limits,
): Promise<boolean> {
  const { clock } = run;
  const { emit } = context;
  const { onFailure, title } = step;
  const { times, pause_ms } = limits.retries ?? { times: 0, pause_ms: 0 };
  let left = onFailure === undefined ? times : 0;
  for (;;) {
    const { reason, ms, isLate } = await tryStep(run, step, context, limits);
    if (reason === null) return true;
    const goesOn = !isLate && (left > 0 || onFailure === 'go-on');
    const and = goesOn ? { goes_on: true as const } : {};
    emit('step.failed', { step: title, reason, ms, ...and });
    step.failed?.();
    if (!goesOn || left === 0) return goesOn;
    left -= 1;
    const hasTime = await beforeDeadline(run, limits.deadline_ms, async (until) => {
      await clock.sleep(pause_ms, until);
      return true;
    });
    if (hasTime !== null) continue;
    const late = 'the deadline came before it was tried again';
    emit('step.failed', { step: title, reason: late, ms: 0 });
    return false;
  }
}

/** `reason` null: it is done. Late: there is no time for anything more. */
async function tryStep(
  run: RunContext,
  step: StepToCarryOut,
  context: Context,
  { deadline_ms, react }: Limits,
): Promise<{ readonly reason: string | null; readonly ms: number; readonly isLate: boolean }> {
  const { clock, signal } = run;
  const { emit } = context;
  const { title } = step;
  const isFree = await beforeDeadline(run, deadline_ms, async (until) => {
    await heldBefore(run, title, until);
    return true;
  });
  const began = clock.now();
  emit('step.started', { step: title });
  if (isFree === null) {
    return { reason: 'the run was held until the deadline', ms: 0, isLate: true };
  }
  const outcome = await beforeDeadline(run, deadline_ms, async (until) => {
    const facts = (await step.run({ ...context, signal: until })) ?? {};
    record(run, facts);
    react?.(facts);
    return { reason: facts.verified?.ok === false ? facts.verified.detail : null };
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    return { reason: reasonOf(error) };
  });
  const ms = clock.now() - began;
  const { reason } = outcome ?? { reason: 'it was not done by the deadline' };
  if (reason === null) emit('step.ended', { step: title, ms });
  return { reason, ms, isLate: outcome === null };
}

function record({ emit }: RunContext, { fenced, verified }: StepFacts): void {
  if (fenced !== undefined) emit('fence.proved', { checks: [...fenced] });
  if (verified !== undefined) emit('data.verified', verified);
}
