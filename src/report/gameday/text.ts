// A game day on a terminal: its verdict, a line for each drill, what is to be mended.
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import { makePaint } from '../../screen/paint.ts';
import { printable, table, wrap } from '../../screen/text.ts';
import { verdictBadge, verdictStyle } from '../summary/verdict-words.ts';
import { DRILL_HEAD, drillRows, holderWords, stopWords, tallyWords, whysOf } from './words.ts';

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
  const rows = drillRows(record, before).map(([name = '', standing = '', ...values], at) => {
    const { outcome } = record.drills[at]!;
    const style = outcome === null ? 'dim' : verdictStyle(outcome.verdict);
    return [printable(name), paint(style, standing), ...values];
  });
  const lines = table([DRILL_HEAD.map((text) => paint('dim', text)), ...rows], columns - 2);
  const why = whysOf(record).map(printable);
  return [
    `${badge}  game day ${record.name}, ${tallyWords(record)}`,
    ...[stop, ...holderWords(record)]
      .filter((words) => words !== '')
      .flatMap((words) => wrap(printable(words), columns)),
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
