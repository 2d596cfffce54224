// Waits for a command to end; where it may not go on, it goes with all that it has started.
import type { ChildProcess } from 'node:child_process';
import { abortAfter, hostClock } from '../clock.ts';
import { describeExit, exitOf } from './detached.ts';
import { killTrees } from './processes.ts';

export interface EndLimits {
  /** Infinity where it is left out. */
  readonly atMost_ms?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CommandExit {
  /** Null: it was killed, never began, or came too late. */
  readonly code: number | null;
  /** Why it ended, in words. */
  readonly why: string;
}

/** Rejects with the reason of the signal once that has aborted, whatever the command came to. */
export async function endWithin(
  running: ChildProcess,
  { atMost_ms = Infinity, signal }: EndLimits,
): Promise<CommandExit> {
  const over = new AbortController();
  const late = new Error(`it was not done within ${atMost_ms / 1000} s`);
  const limits = signal === undefined ? [] : [signal];
  if (atMost_ms < Infinity) limits.push(abortAfter(hostClock(), atMost_ms, late, over.signal));
  const stop = AbortSignal.any(limits);
  const end = () => killCommand(running);
  if (stop.aborted) end();
  stop.addEventListener('abort', end, { once: true });
  const exit = await exitOf(running);
  stop.removeEventListener('abort', end);
  over.abort();
  signal?.throwIfAborted();
  // What came too late is no success, whatever it ended with.
  if (stop.aborted) return { code: null, why: late.message };
  return { code: exit.code, why: exit.error ?? exit.signal ?? describeExit(exit) };
}

export function killCommand({ pid }: ChildProcess): void {
  killTrees(pid === undefined ? [] : [pid]);
}
