// Texts below a title or behind a label, as the reports for a terminal show them.
import type { Paint } from '../screen/paint.ts';
import { displayWidth, printable, wrap } from '../screen/text.ts';

/** The lines of a text behind its head, those after the first below it. */
export function hanging(
  head: string,
  text: string,
  width: number,
  style = (line: string) => line,
): string[] {
  const indent = displayWidth(head);
  const [first = '', ...more] = wrap(text, width - indent).map(style);
  return [head + first, ...more.map((line) => ' '.repeat(indent) + line)];
}

/** Nothing where nothing is listed. */
export function bullets(
  title: string,
  items: readonly string[],
  width: number,
  paint: Paint,
): string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap((item) => hanging('  • ', printable(item), width));
  return [paint('bold', title), ...lines];
}
