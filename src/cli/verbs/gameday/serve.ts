// `drill gameday serve`: the long-running service that holds game days when they are due.
import { hostname } from 'node:os';
import { writeMinute } from '../../../base/units.ts';
import type { GameDayRecord } from '../../../evidence/gameday-form.ts';
import { resumeDay } from '../../../gameday/day/hold-day.ts';
import type { Happening } from '../../../gameday/day/happening.ts';
import type { Notifier } from '../../../gameday/notify/notifier.ts';
import { staleDrills, watchStale, type StalePlace } from '../../../gameday/notify/stale.ts';
import { readGameDay, type GameDayRead } from '../../../gameday/read.ts';
import { cleanBrokenOff } from '../../../session/clean.ts';
import {
  DaysOnDisk,
  readSeen,
  type DayNotice,
  type DayParts,
} from '../../../gameday/service/days-on-disk.ts';
import { SharedDays } from '../../../gameday/service/shared-days.ts';
import { Service } from '../../../gameday/service/service.ts';
import { hostClock } from '../../../host/clock.ts';
import { stopWords, tallyWords } from '../../../report/gameday/words.ts';
import { verdictWord } from '../../../report/summary/verdict-words.ts';
import { count } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { keepSending } from '../../../session/history/share.ts';
import { sharedIn } from '../../../session/place.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { SharedQueue } from '../../../queue/queue.ts';
import { queueAsked, withoutQueue } from '../../queue-option.ts';
import { runsOf } from '../../run-options.ts';
import type { CliContext, VerbArguments } from '../../verb.ts';
import { readFiles, usable } from './files.ts';
import { daySession } from './session.ts';
import { endTelling, notifierOf } from './tell.ts';

const LOOK_EVERY_MS = 15_000;

export async function serveFiles(args: VerbArguments, given: CliContext): Promise<number> {
  const address = queueAsked(args, given);
  const context = withoutQueue(given);
  let reads: readonly GameDayRead[] | null = usable(await readFiles(args, context), context);
  if (reads === null) return EXIT.usage;
  requireNames(reads);
  const runs = await runsOf(args, context);
  const say = sayer(context);
  const adopted: GameDayRead[] = [];
  const notifier = notifierOf({ runs, reads: () => [...reads!, ...adopted], say }, context);
  await cleanUp(runs, { reads, notifier }, context, say);
  const clock = hostClock();
  const notify = (happening: Happening) => notifier.tell(happening);
  const { session, end } = daySession({ ...args, quiet: true }, context, notify);
  let isHeld = false;
  const parts: DayParts = {
    runs,
    clock,
    place: context,
    reads: () => reads!,
    adopt: async (record) => await adoptedFile(record, adopted, context, say),
    hold: async (day, conditions, own) => {
      const options = { limit_ms: null, against: null, handsOver: true, clock } as const;
      const mine = { ...session, ...own };
      isHeld = true;
      return await resumeDay(day, conditions, mine, options).finally(() => (isHeld = false));
    },
    tell: (notice) => say(noticeWords(notice)),
    notify,
  };
  const queue = address === null ? null : await SharedQueue.open(address);
  const days =
    queue === null
      ? new DaysOnDisk(parts)
      : new SharedDays({ ...parts, queue, name: hostname(), say });
  const options = { clock, lookEvery_ms: LOOK_EVERY_MS };
  const service = new Service(reads, readSeen(runs), days, options);
  context.onReload?.(() => {
    void reloaded(args, context, say).then((again) => {
      if (again === null) return;
      reads = again;
      service.reload(again);
    });
  });
  const shared = address === null ? '' : `, shared through ${address.shown}`;
  say(`serving ${count(reads.length, 'game day')}: ${namesOf(reads)}${shared}`);
  const beside = lookBeside(
    {
      runs,
      clock,
      say,
      isHeld: () => isHeld,
      look: async () => await tellStale(reads!, notifier, { ...context, runs }),
    },
    context,
  );
  await Promise.all([service.run(context.interrupt), beside]);
  context.onReload?.(null);
  await end();
  await endTelling(notifier, say, context);
  await queue?.close();
  say('stopped; what was under way goes on with the next service');
  return EXIT.pass;
}

/** Whoever is to be told of a day is told by a service that does not serve its file, too. */
async function adoptedFile(
  { id, file }: GameDayRecord,
  adopted: GameDayRead[],
  context: CliContext,
  say: (text: string) => void,
): Promise<GameDayRead | null> {
  const { read } = await readGameDay(file, {}, context);
  const who = read === null ? `nobody is told, since ${file} cannot be read` : `as ${file} says`;
  say(`${id} was begun and no file of it is served: it goes on here, ${who}`);
  if (read !== null) adopted.push(read);
  return read;
}

type Beside = Parameters<typeof watchStale>[0] & {
  readonly runs: string;
  readonly say: (text: string) => void;
};

/** What is done now and then while no game day is held. */
async function lookBeside(
  { runs, clock, isHeld, look, say }: Beside,
  context: CliContext,
): Promise<void> {
  const lookAtStale = async () => {
    await look().catch((error: Error) => {
      say(`which drills are stale is not known: ${error.message}`);
    });
  };
  const address = async () => await sharedIn(context, () => {});
  await Promise.all([
    watchStale({ clock, isHeld, look: lookAtStale }, context.interrupt),
    keepSending({ runs, clock, say, isHeld, address }, context.interrupt),
  ]);
}

async function tellStale(
  reads: readonly GameDayRead[],
  notifier: Notifier,
  place: StalePlace,
): Promise<void> {
  const now_ms = hostClock().wall();
  for (const read of reads.filter(({ gameday }) => gameday.notify.length > 0)) {
    for (const each of staleDrills(read, place, now_ms)) await notifier.tellOfFile(each, read);
  }
}

function namesOf(reads: readonly GameDayRead[]): string {
  return reads.map(({ gameday }) => gameday.name).join(', ');
}

/** Records go by name. */
function requireNames(reads: readonly GameDayRead[]): void {
  for (const { gameday, file } of reads) {
    const other = reads.find((each) => each.gameday.name === gameday.name && each.file !== file);
    if (other === undefined) continue;
    throw new UserError(`${file} and ${other.file} are both named ${gameday.name}`);
  }
}

/** The files as they are now; null, and the old ones stay, where one of them is not right. */
async function reloaded(
  args: VerbArguments,
  context: CliContext,
  say: (text: string) => void,
): Promise<readonly GameDayRead[] | null> {
  try {
    const reads = usable(await readFiles(args, context), context);
    if (reads !== null) requireNames(reads);
    say(reads === null ? 'not reloaded: the files as they were count' : 'reloaded');
    return reads;
  } catch (error) {
    say(`not reloaded: ${(error as Error).message}`);
    return null;
  }
}

/** What runs of a service that was killed have left is gone before anything is measured. */
async function cleanUp(
  runs: string,
  { reads, notifier }: { readonly reads: readonly GameDayRead[]; readonly notifier: Notifier },
  context: CliContext,
  say: (text: string) => void,
): Promise<void> {
  for (const { run, left } of await cleanBrokenOff(runs, context)) {
    say(`${run} was broken off: ${left.length === 0 ? 'cleaned up' : left.join('; ')}`);
    if (left.length === 0) continue;
    const drill = { name: run, detail: left.join('\n') };
    for (const read of reads) {
      await notifier.tellOfFile({ event: 'unclean', key: run, drill }, read);
    }
  }
}

function noticeWords({ kind, record }: DayNotice): string {
  const { name, due_at, id } = record;
  const due = `${name}, due ${writeMinute(due_at)} UTC`;
  switch (kind) {
    case 'claimed':
      return `${due}: it is its turn`;
    case 'passed over':
      return `${due}: ${stopWords(record)}`;
    case 'ended':
      return `${due}: ${endWords(record)}; drill gameday show ${id}`;
  }
}

function endWords(record: GameDayRecord): string {
  const stop = stopWords(record);
  const verdict = record.verdict === null ? '' : `${verdictWord(record.verdict)}, `;
  return `${verdict}${stop === '' ? tallyWords(record) : stop}`;
}

/** A line of the log of a service: with the time, UTC. */
function sayer({ screen: { stdout } }: CliContext): (text: string) => void {
  return (text) => {
    const now = new Date(hostClock().wall()).toISOString().slice(0, 19).replace('T', ' ');
    stdout.write(`${now} ${text}\n`);
  };
}
