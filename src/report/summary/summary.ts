// The summary of one run, as text: the verdict first, then why, then the numbers, then where to
// look next. It is made for somebody who has not slept, so that each section can be understood
// without the others.
import { formatDuration } from '../../base/units.ts';
import { environmentWords } from '../../measure/journal/end-doubts.ts';
import { callsIn } from '../../screen/command-name.ts';
import { makePaint, type Paint } from '../../screen/paint.ts';
import { displayWidth, NO_BREAK, printable, table, wrap } from '../../screen/text.ts';
import { gateMargin, gateMeasured, gateTarget, gateWhen } from '../../verdict/gate-words.ts';
import type { Result } from '../../verdict/result.ts';
import { bullets, hanging } from '../bullets.ts';
import { byFaultSection } from './by-fault-words.ts';
import { furtherSections } from './further-sections.ts';
import { lossSections } from './loss-section.ts';
import { wallWords } from './fault-words.ts';
import { nextCommands } from './next-commands.ts';
import { recoverySection } from './recovery-section.ts';
import { isOpen, openReasons } from './said.ts';
import { drillFacts, gateMark, headline, verdictBadge } from './verdict-words.ts';
import type { Story } from './story.ts';
import { machineWords, notProvedBy, storeWords, watchWords } from './surroundings-words.ts';

/** What the part that failed said last; it stands in the journal, not in the result. */
export interface Failure {
  readonly what: string;
  readonly expected: string | null;
  readonly found: string | null;
  readonly hint: string | null;
  readonly log: readonly string[];
}

export interface SummaryOptions {
  /** The run directory as it is to be printed. */
  readonly directory: string;
  /** How the user calls drill: `drill` or `npx drill`. */
  readonly commandName: string;
  readonly columns: number;
  readonly hasColour: boolean;
  readonly failure: Failure | null;
  /** Null where the plan or the journal cannot be read. */
  readonly story: Story | null;
}

const LOG_LINES = 12;
const WIDEST = 100;
const INDENT = '  ';

/** Ends with a newline; no line is longer than `columns` except paths and commands. */
export function summaryText(result: Result, options: SummaryOptions): string {
  const paint = makePaint(options.hasColour);
  const width = Math.max(40, Math.min(options.columns, WIDEST));
  const { recovery, verdict, cleanup } = result;
  const whys = result.reasons.filter((reason) => !isToldBelow(reason, options.failure));
  const called = (text: string) => callsIn(text, options.commandName);
  const sections = [
    titleSection(result, options.story, width, paint),
    bullets(verdict === 'pass' ? 'Remarks' : 'Why', whys.map(called), width, paint),
    options.failure === null ? [] : failureSection(options.failure, called, width, paint),
    bullets('What was broken', options.story?.broken ?? [], width, paint),
    gateSection(result, width, paint),
    recovery === null ? [] : recoverySection({ ...result, recovery }, width, paint),
    byFaultSection(result, width, paint),
    ...(result.loss === null ? [] : lossSections(result.loss, width, paint)),
    ...furtherSections(result, width, paint),
    bullets('Left behind', cleanup?.clean === false ? cleanup.left : [], width, paint),
    keptSection(result, paint),
    bullets('Notes', result.notes.map(called), width, paint),
    bullets('What one run does not prove', notProvedBy(result), width, paint),
    placeSection(result, options, width, paint),
  ];
  const lines = sections.filter((section) => section.length > 0).map((lines) => lines.join('\n'));
  return `\n${lines.join('\n\n')}\n`;
}

/** What failed has a section of its own, which says the same and more. */
function isToldBelow(reason: string, failure: Failure | null): boolean {
  const { what, expected, found, hint } = failure ?? {};
  if (!what || !expected || !found) return false;
  return reason === environmentWords({ what, expected, found, hint: hint ?? '' });
}

/** One line for `--quiet`: the verdict, the numbers, where the evidence lies. */
export function shortSummary(result: Result, options: SummaryOptions): string {
  const paint = makePaint(options.hasColour);
  const gates = result.gates.map(
    (gate) => `${gate.name} ${gateMeasured(gate)} (${gateTarget(gate)})`,
  );
  const parts = [result.drill.name, ...gates, options.directory];
  const called = (text: string) => callsIn(printable(text), options.commandName);
  const reasons = result.reasons.map((reason) => `${INDENT}${called(reason)}\n`);
  return `${verdictBadge(result.verdict, paint)} ${parts.join(' · ')}\n${reasons.join('')}`;
}

function titleSection(result: Result, story: Story | null, width: number, paint: Paint): string[] {
  const { name, strategy, seed } = result.drill;
  const wall = result.wall_ms === null ? '' : ` · ${formatDuration(result.wall_ms)}`;
  const facts = paint('dim', `${strategy} · seed ${seed}${wall}`);
  const text = printable(story?.description ?? '');
  const description = text === '' ? [] : wrap(text, width);
  return [
    `${verdictBadge(result.verdict, paint)}  ${paint('bold', name)}  ${facts}`,
    ...description.map((line) => paint('dim', line)),
    '',
    ...wrap(headline(result), width),
  ];
}

function failureSection(
  failure: Failure,
  called: (text: string) => string,
  width: number,
  paint: Paint,
): string[] {
  const { what, expected, found, hint, log } = failure;
  const facts = { what, expected, found, try: hint };
  const isNew = (line: string) => found === null || !line.includes(found);
  const last = log
    .filter(isNew)
    .slice(-LOG_LINES)
    .map((line) => printable(line));
  return [
    paint('bold', 'What failed'),
    ...Object.entries(facts).flatMap(([label, text]) => {
      const head = `${INDENT}${paint('dim', label.padEnd(8))}  `;
      return text ? hanging(head, printable(called(text)), width) : [];
    }),
    ...(last.length === 0 ? [] : ['', paint('bold', 'The last lines of its log')]),
    ...last.map((line) => `${INDENT}${paint('dim', '│')} ${line}`),
  ];
}

function gateSection(result: Result, width: number, paint: Paint): string[] {
  const { gates } = result;
  if (gates.length === 0) return [];
  const rows = gates.map((gate) => [
    gateMark(gate.verdict, paint),
    gate.name,
    paint('bold', gateMeasured(gate)),
    gateTarget(gate),
    isOpen(gate) ? '' : gateMargin(gate),
  ]);
  const room = width - INDENT.length;
  const fits = (each: readonly (readonly string[])[]) =>
    table(each).every((line) => displayWidth(line) <= room);
  // What stands in brackets can be worked out; half a number could not.
  const shorter = rows.map((row) => [...row.slice(0, -1), row.at(-1)!.replace(/ \(.*\)$/, '')]);
  const apart = shorter.map((row, at) => {
    const when = gateWhen(gates[at]!);
    return when === '' ? row : row.map((cell) => cell.replace(` ${when}`, ''));
  });
  const shown = [rows, shorter].find(fits) ?? apart;
  const lines = table(shown, room);
  const whens = shown === apart ? gates.filter((gate) => gateWhen(gate) !== '') : [];
  return [
    paint('bold', 'Targets'),
    ...lines.map((line) => INDENT + line),
    ...whens.map((gate) => `     ${paint('dim', `${gate.name} is ${gateWhen(gate)}`)}`),
    ...openReasons(result).flatMap((why) =>
      wrap(why, width - 5).map((line) => `     ${paint('dim', line)}`),
    ),
  ];
}

function keptSection({ kept }: Result, paint: Paint): string[] {
  if (kept.length === 0) return [];
  const nodes = kept.flatMap(({ node, url, connect }) => [
    `${INDENT}${node}  ${paint('dim', url)}`,
    `${INDENT}${INDENT}${connect}`,
  ]);
  const title = 'Still running, as asked (what the drill killed is gone)';
  return [paint('bold', title), ...nodes];
}

function placeSection(result: Result, options: SummaryOptions, width: number, paint: Paint) {
  const head = (label: string) => `${paint('dim', label.padEnd(8))}  `;
  const rows = [
    ['when', whenWords(result, options.story)],
    ...runtimeRows(result),
    ...drillFacts(result.drill),
    ['machine', result.machine ? machineWords(result.machine) : ''],
    ['data', (result.databases ?? []).map(storeWords).join('; ')],
    ['own load', watchWords(result.watch ?? [])],
    ['evidence', printable(options.directory)],
  ].filter(([, text]) => text !== '');
  // Commands are never cut, so that they can be copied.
  const next = nextCommands(result, options).map((line, i) => head(i ? '' : 'next') + line);
  return [...rows.flatMap(([label = '', text = '']) => hanging(head(label), text, width)), ...next];
}

/** `2026-11-28 00:39:10 UTC · drill 0.1.0` */
function whenWords({ started_at, machine = null }: Result, story: Story | null): string {
  const version = story?.version ?? null;
  const parts = [
    ...(started_at === '' ? [] : [wallWords(started_at, machine)]),
    ...(version === null ? [] : [`drill ${version}`]),
  ];
  return parts.join(' · ');
}

function runtimeRows({ runtime, against }: Result): string[][] {
  if (runtime === null) return [];
  const settings = Object.entries(runtime.settings).map(([name, value]) =>
    `${name} ${oneLine(value)}`.replaceAll(' ', NO_BREAK),
  );
  const { kind, postgres, proxy } = runtime;
  const parts = [kind, `PostgreSQL ${postgres}`, ...(proxy === 'none' ? [] : [`proxy ${proxy}`])];
  return [
    ['system', [...parts, ...(against ? [`of run ${against}, up still`] : [])].join(' · ')],
    ['settings', settings.join(', ')],
  ];
}

/** Of what a command of the user's printed the beginning: all of it stands in the result. */
function oneLine(value: string): string {
  const [first = '', ...more] = value.split('\n');
  return more.length === 0 ? first : `${first} … (${more.length + 1} lines)`;
}
