// The lines of what a program prints, each as it comes. Nobody's program has to end a line ever.
import type { Readable } from 'node:stream';

const LINE_MAX = 1024 * 1024;
/** Of a line that never ends, in words. */
export const LINE_TOO_LONG = 'more than 1 MB in one line';

/** After `onTooLong` no line is handed over any more; what else comes is read and dropped. */
export function readLines(
  output: Readable,
  onLine: (line: string) => void,
  onTooLong: () => void,
): void {
  let rest = '';
  let isOver = false;
  output.setEncoding('utf8').on('data', (text: string) => {
    if (isOver) return;
    rest += text;
    if (text.includes('\n')) {
      const lines = rest.split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (rest.length <= LINE_MAX) return;
    isOver = true;
    rest = '';
    onTooLong();
  });
  output.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
