// Runs a drill whose result is wanted, on a machine that may be busy with other things.
import type { Ended, Workplace } from './drill-cli.ts';

/** A reason that says no more than that the machine had other things to do. */
export const TOO_BUSY = /could not keep the schedule|stood still|did not get to run/;

/**
 * Once more if nothing but a busy machine kept the run from being measured. Not for tests of that
 * very thing.
 */
export async function runMeasured(
  place: Workplace,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const ended = await place.run(args, env);
  if (ended.code !== 3 || !place.result().reasons.every((reason) => TOO_BUSY.test(reason))) {
    return ended;
  }
  return await place.run(args, env);
}
