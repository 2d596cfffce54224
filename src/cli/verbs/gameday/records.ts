// `drill gameday list` and `show`: the records of game days.
import type { GameDayRecord } from '../../../evidence/gameday-form.ts';
import { isAtWork, listDays } from '../../../gameday/day/day-files.ts';
import { dayBefore, findDay } from '../../../gameday/day/find-day.ts';
import { gameDayText } from '../../../report/gameday/text.ts';
import { tallyWords } from '../../../report/gameday/words.ts';
import { verdictStyle, verdictWord } from '../../../report/summary/verdict-words.ts';
import { asCalled } from '../../../screen/command-name.ts';
import { makePaint } from '../../../screen/paint.ts';
import { table } from '../../../screen/text.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn } from './files.ts';
import { unsentLine } from './notify.ts';

export async function listRecords(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const days = listDays(runs).toReversed();
  const { stdout } = context.screen;
  if (args['json'] === true) stdout.write(`${JSON.stringify(days, null, 2)}\n`);
  else if (days.length === 0) stdout.write('no game day was held yet; drill gameday run FILE\n');
  else stdout.write(`${listText(days, context)}\n`);
  if (args['json'] !== true) stdout.write(await unsentLine(runs, context));
  return EXIT.pass;
}

function listText(days: readonly GameDayRecord[], { screen: { stdout } }: CliContext): string {
  const paint = makePaint(stdout.hasColour);
  const head = ['id', 'verdict', 'drills'].map((text) => paint('dim', text));
  const rows = days.map((record) => {
    const { id, verdict } = record;
    const standing =
      verdict === null
        ? paint('warn', standingOf(record))
        : paint(verdictStyle(verdict), verdictWord(verdict));
    return [id, standing, tallyWords(record)];
  });
  return table([head, ...rows], stdout.columns()).join('\n');
}

function standingOf({ runs, id }: GameDayRecord): string {
  return isAtWork(runs, id) ? 'under way' : 'broken off';
}

/** Ends as the game day did. */
export async function showRecord(args: VerbArguments, context: CliContext): Promise<number> {
  const record = findDay(await runsOf(args, context), namedIn(args)[0] ?? 'latest');
  tellDay(record, args['json'] === true, context);
  return record.verdict === null ? EXIT.inconclusive : EXIT[record.verdict];
}

export function tellDay(
  record: GameDayRecord,
  isJson: boolean,
  { screen: { stdout }, environment }: CliContext,
): void {
  if (isJson) {
    stdout.write(`${JSON.stringify(record, null, 2)}\n`);
    return;
  }
  const look = { columns: stdout.columns(), hasColour: stdout.hasColour };
  stdout.write(asCalled(gameDayText(record, dayBefore(record), look), environment));
}
