// Runs a drill whose result is wanted, on a machine that may be busy with other things.
import type { Ended, Workplace } from './drill-cli.ts';

/** A reason that says no more than that the machine had other things to do. */
export const TOO_BUSY =
  /could not keep the schedule|stood still|did not get to run|machine was busy/;

/** What drill adds where the machine was busy before the disaster, and it said so. */
const BUSY_BEFORE = /before the fault: the machine was busy|machine was busy when the run began/;
const THEREFORE = /^The pre-flight check failed: |^The disaster was never injected/;

/** Whether nothing but a busy machine kept a run from being measured, by the reasons of its result. */
export function wasTooBusy(reasons: readonly string[]): boolean {
  const others = reasons.filter((reason) => !TOO_BUSY.test(reason));
  const isBefore = reasons.some((reason) => BUSY_BEFORE.test(reason));
  return reasons.length > 0 && others.every((reason) => isBefore && THEREFORE.test(reason));
}

/** A run that a busy machine kept from being measured is made so often again, at most. */
export const TRIES_MORE = 2;

/**
 * Again if nothing but a busy machine kept the run from being measured. Not for tests of that very
 * thing.
 */
export async function runMeasured(
  place: Workplace,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  for (let more = TRIES_MORE; ; more--) {
    const ended = await place.run(args, env);
    if (more === 0 || ended.code !== 3 || !wasTooBusy(place.result().reasons)) return ended;
  }
}
