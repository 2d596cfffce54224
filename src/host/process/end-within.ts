// Waits for a command to end; where it may not go on, it goes with all that it has started.
import type { ChildProcess } from 'node:child_process';
import { abortAfter, hostClock } from '../clock.ts';
import { CommandGoesOn } from './command-failed.ts';
import { describeExit, exitOf } from './detached.ts';
import { identify, killTrees, untilGone } from './processes.ts';

/** What was killed goes at once, where it is drill's to kill. */
const GONE_AT_MOST_MS = 2_000;

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

/**
 * Rejects with the reason of the signal once that has aborted, whatever the command came to: by
 * then nothing of it goes on. Where it cannot be ended, it rejects with a `CommandGoesOn`.
 */
export async function endWithin(
  running: ChildProcess,
  { atMost_ms = Infinity, signal }: EndLimits,
): Promise<CommandExit> {
  const over = new AbortController();
  const late = new Error(`it was not done within ${atMost_ms / 1000} s`);
  const limits = signal === undefined ? [] : [signal];
  if (atMost_ms < Infinity) limits.push(abortAfter(hostClock(), atMost_ms, late, over.signal));
  const stop = AbortSignal.any(limits);
  const exiting = exitOf(running);
  const killed = new Promise<readonly number[]>((resolve) => {
    const end = () => resolve(killCommand(running));
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true, signal: over.signal });
  });
  await Promise.race([exiting, killed]);
  over.abort();
  if (stop.aborted) await requireGone(running, await killed);
  const exit = await exiting;
  signal?.throwIfAborted();
  // What came too late is no success, whatever it ended with.
  if (stop.aborted) return { code: null, why: late.message };
  return { code: exit.code, why: exit.error ?? exit.signal ?? describeExit(exit) };
}

/** Returns all that was killed of it. */
export function killCommand({ pid }: ChildProcess): readonly number[] {
  return killTrees(pid === undefined ? [] : [pid]);
}

async function requireGone(running: ChildProcess, killed: readonly number[]): Promise<void> {
  const alive = await untilGone(killed, hostClock(), GONE_AT_MOST_MS);
  if (alive.length === 0) return;
  running.unref(); // this process may end before it
  throw new CommandGoesOn(running.spawnfile, identify(alive));
}
