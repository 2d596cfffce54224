// One drill at several sizes as text for a terminal.
import { makePaint } from '../../screen/paint.ts';
import { printable, table, wrap } from '../../screen/text.ts';
import { writeSize } from '../../base/units.ts';
import type { Scale } from '../../verdict/scale.ts';
import { bullets } from '../bullets.ts';
import { whysOf } from '../compare/sheet.ts';
import { sheetTables } from '../compare/text-table.ts';
import {
  extrapolatedRows,
  extrapolatedTitle,
  LINE_HEAD,
  lineNotes,
  lineRows,
  measuredNotes,
  titleText,
} from './words.ts';

const WIDEST_TEXT = 100;

/** Ends with a newline. */
export function scaleText(
  scale: Scale,
  { columns, hasColour }: { readonly columns: number; readonly hasColour: boolean },
): string {
  const paint = makePaint(hasColour);
  const width = Math.min(Math.max(40, columns), WIDEST_TEXT);
  const drills = scale.sizes.map(({ drill }) => drill);
  const extrapolated = extrapolatedTitle(scale);
  const lines = lineRows(scale);
  const cells = scale.sizes.map(({ bytes }) => paint('bold', writeSize(bytes)));
  const blocks = [
    [paint('bold', printable(`Scaled: ${titleText(scale)}`))],
    ...sheetTables(drills, [{ label: 'topology.data', cells }], Math.max(40, columns), paint),
    measuredNotes(scale).flatMap((note) => wrap(note, width)),
    [
      paint('bold', 'How it grows'),
      ...(lines.length === 0 ? [] : table([[...LINE_HEAD], ...lines])),
    ],
    lineNotes(scale).flatMap((note) => wrap(note, width)),
    extrapolated === null ? [] : [paint('warn', extrapolated), ...table(extrapolatedRows(scale))],
    bullets('Why', whysOf({ drills }), width, paint),
    drills.flatMap(({ runs }) => runs.map(({ directory }) => `evidence  ${directory}`)),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${shown.join('\n\n')}\n`;
}
