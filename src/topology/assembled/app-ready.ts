// When the app of a region takes requests, whatever its instances are made of.
import { OperationFailed } from '../../host/operation-failed.ts';
import { until, type Clock } from '../../host/clock.ts';
import { answersReady, type HttpAddress } from '../../host/http.ts';

const POLL_MS = 5;
const REQUEST_MS = 500;
const AT_MOST_MS = 60_000;

interface Asked {
  readonly region: string;
  /** The living instances. */
  readonly instances: () => readonly HttpAddress[];
  /** On the way to them and back. */
  readonly trip_ms: number;
}

/**
 * Resolves when there are instances and every one of them answers `/readyz` with 200; to how many.
 */
export async function untilReady(
  { region, instances, trip_ms }: Asked,
  clock: Clock,
  signal?: AbortSignal,
): Promise<number> {
  const deadline_ms = clock.now() + AT_MOST_MS;
  const request_ms = REQUEST_MS + trip_ms;
  let seen = '';
  const ready = await until({ clock, deadline_ms, every_ms: POLL_MS, signal }, async () => {
    const answers = await Promise.all(instances().map((at) => answersReady(at, request_ms)));
    seen = answers.join('; ') || 'no instance that runs';
    const isReady = answers.length > 0 && answers.every((answer) => answer === null);
    return isReady ? answers.length : null;
  });
  if (ready !== null) return ready;
  const expected = `it to be ready within ${AT_MOST_MS / 1000} s`;
  throw new OperationFailed({ what: `the app in ${region}`, expected, found: seen });
}
