// Text that fits: widths as a terminal shows them, wrapping, padding, columns. Colour codes count
// as nothing.
import { stripVTControlCharacters } from 'node:util';
import { printable, visible } from '../base/visible.ts';

export { formatBytes } from '../base/units.ts';
export { printable } from '../base/visible.ts';

const WIDE_RANGES =
  '\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff' +
  '\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6';
const WIDE = new RegExp(`^(?:\\p{Emoji_Presentation}|[${WIDE_RANGES}])`, 'u');
const NUMBER_AND_UNIT = /(\d) (?=(?:ms|s|m|h|B|kB|MB|GB|%)(?![a-z0-9]))/gi;
/** `wrap` keeps what it joins on one line, and gives back ordinary blanks. */
export const NO_BREAK = '\u00a0';
const NO_WIDTH = /^[\p{Mark}\p{Cf}\p{Cc}]/u;

/** Columns that the text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (NO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/**
 * As one word of a command line that is to be copied, on one line: what would end it or drive a
 * terminal stands by its number, as bash and zsh read it.
 */
export function shellWord(text: string): string {
  if (/^[\w./:@%+=,-]+$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  const quoted = visible(text.replaceAll(/['\\]/g, String.raw`\$&`));
  return `$'${quoted.replaceAll('\n', String.raw`\n`).replaceAll('\t', String.raw`\t`)}'`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** Cuts uncoloured text to a width; what was cut shows as an ellipsis. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += displayWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return width < 1 ? '' : `${cut}…`;
}

/**
 * Lines of at most `width` columns, broken between words but not between a number and its unit. A
 * word that is longer than the line (a path, a command) stays whole, so that it can be copied.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  const glued = text.replace(NUMBER_AND_UNIT, `$1${NO_BREAK}`);
  for (const word of glued.split(/ +/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line.trim() !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((each) => each.replaceAll(NO_BREAK, ' '));
}

const GAP = 2;
/** Narrower than that, the last column of a table is no column any more. */
const LAST_LEAST = 20;

/** Rows with their columns aligned; the last one is cut at `width`. No trailing blanks. */
export function table(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell))));
  }
  const last = widths.length - 1;
  const before = widths.slice(0, last).reduce((sum, each) => sum + each + GAP, 0);
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const fitted = i === last ? truncate(cell, width - before) : cell;
        return padEnd(fitted, widths[i] ?? 0);
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** The same, where the last column wraps if the others leave it room. */
export function wrappedTable(
  rows: readonly (readonly string[])[],
  width: number,
  style = (text: string) => text,
): string[] {
  const others = rows.map((row) => row.slice(0, -1));
  const heads = table(others.map((row) => [...row, '|'])).map((line) => line.slice(0, -1));
  const before = Math.max(0, ...heads.map(displayWidth));
  return rows.flatMap((row, at) => {
    const [first = '', ...more] = wrap(row.at(-1) ?? '', Math.max(LAST_LEAST, width - before));
    const head = padEnd(heads[at] ?? '', before) + style(first);
    return [head, ...more.map((line) => ' '.repeat(before) + style(line))];
  });
}

/** `1 write`, `2,412 writes`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(n)} ${n === 1 ? noun : plural}`;
}

/** `2412` → `2,412`, in every locale alike. */
export function formatCount(n: number): string {
  return n.toLocaleString('en-US');
}
