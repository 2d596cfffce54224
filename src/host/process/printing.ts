// Runs one command to its end while what it prints is read, to the last of it.
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { endWithin, killCommand, type CommandExit } from './end-within.ts';

export interface OutputOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly atMost_ms: number;
  /** Default: that of this process. */
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Printed extends CommandExit {
  /** Whether all that it printed was read: what it has started may hold its output open. */
  readonly isRead: boolean;
}

/** From its end to that of its output, which stands in a pipe by then. */
const READ_AT_MOST_MS = 1_000;

/** `read` resolves at the end of the output, and may end it before. No shell is involved. */
export async function printing(
  command: readonly string[],
  { environment, cwd, ...limits }: OutputOptions,
  read: (output: Readable, end: () => void) => Promise<unknown>,
): Promise<Printed> {
  const [file = '', ...args] = command;
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const running = spawn(file, args, { env: environment, cwd, stdio: [...stdio] });
  const reading = read(running.stdout, () => killCommand(running)).then(
    () => true,
    () => false,
  );
  try {
    const exit = await endWithin(running, limits);
    const isRead = exit.code === 0 && (await Promise.race([reading, over()]));
    return { ...exit, isRead };
  } finally {
    running.stdout.destroy();
  }
}

/** What has come while this process stood still is read before that counts. */
function over(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => setImmediate(() => resolve(false)), READ_AT_MOST_MS).unref();
  });
}
