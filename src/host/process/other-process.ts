// A process that this one did not start: all that can be known of its end is that it is gone.
import type { Clock } from '../clock.ts';
import { processStarted } from './processes.ts';

const LOOK_EVERY_MS = 20;

export interface OtherProcess {
  readonly pid: number;
  /** Tells it from a later one with the same id. */
  readonly started: string;
}

export function isStillThere({ pid, started }: OtherProcess): boolean {
  return processStarted(pid) === started;
}

/** Resolves, in words, once it is gone; never after `signal` aborted. */
export async function untilOtherEnds(
  process: OtherProcess,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    if (!isStillThere(process)) return 'it is gone';
    try {
      await clock.sleep(LOOK_EVERY_MS, signal);
    } catch {
      return await new Promise<never>(() => {}); // nobody asks any more
    }
  }
}
