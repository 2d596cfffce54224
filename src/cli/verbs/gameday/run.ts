// `drill gameday run`: holds a game day now, or goes on with one that was broken off.
import type { GameDayRecord } from '../../../evidence/gameday-form.ts';
import { drillsAgain, newRecord } from '../../../gameday/day/day.ts';
import { askedId } from '../../../gameday/day/day-files.ts';
import { findDay } from '../../../gameday/day/find-day.ts';
import { holdDay, resumeDay, type NotHeld } from '../../../gameday/day/hold-day.ts';
import type { DaySession } from '../../../gameday/day/run-day.ts';
import { blockOf } from '../../../gameday/schedule/coming.ts';
import type { GameDayRead } from '../../../gameday/read.ts';
import { hostClock } from '../../../host/clock.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import { writeDiagnostics } from '../../read-drill.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn, readFiles, usable } from './files.ts';
import { tellDay } from './records.ts';
import { daySession } from './session.ts';

/** What is asked for is not handed over to a service where it is stopped. */
const OPTIONS = { limit_ms: null, against: null, handsOver: false } as const;

export async function runFile(args: VerbArguments, context: CliContext): Promise<number> {
  const resumed = args['resume'] as string | undefined;
  if ((resumed === undefined) === (namedIn(args).length === 0)) {
    throw new UserError('expected: drill gameday run FILE, or drill gameday run --resume ID');
  }
  const { session, end } = daySession(args, context);
  const held =
    resumed === undefined
      ? await holdFile(args, session, context)
      : await goOn(resumed, args, session, context);
  await end();
  if (held === null) return EXIT.usage;
  if ('busyWith' in held) throw notHeld(held);
  tellDay(held, args['json'] === true, context);
  return EXIT[held.verdict ?? 'interrupted'];
}

async function holdFile(args: VerbArguments, session: DaySession, context: CliContext) {
  const [read] = usable(await readFiles(args, context), context) ?? [];
  if (read === undefined) return null;
  const clock = hostClock();
  if (args['anyway'] !== true) requireAllowed(read, clock.wall());
  const runs = await runsOf(args, context);
  const of = { id: askedId(read.gameday.name, clock), due_ms: clock.wall(), runs };
  const record = newRecord(read, { ...of, by: 'operator' });
  const { drills, gameday } = read;
  return await holdDay({ record, drills }, gameday, session, { ...OPTIONS, clock });
}

function requireAllowed({ gameday }: GameDayRead, now_ms: number): void {
  const block = blockOf(gameday, now_ms);
  if (block === null) return;
  throw new UserError(`${gameday.name}: no game day begins now: ${block}`, {
    hint: 'drill gameday run FILE --anyway',
    exitCode: EXIT.inconclusive,
  });
}

async function goOn(
  word: string,
  args: VerbArguments,
  session: DaySession,
  context: CliContext,
): Promise<GameDayRecord | NotHeld | null> {
  const record = findDay(await runsOf(args, context), word);
  if (record.ended_at !== null) {
    throw new UserError(`the game day ${record.id} is over`, {
      hint: `drill gameday show ${record.id}`,
    });
  }
  if (record.began_at === null) {
    throw new UserError(`the game day ${record.id} was not begun`, {
      hint: `drill gameday run ${record.file}`,
    });
  }
  const { drills, diagnostics } = await drillsAgain(record, context);
  writeDiagnostics(diagnostics, context);
  if (drills === null) return null;
  const conditions = { preconditions: [], approve: undefined };
  return await resumeDay({ record, drills }, conditions, session, {
    ...OPTIONS,
    clock: hostClock(),
  });
}

function notHeld({ busyWith }: NotHeld): UserError {
  if (busyWith === null) return new UserError('somebody else holds this game day');
  const { by, owner } = busyWith;
  return new UserError(`expected that nothing else is held, found ${by} (process ${owner.pid})`, {
    hint: 'wait until that has ended',
    exitCode: EXIT.environment,
  });
}
