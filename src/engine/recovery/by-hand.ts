// The steps of a recovery as its plan has them: drill's own, and among them what people do and
// commands. What was done is not only believed, where the drill file says how it is seen.
import { join } from 'node:path';
import { isOwnPlan } from '../../drill/own-plan.ts';
import type { BackStep } from '../../drill/recovery/back.ts';
import type { StepByHand } from '../../drill/recovery/by-hand.ts';
import { stepNames } from '../../drill/recovery/registry.ts';
import { runCommand, type CommandOptions } from '../../host/command.ts';
import { CommandGoesOn } from '../../host/process/command-failed.ts';
import { isFailure } from '../../host/operation-failed.ts';
import { withoutMark } from '../../host/process/environment.ts';
import type { Procedure, AnyStep } from '../../recovery/procedure.ts';
import type { RunContext } from '../frame/context.ts';

const LOOK_EVERY_MS = 500;

/** Of a recovery, or of the way back. */
type ByHand = StepByHand | BackStep;

export function stepsOfPlan(run: RunContext, { name, steps }: Procedure): readonly AnyStep[] {
  const planned = run.plan.recover.steps;
  if (planned === undefined) return steps;
  const names = stepNames(name);
  return planned.map((each) => {
    if (each.by !== 'drill') return byHand(run, each);
    const own = steps[names.indexOf(each.step)];
    if (own === undefined) throw new Error(`${name} has no step ${each.step}`);
    return own;
  });
}

export function byHand(run: RunContext, step: ByHand): AnyStep {
  const { title, seen } = step;
  const { emit, clock, place } = run;
  const environment = environmentOfSteps(run);
  const logFile = join(place.logs, 'steps.log');
  return {
    title,
    run: async ({ signal }) => {
      const how = { environment, logFile, signal };
      if (step.by === 'command') await runOrTell(run, step.command, how);
      else {
        const asked = {
          question: `${title} Press Enter when it is done.`,
          order: 'confirm',
        } as const;
        emit('operator.asked', asked);
        const by = await run.operator.ask(asked, signal);
        emit('step.confirmed', { step: title, by, seen: seen !== null });
      }
      if (seen !== null) {
        const began_ms = clock.now();
        await untilSeen(run, title, () => runCommand(seen, how), signal);
        emit('step.seen', { step: title, ms: clock.now() - began_ms });
      }
      const { mark } = step;
      return mark === undefined || mark === 'follows' ? {} : { marked: { step: title, mark } };
    },
  };
}

/** What cannot be ended with its step may still change the system, which the end says. */
async function runOrTell(
  { scope, place }: Pick<RunContext, 'scope' | 'place'>,
  command: readonly string[],
  how: CommandOptions,
): Promise<void> {
  try {
    await runCommand(command, how);
  } catch (error) {
    if (error instanceof CommandGoesOn) {
      await scope.defer({ undo: 'processes', run: place.id }, () => error.requireOver());
    }
    throw error;
  }
}

/** What a step starts in a system of somebody's own stays there; in a lab it ends with the run. */
export function environmentOfSteps({
  plan,
  environment,
}: Pick<RunContext, 'plan' | 'environment'>) {
  return isOwnPlan(plan) ? withoutMark(environment) : environment;
}

/** Why it was not seen yet is told once. */
async function untilSeen(
  { clock, emit }: RunContext,
  title: string,
  look: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await look();
    } catch (error) {
      signal.throwIfAborted();
      if (!isFailure(error)) throw error;
      if (!isTold)
        emit('run.noted', { text: `"${title}" is not seen to be done: ${error.message}` });
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
