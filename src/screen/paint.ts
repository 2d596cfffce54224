// Colour for text, or none: a `Paint` is made for an output and returns its text unchanged where
// there is no colour. What it writes carries the mark of this process, so that the edge lets
// drill's own colours through and nobody else's.
import { randomInt } from 'node:crypto';
import { styleText } from 'node:util';
import { visible, withoutCommands } from '../base/visible.ts';

const STYLES = {
  bold: ['bold'],
  dim: ['dim'],
  good: ['green'],
  bad: ['red'],
  warn: ['yellow'],
  accent: ['cyan'],
  /** Verdicts as badges: dark text on a coloured ground is readable on every terminal. */
  goodBadge: ['bold', 'black', 'bgGreen'],
  badBadge: ['bold', 'white', 'bgRed'],
  warnBadge: ['bold', 'black', 'bgYellow'],
} as const;

export type Style = keyof typeof STYLES;

export type Paint = (style: Style, text: string) => string;

/** Never nest `bold` and `dim`: the code that ends one ends the other. */
export function makePaint(hasColour: boolean): Paint {
  if (!hasColour) return (_style, text) => text;
  return (style, text) => {
    if (text === '') return '';
    const [before, after] = styleText([...STYLES[style]], '\0', { validateStream: false }).split(
      '\0',
    );
    return `${marked(before!)}${text}${marked(after!)}`;
  };
}

/** Nobody outside can know it. A number of more digits would not count as part of a code. */
const MARK = [0, 0, 0, 0].map(() => randomInt(1000, 10_000)).join(';');
const MARKED = new RegExp(`(\\u001b\\[)${MARK};(\\d+m)`, 'g');

/** As a parameter of each colour code, so that widths are measured as ever. */
function marked(codes: string): string {
  return codes.replaceAll('\u001b[', `\u001b[${MARK};`);
}

/**
 * What may be written to a terminal or a log: colours that a `Paint` made, and of all other text
 * only what can be seen. Every output passes its text through this.
 */
export function forOutput(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.split(COMMAND).map(harmless).join('::');
}

/** Stands for the `::` of a command to a CI runner that drill itself gives. */
const COMMAND = `\u001b[${MARK};::`;

/** A line that a CI runner takes for a command: `::error title=…::…`, without its first `::`. */
export function ciCommand(text: string): string {
  return `${COMMAND}${text}`;
}

function harmless(text: string): string {
  // Between two colours there is only text.
  return withoutCommands(text)
    .split(MARKED)
    .map((part, at) => (at % 3 === 0 ? visible(part) : part))
    .join('');
}

/** Most text is plain, and much of it is long. */
const SUSPECT =
  /::|##[\w.-]*\[|[^\n\t\x20-\x7e\u00a0-\u0600\u2010-\u2027\u2030-\u2065\u2070-\ud7ff]/;
