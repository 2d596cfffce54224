// `drill --help`: the verbs, where to begin, and the exit codes; and the help of one verb.
import { callsIn } from '../screen/command-name.ts';
import type { Paint } from '../screen/paint.ts';
import { displayWidth, table, wrap, wrappedTable } from '../screen/text.ts';
import { EXIT, EXIT_MEANINGS } from '../verdict/exit-code.ts';
import type { Argument, Verb, VerbEntry } from './verb.ts';
import { verbs } from './verbs.ts';

const PURPOSE =
  'drill runs disaster-recovery drills on a two-region system that it makes, or on one of yours, ' +
  'and measures how much acknowledged data was lost (RPO) and how long clients went without ' +
  'service (RTO).';

const BEGINNINGS = [
  ['drill run drills/region-outage.yaml', 'lose a region and see what it costs'],
  ['drill init drills', 'write a drill of your own, drills/first-drill.yaml'],
  ['drill run drills/first-drill.yaml --reporter plain,junit=drill.xml', 'in CI'],
] as const;

const FLAGS = [
  ['-h, --help', 'this text; with a verb, that verb’s'],
  ['-V, --version', 'the version'],
  ['--color=WHEN', 'always, auto or never; also --no-color, NO_COLOR, FORCE_COLOR'],
] as const;

/** `command` is how the user calls drill. */
export function generalHelp(columns: number, paint: Paint, command: string): string {
  const width = Math.min(columns, 100);
  const named = verbs.map(({ name, summary }) => [name, summary]);
  const lines = [
    ...wrap(PURPOSE, width),
    '',
    `Usage: ${command} VERB [options]`,
    ...section(paint, 'Verbs', indented(named, width)),
    ...section(paint, 'Examples', examples(BEGINNINGS, width, command)),
    ...section(paint, 'Flags', indented(FLAGS, width)),
    ...section(paint, 'Exit codes', indented(exitRows(EXIT_MEANINGS), width)),
    '',
    `More about a verb: ${command} VERB --help`,
  ];
  return `${lines.join('\n')}\n`;
}

export function verbHelp(
  { verb, entry, command }: { verb: Verb; entry: VerbEntry; command: string },
  columns: number,
  paint: Paint,
): string {
  const width = Math.min(columns, 100);
  const positionals = Object.entries(verb.positionals).map(([name, one]) => [name, describe(one)]);
  const options = Object.entries(verb.options).map(([name, one]) => {
    const short = one.short === undefined ? '' : `-${one.short}, `;
    const holder = verb.bare?.includes(name) === true ? bareHolder(one) : placeholder(one);
    return [`${short}--${name}${holder}`, describe(one)];
  });
  const lines = [
    `${command} ${verb.command}`,
    '',
    `${entry.summary}.`,
    ...section(paint, 'Arguments:', indented(positionals, width)),
    ...section(paint, 'Options:', indented(options, width)),
    ...section(paint, 'Examples:', examples(verb.examples, width, command)),
    ...section(paint, 'Exit codes:', indented(exitRows(verb.exits ?? EXIT_MEANINGS), width)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(paint: Paint, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
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
function examples(
  given: readonly (readonly [string, string])[],
  width: number,
  called: string,
): string[] {
  const rows = given.map(([example, meaning]) => [callsIn(example, called), meaning] as const);
  const lines = table(rows).map((line) => `  ${line}`);
  if (lines.every((line) => displayWidth(line) <= width)) return lines;
  return rows.flatMap(([command, meaning]) => [
    `  ${command}`,
    ...wrap(meaning, width - 6).map((line) => `      ${line}`),
  ]);
}

function exitRows(exits: typeof EXIT_MEANINGS): string[][] {
  return exits.map(([name, meaning]) => [String(EXIT[name]), name, meaning]);
}

function indented(rows: readonly (readonly string[])[], width: number): string[] {
  const shifted = rows.map(([first = '', ...rest]) => [`  ${first}`, ...rest]);
  return wrappedTable(shifted, width);
}
