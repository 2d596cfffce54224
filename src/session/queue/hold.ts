// How a job is held while it is worked on, and how a database is waited for that is gone.
import { DatabaseGone } from '../../queue/database.ts';
import { hostClock } from '../../host/clock.ts';
import type { Mine } from '../../queue/holders.ts';
import type { SharedQueue } from '../../queue/queue.ts';

type Say = (text: string) => void;

const AGAIN_MS = 1_000;

/**
 * What `work` resolves to, tried again while the database is gone; null once the signal has
 * aborted. Rejects where the database says no.
 */
export async function persist<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  say: Say,
): Promise<T | null> {
  const clock = hostClock();
  let isTold = false;
  for (;;) {
    try {
      const made = await work();
      if (isTold) say('the database of the queue is back');
      return made;
    } catch (error) {
      if (!(error instanceof DatabaseGone)) throw error;
      if (!isTold) say(`the database of the queue does not answer: ${error.message}`);
      isTold = true;
    }
    if (signal.aborted) return null;
    await clock.sleep(AGAIN_MS, signal).catch(() => {});
  }
}

interface Holding {
  /** Aborts where the job is held no more: another one has it, or nobody wants it. */
  readonly gone: AbortSignal;
  readonly end: () => void;
}

/** Renews the lease until `end`; while the database is gone as well. */
export function holding(taken: Mine, queue: SharedQueue, say: Say): Holding {
  const gone = new AbortController();
  const over = new AbortController();
  const clock = hostClock();
  const hold = async () => {
    while (!over.signal.aborted && !gone.signal.aborted) {
      await clock.sleep(queue.renewEvery_ms, over.signal);
      const isHeld = await persist(async () => await queue.renew(taken), over.signal, say);
      // Its own first: it may have been gone for long itself.
      await persist(async () => await queue.judgeLeases(), over.signal, say);
      if (isHeld === false) {
        gone.abort(new Error('it is wanted no more, or another one was given it'));
      }
    }
  };
  hold().catch((error: Error) => {
    if (!over.signal.aborted) say(error.message);
  });
  return { gone: gone.signal, end: () => over.abort(new Error('it is over')) };
}
