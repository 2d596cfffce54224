// `drill --help`: the verbs, where to begin, and the exit codes; and the help of one verb.
import type { Paint } from '../screen/paint.ts';
import { displayWidth, table, wrap } from '../screen/text.ts';
import { EXIT, EXIT_MEANINGS } from '../verdict/exit-code.ts';
import type { Argument, Verb, VerbEntry } from './verb.ts';
import { verbs } from './verbs.ts';

const PURPOSE =
  'drill runs disaster-recovery drills against a two-region system and measures how much ' +
  'acknowledged data was lost (RPO) and how long clients went without service (RTO).';

const BEGINNINGS = [
  ['drill run drills/region-outage.yaml', 'lose a region and see what it costs'],
  ['drill init', 'write a drill of your own'],
  ['drill run drills/*.yaml --reporter plain,junit=drill.xml', 'in CI'],
] as const;

const FLAGS = [
  ['-h, --help', 'this text; with a verb, that verb’s'],
  ['-V, --version', 'the version'],
  ['--color=WHEN', 'always, auto or never; also --no-color, NO_COLOR, FORCE_COLOR'],
] as const;

export function generalHelp(columns: number, paint: Paint): string {
  const width = Math.min(columns, 100);
  const section = (title: string, rows: readonly (readonly string[])[]) => [
    '',
    paint('bold', title),
    ...indented(rows, width),
  ];
  const lines = [
    ...wrap(PURPOSE, width),
    '',
    'Usage: drill VERB [options]',
    ...section(
      'Verbs',
      verbs.map(({ name, summary }) => [name, summary]),
    ),
    ...['', paint('bold', 'Examples'), ...examples(BEGINNINGS, width)],
    ...section('Flags', FLAGS),
    ...section('Exit codes', exitRows()),
    '',
    'More about a verb: drill VERB --help',
  ];
  return `${lines.join('\n')}\n`;
}

export function verbHelp(
  verb: Verb,
  { summary }: VerbEntry,
  columns: number,
  paint: Paint,
): string {
  const width = Math.min(columns, 100);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
  const positionals = Object.entries(verb.positionals).map(([name, one]) => [name, describe(one)]);
  const options = Object.entries(verb.options).map(([name, one]) => [
    `--${name}${verb.bare?.includes(name) === true ? bareHolder(one) : placeholder(one)}`,
    describe(one),
  ]);
  const lines = [
    `drill ${verb.command}`,
    '',
    `${summary}.`,
    ...section('Arguments:', positionals.length === 0 ? [] : indented(positionals, width)),
    ...section('Options:', options.length === 0 ? [] : indented(options, width)),
    ...section('Examples:', examples(verb.examples, width)),
    ...section('Exit codes:', indented(exitRows(), width)),
  ];
  return `${lines.join('\n')}\n`;
}

function bareHolder({ type }: Argument): string {
  return type === 'number' ? '[=N]' : '[=FILE]';
}

function placeholder({ type }: Argument): string {
  if (type === 'boolean') return '';
  return type === 'number' ? ' N' : ' VALUE';
}

function describe(one: Argument): string {
  const choices = one.choices === undefined ? '' : `: ${one.choices.join(', ')}`;
  const hasDefault = one.default !== undefined && one.default !== false;
  return `${one.describe ?? ''}${choices}${hasDefault ? ` (default ${String(one.default)})` : ''}`;
}

/** Commands stand beside what they do where all have room, else above it, each on one line. */
function examples(rows: readonly (readonly [string, string])[], width: number): string[] {
  const lines = table(rows).map((line) => `  ${line}`);
  if (lines.every((line) => displayWidth(line) <= width)) return lines;
  return rows.flatMap(([command, meaning]) => [
    `  ${command}`,
    ...wrap(meaning, width - 6).map((line) => `      ${line}`),
  ]);
}

function exitRows(): string[][] {
  return EXIT_MEANINGS.map(([name, meaning]) => [String(EXIT[name]), name, meaning]);
}

/** The last column wraps, where the others leave it room. */
function indented(rows: readonly (readonly string[])[], width: number): string[] {
  const lines = table(rows);
  const before = 2 + Math.max(...rows.map((row) => tableWidth(rows, row.length - 1)));
  return rows.flatMap((row, i) => {
    const room = width - before;
    const whole = `  ${lines[i] ?? ''}`;
    if (room < 20 || whole.length <= width) return [whole];
    const [first = '', ...more] = wrap(row.at(-1) ?? '', room);
    return [whole.slice(0, before) + first, ...more.map((line) => ' '.repeat(before) + line)];
  });
}

function tableWidth(rows: readonly (readonly string[])[], columns: number): number {
  let width = 0;
  for (let i = 0; i < columns; i++) {
    width += 2 + Math.max(...rows.map((row) => (row[i] ?? '').length));
  }
  return width;
}
