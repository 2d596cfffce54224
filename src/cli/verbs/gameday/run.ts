// `drill gameday run`: holds a game day now, or goes on with one that was broken off.
import type { GameDayRecord } from '../../../evidence/gameday-form.ts';
import { drillsAgain, newRecord } from '../../../gameday/day/day.ts';
import { askedId } from '../../../gameday/day/day-files.ts';
import { findDay } from '../../../gameday/day/find-day.ts';
import { holdDay, resumeDay, type NotHeld } from '../../../gameday/day/hold-day.ts';
import type { DaySession } from '../../../gameday/day/run-day.ts';
import { blockOf } from '../../../gameday/schedule/coming.ts';
import { readGameDay, type GameDayRead } from '../../../gameday/read.ts';
import { hostClock } from '../../../host/clock.ts';
import { UserError } from '../../../screen/user-error.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { runsOf } from '../../run-options.ts';
import { writeDiagnostics } from '../../read-drill.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { namedIn, readFiles, usable } from './files.ts';
import { tellDay } from './records.ts';
import { daySession } from './session.ts';
import { endTelling, notifierOf } from './tell.ts';

/** What is asked for is not handed over to a service where it is stopped. */
const OPTIONS = { limit_ms: null, against: null, handsOver: false } as const;

export async function runFile(args: VerbArguments, context: CliContext): Promise<number> {
  const resumed = args['resume'] as string | undefined;
  if ((resumed === undefined) === (namedIn(args).length === 0)) {
    throw new UserError('expected: drill gameday run FILE, or drill gameday run --resume ID');
  }
  const held =
    resumed === undefined ? await holdFile(args, context) : await goOn(resumed, args, context);
  if (held === null) return EXIT.usage;
  if ('busyWith' in held) throw notHeld(held);
  tellDay(held, args['json'] === true, context);
  return EXIT[held.verdict ?? 'interrupted'];
}

async function holdFile(args: VerbArguments, context: CliContext) {
  const [read] = usable(await readFiles(args, context), context) ?? [];
  if (read === undefined) return null;
  const clock = hostClock();
  if (args['anyway'] !== true) requireAllowed(read, clock.wall());
  const runs = await runsOf(args, context);
  const of = { id: askedId(read.gameday.name, clock), due_ms: clock.wall(), runs };
  const record = newRecord(read, { ...of, by: 'operator' });
  const { drills, gameday } = read;
  return await telling(args, { runs, read }, context, async (session) => {
    return await holdDay({ record, drills }, gameday, session, { ...OPTIONS, clock });
  });
}

/** Its drills are told on stderr, and its receivers of what their file says. */
async function telling<T>(
  args: VerbArguments,
  { runs, read }: { readonly runs: string; readonly read: GameDayRead | null },
  context: CliContext,
  hold: (session: DaySession) => Promise<T>,
): Promise<T> {
  const say = (text: string) => context.screen.stderr.write(`warning: ${text}\n`);
  const notifier = notifierOf({ runs, reads: () => (read === null ? [] : [read]), say }, context);
  const { session, end } = daySession(args, context, (happening) => notifier.tell(happening));
  try {
    return await hold(session);
  } finally {
    await end();
    await endTelling(notifier, say, context);
  }
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
  context: CliContext,
): Promise<GameDayRecord | NotHeld | null> {
  const runs = await runsOf(args, context);
  const record = findDay(runs, word);
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
  const conditions = { preconditions: [], approve: undefined, secrets: [] };
  const day = { record, drills };
  // Its receivers are those of its file as that is now.
  const { read } = await readGameDay(record.file, {}, context);
  if (read === null) {
    context.screen.stderr.write(`warning: ${record.file} has errors, so nobody is told of it\n`);
  }
  return await telling(args, { runs, read }, context, async (session) => {
    return await resumeDay(day, conditions, session, { ...OPTIONS, clock: hostClock() });
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
