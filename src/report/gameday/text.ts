// A game day on a terminal: its verdict, a line for each drill, what is to be mended.
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import { makePaint } from '../../screen/paint.ts';
import { printable, table, wrap } from '../../screen/text.ts';
import { verdictBadge, verdictStyle } from '../summary/verdict-words.ts';
import {
  msWords,
  outcomesBefore,
  sinceWords,
  standingWords,
  stopWords,
  tallyWords,
  trialWords,
  writesWords,
} from './words.ts';

interface Look {
  readonly columns: number;
  readonly hasColour: boolean;
}

/** `before` is the game day of the same name before it. Ends with a newline. */
export function gameDayText(
  record: GameDayRecord,
  before: GameDayRecord | null,
  { columns, hasColour }: Look,
): string {
  const paint = makePaint(hasColour);
  const badge = record.verdict === null ? 'UNDER WAY' : verdictBadge(record.verdict, paint);
  const stop = stopWords(record);
  const since = outcomesBefore(record, before);
  const head = ['drill', 'verdict', 'trials', 'RTO', 'RPO', 'lost', 'last time'];
  const rows = record.drills.map((drill, at) => {
    const { name, outcome } = drill;
    const style = outcome === null ? 'dim' : verdictStyle(outcome.verdict);
    const cells = [printable(name), paint(style, standingWords(drill))];
    if (outcome === null) return [...cells, '', '', '', '', ''];
    const { rto_ms, rpo_ms, lost } = outcome;
    const values = [trialWords(outcome), msWords(rto_ms), msWords(rpo_ms), writesWords(lost)];
    return [...cells, ...values, sinceWords(outcome, since[at]!)];
  });
  const lines = table([head.map((text) => paint('dim', text)), ...rows], columns - 2);
  const why = record.drills.flatMap(({ name, outcome }) =>
    (outcome?.reasons ?? []).map((reason) => `${printable(name)}: ${printable(reason)}`),
  );
  return [
    `${badge}  game day ${record.name}, ${tallyWords(record)}`,
    ...(stop === '' ? [] : wrap(printable(stop), columns)),
    '',
    ...lines.map((line) => `  ${line}`),
    ...(why.length === 0 ? [] : ['']),
    ...why.flatMap((reason) => hanging(reason, columns)),
    '',
    paint('dim', `record  drill gameday show ${record.id}`),
    '',
  ].join('\n');
}

function hanging(text: string, columns: number): string[] {
  const [first = '', ...rest] = wrap(text, columns - 4);
  return [`  ${first}`, ...rest.map((line) => `    ${line}`)];
}
