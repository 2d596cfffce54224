// The figures of drills side by side as tables of text, a column for each drill.
import type { Paint } from '../../screen/paint.ts';
import { displayWidth, padEnd, padStart } from '../../screen/text.ts';
import type { ComparedDrill } from '../../verdict/comparison.ts';
import { verdictBadge } from '../summary/verdict-words.ts';
import { sheetOf } from './sheet.ts';

export const GAP = '  ';
export const INDENT = '  ';

export interface TextRow {
  readonly label: string;
  /** Null: a title of what follows. */
  readonly cells: readonly string[] | null;
}

/** One or more, so that none is wider than `width`: columns that do not fit go to a further one. */
export function sheetTables(
  drills: readonly ComparedDrill[],
  /** Which column is which, above everything else. */
  heads: readonly TextRow[],
  width: number,
  paint: Paint,
): string[][] {
  const lines: TextRow[] = [
    ...heads,
    { label: 'verdict', cells: drills.map(({ verdict }) => verdictBadge(verdict, paint)) },
    ...sheetOf({ drills }).flatMap(({ title, rows }) => [
      ...(title === null ? [] : [{ label: paint('bold', title), cells: null }]),
      ...rows.map(({ label, kind, cells }): TextRow => {
        const indented = `${title === null ? '' : INDENT}${label}`;
        if (kind === 'detail') return { label: paint('dim', indented), cells };
        return { label: indented, cells: cells.map((cell) => paint('bold', cell)) };
      }),
    ]),
  ];
  const rows = lines.filter(({ cells }) => cells !== null);
  const labelWidth = Math.max(...rows.map(({ label }) => displayWidth(label)));
  const widths = drills.map((_drill, at) =>
    Math.max(...rows.map(({ cells }) => displayWidth(cells![at] ?? ''))),
  );
  return blocksOf(widths, width - labelWidth).map((columns) =>
    lines.map(({ label, cells }) => {
      if (cells === null) return label;
      const shown = columns.map((at) => GAP + padStart(cells[at] ?? '', widths[at]!));
      return `${padEnd(label, labelWidth)}${shown.join('')}`.trimEnd();
    }),
  );
}

function blocksOf(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = [];
  let left = 0;
  widths.forEach((width, at) => {
    const needed = GAP.length + width;
    const block = blocks.at(-1);
    if (block !== undefined && needed <= left) {
      block.push(at);
      left -= needed;
    } else {
      blocks.push([at]);
      left = room - needed;
    }
  });
  return blocks;
}
