// Markdown tables. They are not padded: prettier leaves the reference alone, and a long cell would
// widen every line.

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A bar inside a cell is escaped. */
export function tableText({ head, rows }: Table): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((one) => one.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** One sentence of a code comment or of a description, as a table cell. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
