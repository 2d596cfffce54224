// Holds one game day from its claim to its end: what has to hold before it, who agrees to it, its
// drills.
import { masked } from '../../base/masked.ts';
import { formatDuration } from '../../base/units.ts';
import type { GameDayRecord, DayStop } from '../../evidence/gameday-form.ts';
import { abortAfter } from '../../host/clock.ts';
import type { LockHolder } from '../../host/lock.ts';
import { requireRunnable } from '../../session/run-one.ts';
import { operatorOf } from '../../session/operator/operator.ts';
import type { GameDay } from '../file/schema.ts';
import {
  claimDay,
  dayLog,
  dayOrders,
  lockDay,
  lockSystem,
  readDay,
  writeDay,
} from './day-files.ts';
import { howItEnded } from './happening.ts';
import { brokenPrecondition } from './preconditions.ts';
import { runDay, stoppedBy, type Day, type DayOptions, type DaySession } from './run-day.ts';

/** What of a game-day file is asked before the first drill. */
export type Conditions = Pick<GameDay, 'preconditions' | 'approve' | 'secrets'>;

/** Why a day was not held by this process. `null`: somebody else has it, or had it. */
export interface NotHeld {
  readonly busyWith: LockHolder | null;
}

/**
 * Holds a day that nobody has begun. Resolves to its record at the end, or to why it is not for
 * this process to hold.
 */
export async function holdDay(
  day: Day,
  conditions: Conditions,
  session: DaySession,
  options: DayOptions,
): Promise<GameDayRecord | NotHeld> {
  return await alone(day, session, async () => {
    if (!claimDay(day.record)) return { busyWith: null };
    return await carryOut(day, conditions, session, options);
  });
}

/** Goes on with a day that nobody holds any more. */
export async function resumeDay(
  day: Day,
  conditions: Conditions,
  session: DaySession,
  options: DayOptions,
): Promise<GameDayRecord | NotHeld> {
  const { runs, id } = day.record;
  return await alone(day, session, async () => {
    const record = readDay(runs, id);
    if (record === null || record.ended_at !== null) return { busyWith: null };
    return await carryOut({ ...day, record }, conditions, session, options);
  });
}

/** With the lock of the system, and that of the day. */
async function alone<T>(
  { record: { runs, id }, drills }: Day,
  session: DaySession,
  work: () => Promise<T>,
): Promise<T | NotHeld> {
  await requireRunnable(drills, session);
  const system = lockSystem(runs, id);
  if ('taken' in system) return { busyWith: system.taken };
  try {
    const own = lockDay(runs, id);
    if ('taken' in own) return { busyWith: null };
    return await work().finally(own.release);
  } finally {
    system.release();
  }
}

async function carryOut(
  day: Day,
  conditions: Conditions,
  session: DaySession,
  options: DayOptions,
): Promise<GameDayRecord> {
  const { record } = day;
  // What was begun was agreed to.
  if (record.began_at !== null) return await runDay(day, session, options);
  const asked = await askBefore(record, conditions, session, options).catch(
    (error: Error): DayStop => {
      if (!session.interrupt.aborted) throw error;
      return { why: 'interrupted', text: error.message };
    },
  );
  // It was not begun: the next service asks again.
  if ('why' in asked && asked.why === 'interrupted' && options.handsOver) return record;
  if ('approved' in asked) {
    return await runDay({ ...day, record: { ...record, ...asked } }, session, options);
  }
  const ended = stoppedBy(asked, record, options.clock.wall());
  await session.tell(howItEnded(ended));
  writeDay(ended);
  await session.onDay(ended);
  return ended;
}

/** Whether it may begin, and who agreed to it; or why it does not. */
async function askBefore(
  record: GameDayRecord,
  { preconditions, approve, secrets }: Conditions,
  session: DaySession,
  { clock }: DayOptions,
): Promise<DayStop | Pick<GameDayRecord, 'approved'>> {
  const { runs, id, name } = record;
  const { environment, interrupt, ask } = session;
  const place = { id, runs, environment, interrupt, clock, logFile: dayLog(runs, id) };
  const broken = await brokenPrecondition(preconditions, place);
  if (broken !== null) return { why: 'precondition', text: masked(broken, secrets) };
  if (approve === undefined) return { approved: null };
  const text = `nobody agreed to it within ${formatDuration(approve.within)}`;
  const over = new AbortController();
  const tooLong = abortAfter(clock, approve.within, new Error(text), over.signal);
  session.onAsked(record);
  try {
    const question = `Game day ${name} is about to begin. Press Enter to agree.`;
    const until = AbortSignal.any([interrupt, tooLong]);
    const operator = operatorOf(dayOrders(runs, id), ask, clock);
    const by = await operator.ask({ question, order: 'approve' }, until);
    return { approved: { at: new Date(clock.wall()).toISOString(), by } };
  } catch (error) {
    interrupt.throwIfAborted();
    if (!tooLong.aborted) throw error;
    return { why: 'not-approved', text };
  } finally {
    over.abort();
  }
}
