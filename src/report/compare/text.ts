// A comparison for a terminal: one table with a column for each drill, bars of the RTO to scale,
// and below them what is needed to trust the numbers. Drills that do not fit go to further tables.
import { makePaint, type Paint } from '../../screen/paint.ts';
import { displayWidth, padEnd, padStart, printable, wrap } from '../../screen/text.ts';
import type { ComparedDrill, Comparison } from '../../verdict/comparison.ts';
import { bullets } from '../bullets.ts';
import { remarksOf, whysOf } from './remarks.ts';
import { hasOwnNames, sheetOf, type SheetRow } from './sheet.ts';
import { conditionsText, differenceText, extentText, figureText } from './words.ts';
import { verdictBadge } from '../summary/verdict-words.ts';

export interface CompareTextOptions {
  readonly columns: number;
  readonly hasColour: boolean;
}

const GAP = '  ';
const INDENT = '  ';
const WIDEST_BAR = 60;
const NARROWEST_BAR = 10;
const WIDEST_TEXT = 100;

/** Ends with a newline. No line is longer than `columns`, where one drill has room. */
export function compareText(comparison: Comparison, options: CompareTextOptions): string {
  const paint = makePaint(options.hasColour);
  const width = Math.max(40, options.columns);
  const textWidth = Math.min(width, WIDEST_TEXT);
  const sections = [
    titleLines(comparison, textWidth, paint),
    ...tables(comparison, width, paint),
    bars(comparison.drills, textWidth, paint),
    bullets('Not alike', comparison.differences.map(differenceText), textWidth, paint),
    bullets('Why', whysOf(comparison), textWidth, paint),
    remarksOf(comparison).flatMap((remark) => wrap(remark, textWidth)),
    evidence(comparison.drills, paint),
  ];
  const blocks = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `\n${blocks.join('\n\n')}\n`;
}

function titleLines(comparison: Comparison, width: number, paint: Paint): string[] {
  const title = paint('bold', `Compared: ${extentText(comparison)}`);
  const conditions = printable(conditionsText(comparison));
  const lines = conditions === '' ? [] : wrap(conditions, width);
  return [title, ...lines.map((line) => paint('dim', line))];
}

interface Line {
  readonly label: string;
  /** Null: a title of what follows. */
  readonly cells: readonly string[] | null;
}

/** One table or more: a drill that does not fit goes to a further one. */
function tables(comparison: Comparison, width: number, paint: Paint): string[][] {
  const { drills } = comparison;
  const lines: Line[] = [
    headLine('strategy', drills, ({ strategy }) => paint('bold', printable(strategy))),
    ...(hasOwnNames(drills) ? [headLine('drill', drills, ({ label }) => printable(label))] : []),
    headLine('verdict', drills, ({ verdict }) => verdictBadge(verdict, paint)),
    ...sheetOf(comparison).flatMap(({ title, rows }) => [
      ...(title === null ? [] : [{ label: paint('bold', title), cells: null }]),
      ...rows.map((row) => rowLine(row, title === null ? '' : INDENT, paint)),
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

function headLine(
  label: string,
  drills: readonly ComparedDrill[],
  cell: (drill: ComparedDrill) => string,
): Line {
  return { label, cells: drills.map(cell) };
}

function rowLine({ label, kind, cells }: SheetRow, indent: string, paint: Paint): Line {
  const isFigure = kind === 'figure';
  return {
    label: isFigure ? `${indent}${label}` : paint('dim', `${indent}${label}`),
    cells: isFigure ? cells.map((cell) => paint('bold', cell)) : cells,
  };
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

/** The doubtful end of a bar is drawn as a line, up to the highest that the RTO can have been. */
function bars(drills: readonly ComparedDrill[], width: number, paint: Paint): string[] {
  const tops = drills.map((drill) => drill.rto_range_ms?.high ?? drill.rto_ms?.median.value ?? 0);
  const longest = Math.max(...tops);
  if (!(longest > 0) || drills.length < 2) return [];
  const names = drills.map((drill) => printable(nameOf(drill, drills)));
  const nameWidth = Math.max(...names.map(displayWidth));
  const texts = drills.map(({ rto_ms }) => figureText(rto_ms?.median ?? null));
  const textWidth = Math.max(...texts.map(displayWidth));
  const room = Math.min(WIDEST_BAR, width - 2 - nameWidth - 2 - textWidth - 2);
  if (room < NARROWEST_BAR) return [];
  const lines = drills.map((drill, at) => {
    const bar = barText(drill, { longest, room });
    const text = `${padEnd(names[at]!, nameWidth)}${GAP}${padStart(texts[at]!, textWidth)}`;
    return `${INDENT}${text}${GAP}${paint('accent', bar)}`.trimEnd();
  });
  const runs = drills.some((drill) => drill.runs.length > 1) ? ', over all runs' : '';
  return [`${paint('bold', 'RTO to scale')}; ┄ is the error bar${runs}`, ...lines];
}

interface Scale {
  readonly longest: number;
  readonly room: number;
}

/** Solid up to the least that the RTO can have been, in any run. */
function barText({ rto_ms, rto_range_ms: range }: ComparedDrill, { longest, room }: Scale): string {
  if (rto_ms === null || range === null || range.high === 0) return '';
  if (rto_ms.median.value === null) return `${'┄'.repeat(room - 1)}▸`;
  const length = (ms: number) => Math.max(1, Math.round((ms / longest) * room));
  const isOpen = range.high === null;
  const end = isOpen ? room - 1 : length(range.high);
  const certain = Math.min(length(range.low ?? 0), end);
  return '█'.repeat(certain) + '┄'.repeat(end - certain) + (isOpen ? '▸' : '');
}

/** The strategy, and the drill where that alone does not tell. */
function nameOf({ strategy, label }: ComparedDrill, drills: readonly ComparedDrill[]): string {
  return drills.filter((one) => one.strategy === strategy).length > 1 ? label : strategy;
}

/** Paths are never cut, so that they can be copied. */
function evidence(drills: readonly ComparedDrill[], paint: Paint): string[] {
  const runs = drills.flatMap(({ runs }) => runs.map(({ directory }) => directory));
  return runs.map(
    (directory, at) => `${paint('dim', at === 0 ? 'evidence' : '        ')}  ${directory}`,
  );
}
