// From the disaster to service that is back for good: detection, declaration, recovery.
import { hasDisaster } from '../../drill/plan/clock.ts';
import { isSeen, type Plan } from '../../drill/plan/plan.ts';
import { recoveryNamed } from '../../drill/recovery/registry.ts';
import type { StepFacts } from '../../recovery/procedure.ts';
import { awaitService } from './await-service.ts';
import { stepsOfPlan } from './by-hand.ts';
import { askLossStep } from './ask-loss.ts';
import type { RunContext } from '../frame/context.ts';
import { declareDisaster } from './declare.ts';
import type { Faults } from '../faults/faults.ts';
import { asOperatorsDo } from './operators.ts';
import type { Recovery } from './recovery.ts';
import { runSteps } from './run-steps.ts';
import { StepMarks } from './step-marks.ts';
import type { System } from '../../topology/system/system.ts';

/** How far the run is when the disaster has happened. Times are on the run's clock. */
export interface AfterDisaster {
  readonly disaster_ms: number;
  readonly steady: { readonly from_ms: number; readonly to_ms: number };
  readonly faults: Faults;
  readonly recovery: Recovery;
}

/**
 * Detection, declaration, the procedure's steps, and the wait for service. Returns when there is no
 * more to wait for: true when every step was done; a step that failed or service that did not come
 * back stands in the journal.
 */
export async function recover(
  run: RunContext,
  system: System,
  { disaster_ms, steady, faults, recovery }: AfterDisaster,
): Promise<boolean> {
  const { plan, clock } = run;
  const { region: lost, index } = plan.faults.find((fault) => fault.disaster)!;
  const deadline_ms = disaster_ms + plan.recover.deadline_ms;
  const checked_ms = faults.open.dueOf('lose-gslb');
  const healed = faults.open.over(index);
  const limits = { disaster_ms, deadline_ms, healed, isSeen: isSeen(plan), checked_ms };
  // Of a fault that did not bite no system recovers.
  const isNeeded =
    plan.recover.with !== 'none' && (!isOwnBusiness(plan) || (await faults.proved()));
  const isDeclared =
    isNeeded && (isOwnBusiness(plan) || (await declareDisaster(run, system, lost, limits)));
  const isDone =
    !isNeeded ||
    (isDeclared && (await runProcedure(run, system, { faults, recovery }, { lost, deadline_ms })));
  if (!hasDisaster(plan)) await faults.open.ended(run.signal);
  const hasFailed = isDeclared && !isDone;
  const settled_ms = clock.now();
  // After a failed step it is only looked whether service is there all the same.
  const until_ms = hasFailed ? settled_ms : deadline_ms;
  const harm = recovery.harmBy(faults.mistake);
  const times = { disaster_ms, hit_ms: faults.hit_ms, settled_ms, deadline_ms: until_ms };
  await awaitService(run, { steady, ...times, hasFailed, harm });
  return isDone;
}

/** The system recovers by itself, and nobody is asked whether it may. */
function isOwnBusiness({ declare }: Plan): boolean {
  return declare.by === 'nobody';
}

/** False when a step failed, or was not done by the deadline. */
async function runProcedure(
  run: RunContext,
  system: System,
  { faults, recovery }: Pick<AfterDisaster, 'faults' | 'recovery'>,
  { lost, deadline_ms }: { readonly lost: string; readonly deadline_ms: number },
): Promise<boolean> {
  const { plan, clock, parts, emit } = run;
  const procedure = parts.recoveries.find(({ name }) => name === plan.recover.with);
  if (procedure === undefined) throw new Error(`no recovery is called ${plan.recover.with}`);
  const takeover = plan.replication.to;
  const dead = procedure.leavesAlive ? null : lost;
  const marks = new StepMarks(run, system, lost);
  const react = (facts: StepFacts) => {
    recovery.learn(facts, dead, clock.now());
    if (facts.marked !== undefined) marks.ended(facts.marked, clock.now());
  };
  const { mistake } = faults;
  const { effects } = recovery;
  const context = { plan, system, clock, emit, lost, takeover, mistake, effects };
  recovery.movesService = recoveryNamed(procedure.name).instances !== null;
  const { max_loss, retries } = plan.recover;
  const asDone = asOperatorsDo(run, lost, stepsOfPlan(run, procedure));
  const asking = max_loss === undefined ? [] : [askLossStep(run, max_loss, faults.stake)];
  const steps = [...asking, ...asDone.steps];
  emit('recovery.started', { with: procedure.name, steps: steps.map(({ title }) => title) });
  const isDone = await runSteps(run, steps, context, { deadline_ms, retries, react });
  asDone.over();
  await marks.over();
  if (isDone) emit('recovery.finished', {});
  return isDone;
}
