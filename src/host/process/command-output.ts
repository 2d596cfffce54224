// Runs one command to its end for what it prints, which is kept: it may be a password.
import { spawn } from 'node:child_process';
import { abortAfter, hostClock } from '../clock.ts';
import { OperationFailed } from '../operation-failed.ts';
import { describeExit, exitOf } from './detached.ts';
import { killTrees } from './processes.ts';

const BYTES_MAX = 64 * 1024;

export interface OutputOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly atMost_ms: number;
  readonly signal?: AbortSignal;
}

/**
 * What it printed, 64 kB at most; no shell is involved. Rejects where it does not end with 0 in
 * that time. What it printed stands in no message.
 */
export async function commandOutput(
  command: readonly string[],
  { environment, atMost_ms, signal }: OutputOptions,
): Promise<string> {
  const [file = '', ...args] = command;
  const over = new AbortController();
  const late = new Error(`it was not done within ${atMost_ms / 1000} s`);
  const limit = abortAfter(hostClock(), atMost_ms, late, over.signal);
  const running = spawn(file, args, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  const end = () => killTrees(running.pid === undefined ? [] : [running.pid]);
  const stop = AbortSignal.any(signal === undefined ? [limit] : [limit, signal]);
  stop.addEventListener('abort', end, { once: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  running.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BYTES_MAX) chunks.push(chunk);
    else end();
  });
  const exit = await exitOf(running);
  stop.removeEventListener('abort', end);
  const isLate = limit.aborted;
  over.abort();
  signal?.throwIfAborted();
  const why = isLate ? late.message : (exit.error ?? exit.signal ?? describeExit(exit));
  const found = bytes > BYTES_MAX ? `more than ${BYTES_MAX} bytes` : why;
  if (exit.code === 0 && bytes <= BYTES_MAX) return Buffer.concat(chunks).toString('utf8');
  throw new OperationFailed({ what: command.join(' '), expected: 'exit code 0', found });
}
