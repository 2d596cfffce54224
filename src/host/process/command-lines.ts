// Runs one command to its end, and hands over each line that it prints.
import { once } from 'node:events';
import { OperationFailed } from '../operation-failed.ts';
import { printing, type OutputOptions } from './printing.ts';
import { LINE_TOO_LONG, readLines } from './read-lines.ts';

/**
 * No shell is involved. Rejects where it does not end with 0 in that time, where its output does
 * not end with it, where a line has no end, and with what `onLine` throws; lines that were handed
 * over before that are worth nothing.
 */
export async function commandLines(
  command: readonly string[],
  options: OutputOptions,
  onLine: (line: string) => void,
): Promise<void> {
  let wrong: { readonly error: unknown } | null = null;
  const { code, why, isRead } = await printing(command, options, async (output, end) => {
    const stop = (error: unknown) => {
      wrong = { error };
      end();
    };
    const take = (line: string) => {
      if (wrong !== null) return;
      try {
        onLine(line);
      } catch (error) {
        stop(error);
      }
    };
    const expected = 'lines of 1 MB at most';
    readLines(output, take, () =>
      stop(new OperationFailed({ what: command.join(' '), expected, found: LINE_TOO_LONG })),
    );
    await once(output, 'close');
  });
  if (wrong !== null) throw (wrong as { readonly error: unknown }).error;
  if (code === 0 && isRead) return;
  const found = code === 0 ? 'that something holds its output open' : why;
  throw new OperationFailed({ what: command.join(' '), expected: 'exit code 0', found });
}
