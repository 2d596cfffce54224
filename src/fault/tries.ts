// Questions of which some have one outcome and the others another, by chance: many are asked, and
// how many had it is held against what chance does.
import { hostNow } from '../host/clock.ts';

const AT_ONCE = 8;

/** What came of so many, some at once; no more of them once the time is over. */
export async function tryMany<T>(
  most: number,
  within_ms: number,
  tryOne: () => Promise<T>,
): Promise<readonly T[]> {
  const over_ms = hostNow() + within_ms;
  const outcomes: T[] = [];
  let begun = 0;
  const tryOn = async () => {
    while (begun < most && hostNow() < over_ms) {
      begun += 1;
      outcomes.push(await tryOne());
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, most) }, tryOn));
  return outcomes;
}

/** Whether so many of the tries are that share, but for so many standard deviations. */
export function isShareOf(
  found: number,
  tries: number,
  { share, deviations }: { readonly share: number; readonly deviations: number },
): boolean {
  const spread = Math.sqrt(tries * share * (1 - share));
  return Math.abs(found - tries * share) <= deviations * spread;
}
