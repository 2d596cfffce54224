// Text of others, made visible: what would drive a terminal, hide or turn round what is read, or
// end a line where a program reads lines, is shown by its number.

/** C0 but tab and newline, DEL, C1, line separators, marks and overrides of direction, BOM. */
const DRIVING =
  /(?![\t\n])[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * `\u001b` for ESC, in the spelling of JSON: a JSON text stays the same value. Tabs and newlines
 * are kept.
 */
export function visible(text: string): string {
  return text.replace(DRIVING, (character) => numbered(character));
}

/** The same as one line: a run of blanks, tabs and line breaks is one blank. */
export function printable(text: string): string {
  return visible(text.replace(/[\t\r\n]+/g, ' '));
}

/**
 * Text that a CI runner would take for a command of its own: `::error::` behind whatever blanks,
 * `##[error]`, `##vso[task.complete]`.
 */
export function withoutCommands(text: string): string {
  return text
    .replace(/^([^\S\n]*):(?=:)/gm, '$1\\u003a')
    .replaceAll(/##(?=[\w.-]*\[)/g, '#\\u0023');
}

function numbered(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
