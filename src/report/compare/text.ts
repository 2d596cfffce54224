// A comparison as text. For a terminal: one table with a column for each drill, bars of the RTO to
// scale, and below them what is needed to trust the numbers. Drills that do not fit go to further
// tables. As Markdown: one table, and below it the same facts.
import { makePaint, type Paint } from '../../screen/paint.ts';
import { displayWidth, padEnd, padStart, printable, wrap } from '../../screen/text.ts';
import type { ComparedDrill, Comparison } from '../../verdict/comparison.ts';
import { bullets } from '../bullets.ts';
import { GAP, INDENT, sheetTables, type TextRow } from './text-table.ts';
import {
  conditionsText,
  differenceText,
  extentText,
  figureText,
  hasOwnNames,
  remarksOf,
  sheetOf,
  whysOf,
} from './sheet.ts';
import { verdictWord } from '../summary/verdict-words.ts';

interface CompareTextOptions {
  readonly columns: number;
  readonly hasColour: boolean;
}

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

/** One table or more: a drill that does not fit goes to a further one. */
function tables({ drills }: Comparison, width: number, paint: Paint): string[][] {
  const heads: TextRow[] = [
    { label: 'strategy', cells: drills.map((each) => paint('bold', printable(each.strategy))) },
    ...(hasOwnNames(drills)
      ? [{ label: 'drill', cells: drills.map(({ label }) => printable(label)) }]
      : []),
  ];
  return sheetTables(drills, heads, width, paint);
}

/** The doubtful end of a bar is drawn as a line, up to the highest that the RTO can have been. */
function bars(drills: readonly ComparedDrill[], width: number, paint: Paint): string[] {
  const tops = drills.map((drill) => drill.rto_range_ms?.high ?? drill.rto_ms?.median.value ?? 0);
  const longest = Math.max(...tops);
  if (!(longest > 0) || drills.length < 2) return [];
  const names = drills.map((drill) => printable(nameOf(drill, drills)));
  const nameWidth = Math.max(...names.map(displayWidth));
  const texts = drills.map(({ rto_ms }) => figureText(rto_ms?.median));
  const textWidth = Math.max(...texts.map(displayWidth));
  const room = Math.min(WIDEST_BAR, width - 2 - nameWidth - 2 - textWidth - 2);
  if (room < NARROWEST_BAR) return [];
  const lines = drills.map((drill, at) => {
    const bar = barText(drill, longest, room);
    const text = `${padEnd(names[at]!, nameWidth)}${GAP}${padStart(texts[at]!, textWidth)}`;
    return `${INDENT}${text}${GAP}${paint('accent', bar)}`.trimEnd();
  });
  const runs = drills.some((drill) => drill.runs.length > 1) ? ', over all runs' : '';
  return [`${paint('bold', 'RTO to scale')}; ┄ is the error bar${runs}`, ...lines];
}

/** Solid up to the least that the RTO can have been, in any run. */
function barText(drill: ComparedDrill, longest: number, room: number): string {
  const { rto_ms, rto_range_ms: range } = drill;
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

export function compareMarkdown(comparison: Comparison): string {
  const { drills } = comparison;
  const row = (label: string, cells: readonly string[]) => `| ${[label, ...cells].join(' | ')} |`;
  const each = (cell: (drill: ComparedDrill) => string) => drills.map(cell);
  const sections = sheetOf(comparison).flatMap(({ title, rows }) => [
    ...(title === null
      ? []
      : [
          row(
            `_${title}_`,
            each(() => ''),
          ),
        ]),
    ...rows.map(({ label, kind, cells }) => {
      const texts = cells.map(escaped);
      if (kind === 'detail') return row(label, texts);
      return row(
        label,
        texts.map((text) => text && `**${text}**`),
      );
    }),
  ]);
  const table = [
    row(
      'strategy',
      each(({ strategy }) => escaped(strategy)),
    ),
    row(
      ':--',
      each(() => '--:'),
    ),
    ...(hasOwnNames(drills)
      ? [
          row(
            'drill',
            each(({ label }) => escaped(label)),
          ),
        ]
      : []),
    row(
      'verdict',
      each(({ verdict }) => verdictWord(verdict)),
    ),
    ...sections,
  ];
  const list = [
    ...comparison.differences.map((one) => `Not alike: ${differenceText(one)}`),
    ...whysOf(comparison),
    ...remarksOf(comparison),
  ].map((item) => `- ${escaped(item)}`);
  const facts = [extentText(comparison), conditionsText(comparison)].filter((one) => one !== '');
  const parts = [table.join('\n'), escaped(facts.join(' · ')), list.join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Text that Markdown takes for nothing but text. */
function escaped(text: string): string {
  const shown = printable(text.replaceAll(/\s+/g, ' '));
  return shown.replaceAll(/[\\|`<>[\]*]/g, String.raw`\$&`);
}
