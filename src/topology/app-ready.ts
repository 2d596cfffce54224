// When the app of a region takes requests, whatever its instances are made of.
import type { Clock } from '../host/clock.ts';
import { answersReady, type HttpAddress } from '../host/http.ts';

const POLL_MS = 5;
const REQUEST_MS = 500;
const AT_MOST_MS = 60_000;

/** Resolves when there are instances and every one of them answers `/readyz` with 200. */
export async function untilReady(
  region: string,
  instances: () => readonly HttpAddress[],
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const until = clock.now() + AT_MOST_MS;
  for (;;) {
    const answers = await Promise.all(instances().map((at) => answersReady(at, REQUEST_MS)));
    if (answers.length > 0 && answers.every((answer) => answer === null)) return;
    if (clock.now() > until) {
      const seen = answers.join('; ') || 'no instance runs';
      throw new Error(`the app in ${region} is not ready after ${AT_MOST_MS / 1000} s: ${seen}`);
    }
    await clock.sleep(POLL_MS, signal);
  }
}
