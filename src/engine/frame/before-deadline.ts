// Waits of the engine: a time limit on the run's clock for work that heeds a signal, and the signal
// itself.
import type { RunContext } from './context.ts';

/** `work`, or null when the run's clock reaches `limit_ms` first. */
export async function beforeDeadline<T>(
  { clock, signal }: RunContext,
  limit_ms: number,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const limit = new AbortController();
  const until = AbortSignal.any([limit.signal, signal]);
  const expiry = clock.sleep(limit_ms - clock.now(), until).then(
    () => limit.abort(new Error('too late')),
    () => {},
  );
  try {
    return await work(until);
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) return null;
    throw error;
  } finally {
    limit.abort(new Error('done'));
    await expiry;
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
