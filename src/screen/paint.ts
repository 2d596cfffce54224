// Colour for text, or none: a `Paint` is made for an output and returns its text unchanged where
// there is no colour.
import { styleText } from 'node:util';

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
  return (style, text) =>
    text === '' ? '' : styleText([...STYLES[style]], text, { validateStream: false });
}
