// `drill history compare A B`: the numbers of two runs or series beside each other, and what was
// changed between them: drill file, settings, versions, machine.
import { machineOf } from '../../../archive/history/history.ts';
import { differenceWords, numberWords, toldWords } from '../../../report/history/words.ts';
import { makePaint, type Paint } from '../../../screen/paint.ts';
import { printable, table, wrap } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import {
  comparePast,
  type ComparedPast,
  type Known,
  type Side,
} from '../../../session/history/compare-past.ts';
import type { CliContext } from '../../verb.ts';

export function compareText(words: readonly string[], known: Known, context: CliContext) {
  const [one, other, ...more] = words;
  if (one === undefined || other === undefined || more.length > 0) {
    throw new UserError('expected: drill history compare A B', {
      hint: 'drill list runs names them; latest is the newest',
    });
  }
  const compared = comparePast([one, other], known, context.directory);
  const { before, now, rows, changed, isKnown } = compared;
  const paint = makePaint(context.screen.stdout.hasColour);
  const width = Math.min(100, context.screen.stdout.columns());
  const json = {
    schema: 'drill.history-compare/1',
    before: sideJson(before),
    now: sideJson(now),
    numbers: rows,
    changed,
    facts_known: isKnown,
  };
  return { json, text: textOf(compared, width, paint) };
}

function sideJson({ execution: { id, isSeries, runs }, verdict }: Side) {
  const machine = machineOf(runs[0]);
  return { id, series: isSeries, runs: runs.map((run) => run.id), machine, verdict };
}

function textOf(
  { before, now, rows, changed, isKnown }: ComparedPast,
  width: number,
  paint: Paint,
) {
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
    const { told } = runs[0];
    const where = told === undefined ? '' : paint('warn', ` ${toldWords(told)}`);
    return `${paint('dim', label)}  ${id}${of}${where}`;
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
