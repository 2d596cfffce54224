// `drill history compare A B`: the numbers of two runs or series beside each other, and what was
// changed between them: drill file, settings, versions, machine.
import { basename, dirname, resolve } from 'node:path';
import { rememberedIn } from '../../../archive/history/history-entry.ts';
import { dataOf, type History, type PastRun } from '../../../archive/history/history.ts';
import { formatDuration } from '../../../base/units.ts';
import { slowerWords } from '../../../drill/regression.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { printable, table, wrap } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { changesBetween, middleOf, verdictOf } from '../../../session/history/overview.ts';
import { executionsOf, type Execution } from '../../../session/history/past-runs.ts';
import type { RunFacts } from '../../../evidence/history-form.ts';
import type { CliContext } from '../../verb.ts';

interface Known {
  readonly runs: string;
  readonly history: History;
}

interface Side {
  readonly execution: Execution;
  readonly facts: RunFacts | null;
  readonly verdict: string;
}

export function compareText(words: readonly string[], known: Known, context: CliContext) {
  const [one, other, ...more] = words;
  if (one === undefined || other === undefined || more.length > 0) {
    throw new UserError('expected: drill history compare A B', {
      hint: 'drill list runs names them; latest is the newest',
    });
  }
  const [before, now] = [sideOf(one, known, context), sideOf(other, known, context)];
  const changed = changesBetween(shown(before), shown(now));
  const rows = numbersOf(before, now);
  const paint = makePaint(context.screen.stdout.hasColour);
  const width = Math.min(100, context.screen.stdout.columns());
  const json = {
    schema: 'drill.history-compare/1',
    before: sideJson(before),
    now: sideJson(now),
    numbers: rows,
    changed,
    facts_known: before.facts !== null && now.facts !== null,
  };
  const isKnown = json.facts_known;
  return { json, text: textOf({ before, now, rows, changed, isKnown }, width, paint) };
}

function shown({ execution, facts }: Side) {
  return { sha256: execution.runs[0].drill.sha256, facts };
}

function sideJson({ execution: { id, isSeries, runs }, verdict }: Side) {
  return { id, series: isSeries, runs: runs.map((run) => run.id), verdict };
}

/**
 * `latest`, the beginning of an id, the name of a drill (its newest), or the folder of a run
 * anywhere.
 */
function sideOf(word: string, { runs, history }: Known, { directory }: CliContext): Side {
  const executions = executionsOf(history.runs);
  const isId = executions.filter(({ id }) => id === word || id.startsWith(word));
  const latest = word === 'latest' ? executions.at(-1) : undefined;
  const [first = latest, ...others] = isId;
  if (others.length > 0) {
    const ids = isId.slice(0, 5).map(({ id }) => `\n  ${id}`);
    throw new UserError(`"${word}" could be ${isId.length} runs:${ids.join('')}`);
  }
  const trial = history.runs.find(({ id }) => id.startsWith(word));
  const named = executions.findLast((each) => each.runs[0].drill.name === word);
  const single = trial && ({ id: trial.id, isSeries: false, runs: [trial] } as const);
  const execution = first ?? single ?? named;
  if (execution !== undefined) {
    const facts = history.facts.get(execution.runs[0].facts) ?? null;
    return { execution, facts, verdict: verdictOf(runs, execution) };
  }
  const path = resolve(directory, word);
  const found = rememberedIn(path, null);
  if (found === null) {
    throw new UserError(`there is no run "${word}" in the history of ${runs}`, {
      hint: 'drill history',
    });
  }
  const run: PastRun = { ...found.entry, standing: 'there', data: dataOf(found.facts) };
  const own: Execution = { id: basename(path), isSeries: false, runs: [run] };
  return { execution: own, facts: found.facts, verdict: verdictOf(dirname(path), own) };
}

interface NumberRow {
  readonly name: string;
  readonly before: number | null;
  readonly now: number | null;
  readonly unit: 'ms' | 'writes';
}

function numbersOf(before: Side, now: Side): NumberRow[] {
  const middle = (side: Side, of: (run: PastRun) => number | null | undefined) => {
    return middleOf(side.execution.runs.flatMap((run) => of(run) ?? []));
  };
  const row = (
    name: string,
    unit: NumberRow['unit'],
    of: (run: PastRun) => number | null | undefined,
  ): NumberRow => ({ name, unit, before: middle(before, of), now: middle(now, of) });
  const phases = [before, now].flatMap(({ execution }) => {
    return execution.runs.flatMap((run) => Object.keys(run.phases));
  });
  const rows = [
    row('RTO', 'ms', ({ rto_ms }) => rto_ms),
    ...[...new Set(phases)].map((name) => row(`  ${name}`, 'ms', (run) => run.phases[name])),
    row('RPO', 'ms', ({ rpo_ms }) => rpo_ms),
    row('lost writes', 'writes', ({ lost }) => lost),
  ];
  return rows.filter((each) => each.before !== null || each.now !== null);
}

interface Compared {
  readonly before: Side;
  readonly now: Side;
  readonly rows: readonly NumberRow[];
  readonly changed: ReturnType<typeof changesBetween>;
  readonly isKnown: boolean;
}

function textOf({ before, now, rows, changed, isKnown }: Compared, width: number, paint: Paint) {
  const head = ['', 'before', 'now', ''].map((text) => paint('dim', text));
  const numbers = rows.map((each) => [
    `  ${each.name}`,
    numberWords(each.before, each.unit),
    numberWords(each.now, each.unit),
    differenceWords(each),
  ]);
  const verdicts = ['  verdict', before.verdict, now.verdict, ''];
  const title = (label: string, { execution }: Side) => {
    const { id, isSeries, runs } = execution;
    const of = isSeries ? ` (${runs.length} trials, the middle of each number)` : '';
    return `${paint('dim', label)}  ${id}${of}`;
  };
  const changes = changed.flatMap(({ key, before: was, now: is }) => [
    `  ${paint('bold', key)}`,
    ...wrap(printable(was), width - 12).map(
      (line, at) => `    ${at === 0 ? 'was' : '   '}  ${line}`,
    ),
    ...wrap(printable(is), width - 12).map(
      (line, at) => `    ${at === 0 ? 'is ' : '   '}  ${line}`,
    ),
  ]);
  const nothing = isKnown
    ? 'Nothing: same file, settings, versions and machine.'
    : 'The settings of one of them are not known any more.';
  const lines = [
    title('before', before),
    title('now   ', now),
    '',
    ...table([head, verdicts, ...numbers], width),
    '',
    paint('bold', 'What changed'),
    ...(changes.length === 0 || !isKnown ? [`  ${nothing}`] : []),
    ...changes,
  ];
  return `${lines.join('\n')}\n`;
}

function numberWords(value: number | null, unit: NumberRow['unit']): string {
  if (value === null) return 'not measured';
  return unit === 'ms' ? formatDuration(value) : String(value);
}

function differenceWords({ before, now, unit }: NumberRow): string {
  if (before === null || now === null || before === now) return '';
  if (unit === 'ms' && before > 0) return slowerWords(now / before - 1).replace('as fast', 'alike');
  return now > before ? 'more' : 'fewer';
}
