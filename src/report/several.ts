// Several drills of one command as a table: a line for each, the worst verdict above them.
import { namedBack } from '../drill/plan/clock.ts';
import { formatDuration } from '../base/units.ts';
import { makePaint } from '../screen/paint.ts';
import { count, formatCount, printable, table } from '../screen/text.ts';
import { worstVerdict } from '../verdict/exit-code.ts';
import type { Result, Verdict } from '../verdict/result.ts';
import type { SeriesResult } from '../verdict/series.ts';
import { rangeWords } from './series/words.ts';
import { verdictBadge, verdictStyle, verdictWord } from './summary/verdict-words.ts';

/** A drill that was run once, or its trials together. */
export type Outcome = Result | SeriesResult;

/** Empty for one drill alone, which has a summary of its own. Ends with a newline. */
export function severalText(
  outcomes: readonly Outcome[],
  { columns, hasColour }: { readonly columns: number; readonly hasColour: boolean },
): string {
  if (outcomes.length < 2) return '';
  const paint = makePaint(hasColour);
  const verdicts = outcomes.map(({ verdict }) => verdict);
  const worst = verdictBadge(worstVerdict(verdicts), paint);
  const head = ['drill', 'verdict', 'trials', 'RTO', 'lost', 'run'].map((text) => {
    return paint('dim', text);
  });
  const rows = outcomes.map((outcome) => {
    const { drill, verdict, id } = outcome;
    return [
      printable(drill.name),
      paint(verdictStyle(verdict), verdictWord(verdict)),
      ...cells(outcome),
      id,
    ];
  });
  const lines = table([head, ...rows], columns - 2).map((line) => `  ${line}`);
  const title = `${worst}  ${count(outcomes.length, 'drill')}: ${tally(verdicts)}`;
  return `\n${title}\n\n${lines.join('\n')}\n`;
}

/** `3 pass, 1 fail` */
function tally(verdicts: readonly Verdict[]): string {
  const kinds = [...new Set(verdicts)];
  return kinds
    .map((kind) => `${verdicts.filter((each) => each === kind).length} ${kind}`)
    .join(', ');
}

function cells(outcome: Outcome): string[] {
  if (outcome.schema === 'drill.series-result/1') {
    const { drill, made, planned, rto_ms, trials } = outcome;
    const lost = trials.flatMap((trial) => trial.lost ?? []);
    const rto = rto_ms === null ? '–' : namedBack(drill, rangeWords(rto_ms, 'ms', made));
    const most = lost.length === 0 ? '–' : formatCount(Math.max(...lost));
    return [made === planned ? String(made) : `${made} of ${planned}`, rto, most];
  }
  const { drill, recovery, loss } = outcome;
  const rto = recovery?.rto_ms ?? null;
  return [
    '1',
    rto === null ? '–' : namedBack(drill, formatDuration(rto)),
    loss === null ? '–' : formatCount(loss.lost),
  ];
}
