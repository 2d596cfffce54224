// Waits until the app of a region is ready, by the word of each of its living instances.
import { until, type Clock } from '../../host/clock.ts';
import { answersReady } from '../../host/http.ts';
import { OperationFailed } from '../../host/operation-failed.ts';
import type { Address } from '../../host/ports.ts';

const READY_AT_MOST_MS = 60_000;
const READY_POLL_MS = 5;
const READY_REQUEST_MS = 500;

interface AppOfRegion {
  readonly region: string;
  /** Milliseconds to an instance and back. */
  readonly trip_ms: number;
  readonly living: () => readonly { readonly at: Address }[];
  readonly clock: Clock;
}

/** Resolves to how many those are. */
export async function untilReady(
  { region, trip_ms, living, clock }: AppOfRegion,
  signal?: AbortSignal,
): Promise<number> {
  const deadline_ms = clock.now() + READY_AT_MOST_MS;
  const request_ms = READY_REQUEST_MS + trip_ms;
  let found = '';
  const ready = await until({ clock, deadline_ms, every_ms: READY_POLL_MS, signal }, async () => {
    const answers = await Promise.all(living().map(({ at }) => answersReady(at, request_ms)));
    found = answers.join('; ') || 'no instance that runs';
    const isReady = answers.length > 0 && answers.every((answer) => answer === null);
    return isReady ? answers.length : null;
  });
  if (ready !== null) return ready;
  const expected = `it to be ready within ${READY_AT_MOST_MS / 1000} s`;
  throw new OperationFailed({ what: `the app in ${region}`, expected, found });
}
