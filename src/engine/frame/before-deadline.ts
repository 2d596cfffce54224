// Waits of the engine: a time limit on the run's clock for work that heeds a signal, and the signal
// itself.
import { abortAfter } from '../../host/clock.ts';
import type { RunContext } from './context.ts';

/** `work`, or null when the run's clock reaches `limit_ms` first. */
export async function beforeDeadline<T>(
  { clock, signal }: RunContext,
  limit_ms: number,
  work: (until: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const done = new AbortController();
  const ended = AbortSignal.any([done.signal, signal]);
  const late = abortAfter(clock, limit_ms - clock.now(), new Error('too late'), ended);
  try {
    return await work(AbortSignal.any([late, ended]));
  } catch (error) {
    if (late.aborted && !signal.aborted) return null;
    throw error;
  } finally {
    done.abort(new Error('done'));
  }
}

/** After `over` nobody waits any more: a signal that lives on keeps all who listen to it. */
export function untilAborted(
  signal: AbortSignal,
  over: AbortSignal = new AbortController().signal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}
