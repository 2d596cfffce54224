// `drill gameday report` and `sign`: the page of a game day, and who answers for what it says.
import { resolve } from 'node:path';
import type { GameDayRecord } from '../../../evidence/gameday-form.ts';
import { dayPage, lockDay, readDay, writeDay } from '../../../gameday/day/day-files.ts';
import { runsOfDay } from '../../../gameday/day/day-runs.ts';
import { dayBefore, findDay } from '../../../gameday/day/find-day.ts';
import { hostClock } from '../../../host/clock.ts';
import { writeDurably } from '../../../host/durable.ts';
import { openFile } from '../../../host/process/open-file.ts';
import { userWords } from '../../../host/users.ts';
import { gameDayPage } from '../../../report/gameday/page.ts';
import { shortPath } from '../../../report/reporters.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn } from './files.ts';

const NOTE_MAX = 500;

export async function reportDay(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const record = findDay(runs, namedIn(args)[0] ?? 'latest');
  const page = pageOf(record);
  const { stdout, stderr } = context.screen;
  const asked = args['output'] as string | undefined;
  if (asked === '-') {
    stdout.write(page);
    return EXIT.pass;
  }
  const file = asked === undefined ? dayPage(runs, record.id) : resolve(context.directory, asked);
  try {
    writeDurably(file, page, { mode: 0o600 });
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${(error as Error).message}`, {
      hint: '--output FILE',
      exitCode: EXIT.environment,
    });
  }
  stdout.write(`${shortPath(context.directory, file)}\n`);
  if (args['open'] === true) {
    const problem = await openFile(file, context.environment);
    if (problem !== null) stderr.write(`drill: ${problem}\n`);
  }
  return EXIT.pass;
}

function pageOf(record: GameDayRecord): string {
  const runs = runsOfDay(record).map(({ id, drill, verdict, started_at, wall_ms }) => {
    const began_ms = Date.parse(started_at);
    return { id, drill: drill.name, verdict, began_ms, ended_ms: began_ms + (wall_ms ?? 0) };
  });
  return gameDayPage({ record, before: dayBefore(record), runs });
}

/** Of one that is over; its record stays as it is but for that. */
export async function signDay(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const { id } = findDay(runs, namedIn(args)[0] ?? 'latest');
  const note = (args['note'] as string | undefined) ?? '';
  if (note.length > NOTE_MAX) throw new UserError(`--note: at most ${NOTE_MAX} characters`);
  const lock = lockDay(runs, id);
  if ('taken' in lock) throw new UserError(`${lock.taken.by} is under way`);
  try {
    const record = readDay(runs, id);
    if (record === null || record.ended_at === null) {
      throw new UserError(`${id} is not over yet`, { hint: `drill gameday show ${id}` });
    }
    const by = userWords();
    const at = new Date(hostClock().wall()).toISOString();
    writeDay({ ...record, signed: [...(record.signed ?? []), { at, by, note }] });
    context.screen.stdout.write(`${by} signed ${id}\n`);
    return EXIT.pass;
  } finally {
    lock.release();
  }
}
