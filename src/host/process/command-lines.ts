// Runs one command to its end, and hands over each line that it prints.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { OperationFailed } from '../operation-failed.ts';
import { printing, type OutputOptions } from './printing.ts';

/**
 * No shell is involved. Rejects where it does not end with 0 in that time, where its output does
 * not end with it, and with what `onLine` throws; lines that were handed over before that are worth
 * nothing.
 */
export async function commandLines(
  command: readonly string[],
  options: OutputOptions,
  onLine: (line: string) => void,
): Promise<void> {
  let wrong: { readonly error: unknown } | null = null;
  const { code, why, isRead } = await printing(command, options, async (output, end) => {
    const lines = createInterface({ input: output, crlfDelay: Infinity });
    lines.on('line', (line) => {
      if (wrong !== null) return;
      try {
        onLine(line);
      } catch (error) {
        wrong = { error };
        end();
      }
    });
    await once(lines, 'close');
  });
  if (wrong !== null) throw (wrong as { readonly error: unknown }).error;
  if (code === 0 && isRead) return;
  const found = code === 0 ? 'that something holds its output open' : why;
  throw new OperationFailed({ what: command.join(' '), expected: 'exit code 0', found });
}
