// Runs one command to its end, and hands over each line that it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { OperationFailed } from '../operation-failed.ts';
import type { OutputOptions } from './command-output.ts';
import { endWithin, killCommand } from './end-within.ts';

/**
 * No shell is involved. Rejects where it does not end with 0 in that time, and with what `onLine`
 * throws; lines that were handed over before that are worth nothing.
 */
export async function commandLines(
  command: readonly string[],
  { environment, ...limits }: OutputOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const [file = '', ...args] = command;
  const running = spawn(file, args, { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = createInterface({ input: running.stdout, crlfDelay: Infinity });
  const isRead = once(lines, 'close');
  let wrong: { readonly error: unknown } | null = null;
  lines.on('line', (line) => {
    if (wrong !== null) return;
    try {
      onLine(line);
    } catch (error) {
      wrong = { error };
      killCommand(running);
    }
  });
  const { code, why } = await endWithin(running, limits);
  // What it has started may hold its output open.
  if (code === 0) await isRead;
  else lines.close();
  if (wrong !== null) throw (wrong as { readonly error: unknown }).error;
  if (code === 0) return;
  throw new OperationFailed({ what: command.join(' '), expected: 'exit code 0', found: why });
}
