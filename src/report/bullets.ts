// A title and what is listed below it, as the texts for a terminal show it.
import type { Paint } from '../screen/paint.ts';
import { printable, wrap } from '../screen/text.ts';

/** Nothing where nothing is listed. */
export function bullets(
  title: string,
  items: readonly string[],
  width: number,
  paint: Paint,
): string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap((item) => {
    const [first = '', ...more] = wrap(printable(item), width - 4);
    return [`  • ${first}`, ...more.map((line) => `    ${line}`)];
  });
  return [paint('bold', title), ...lines];
}
