// Runs one command to its end for what it prints, which is kept: it may be a password.
import { spawn } from 'node:child_process';
import { CommandFailed } from './command-failed.ts';
import { endWithin, killCommand } from './end-within.ts';

const BYTES_MAX = 64 * 1024;

export interface OutputOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly atMost_ms: number;
  /** Default: that of this process. */
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What it printed, 64 kB at most; no shell is involved. Rejects where it does not end with 0 in
 * that time. What it printed stands in no message.
 */
export async function commandOutput(
  command: readonly string[],
  { environment, cwd, ...limits }: OutputOptions,
): Promise<string> {
  const [file = '', ...args] = command;
  const running = spawn(file, args, {
    env: environment,
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  running.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BYTES_MAX) chunks.push(chunk);
    else killCommand(running);
  });
  const { code, why } = await endWithin(running, limits);
  if (code === 0 && bytes <= BYTES_MAX) return Buffer.concat(chunks).toString('utf8');
  const found = bytes > BYTES_MAX ? `more than ${BYTES_MAX} bytes` : why;
  throw new CommandFailed(command, found, code);
}
