// Runs the drills of a game day, one after the other. Each is a series of its own, with an id that
// follows from that of the day, so that the disk alone says how far it came: the service may be
// killed at any moment, and whoever takes the day up goes on where it was.
import { planHash } from '../../archive/compare.ts';
import { BASELINE_USUAL } from '../../drill/baseline.ts';
import type { DayDrill, DayOutcome, DayStop, GameDayRecord } from '../../evidence/gameday-form.ts';
import type { Clock } from '../../host/clock.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { UserError } from '../../screen/user-error.ts';
import { withBaseline } from '../../session/history/baseline.ts';
import type { DrillRead } from '../../session/read.ts';
import type { RunOptions } from '../../session/run-one.ts';
import { switchedBy, thrownBy } from '../../session/operator/kill-switch.ts';
import { beginSeries, haltOf, runSeries, takeUpSeries } from '../../session/series.ts';
import { readSeries } from '../../session/series-files.ts';
import { onlyDrillOf, type SeriesRead } from '../../session/series-results.ts';
import type { Session } from '../../session/session.ts';
import { ONCE_AS_STATED, repeatOf } from '../../session/trials.ts';
import { EXIT, worstVerdict } from '../../verdict/exit-code.ts';
import { dayVerdict, judgeDayDrill, notRun } from '../../verdict/gameday.ts';
import type { Verdict } from '../../verdict/result.ts';
import { flagsOf } from './day.ts';
import { writeDay } from './day-files.ts';
import type { Happening } from './happening.ts';

/** A game day that this process has locked, with its drills in their order. */
export interface Day {
  readonly record: GameDayRecord;
  readonly drills: readonly DrillRead[];
}

export interface DaySession extends Session {
  /** Called with each new state of the record, which is on the disk by then; never rejects. */
  onDay(record: GameDayRecord): Promise<void> | void;
  /**
   * Called before the record says so, so that nobody is left untold. Resolves once a message of it
   * is on the disk, or cannot be; never rejects.
   */
  tell(happening: Happening): Promise<void>;
  /** The day waits until somebody agrees to it. */
  onAsked(record: GameDayRecord): void;
}

export interface DayOptions extends RunOptions {
  readonly clock: Pick<Clock, 'wall' | 'sleep'>;
  /** Whether a day that is interrupted stays open, for the next service to go on with it. */
  readonly handsOver: boolean;
}

/** Runs what is due of it; resolves to the record as it is on the disk then. */
export async function runDay(
  { record: begun, drills }: Day,
  session: DaySession,
  options: DayOptions,
): Promise<GameDayRecord> {
  const now = () => new Date(options.clock.wall()).toISOString();
  let record = begun;
  const note = async (change: Partial<GameDayRecord>, event: 'started' | 'ended' | null) => {
    record = { ...record, ...change };
    if (event !== null) await session.tell({ event, record });
    writeDay(record);
    await session.onDay(record);
  };
  await note({ began_at: begun.began_at ?? now() }, begun.began_at === null ? 'started' : null);
  let halt: string | null = null;
  for (const [at, planned] of record.drills.entries()) {
    if (planned.state !== 'due') continue;
    if (session.interrupt.aborted) break;
    const by = thrownBy(record.runs);
    if (by !== null) {
      halt = switchedBy(by);
      break;
    }
    const due = { planned, drill: drills[at]! };
    const made = await runDrillOf(due, record, session, options);
    if (made === null) break;
    const { outcome } = made;
    ({ halt } = made);
    if (outcome.verdict === 'unclean') {
      const detail = outcome.reasons.join('\n');
      await session.tell({ event: 'unclean', record, drill: planned, detail });
    }
    await note({ drills: record.drills.with(at, { ...planned, state: 'ended', outcome }) }, null);
    if (halt !== null) break;
    if (outcome.verdict !== 'pass' && record.after_failure === 'stop') break;
  }
  const isOpen = session.interrupt.aborted && record.drills.some(({ state }) => state === 'due');
  if (isOpen && options.handsOver) return record;
  await note(endOf(record, isOpen ? reasonOf(session.interrupt) : halt, now()), 'ended');
  return record;
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : 'it was stopped';
}

/** What is due by now is not run any more. */
export function endOf(
  record: GameDayRecord,
  interrupted: string | null,
  ended_at: string,
): Partial<GameDayRecord> {
  const drills = record.drills.map((drill) =>
    drill.state === 'due' ? ({ ...drill, state: 'skipped' } as const) : drill,
  );
  const stop =
    interrupted === null ? record.stop : ({ why: 'interrupted', text: interrupted } as const);
  return { drills, stop, ended_at, verdict: dayVerdict({ drills, stop }) };
}

/** A day that comes to no drill any more, and why. */
export function stoppedBy(stop: DayStop, record: GameDayRecord, now_ms: number): GameDayRecord {
  return { ...record, ...endOf({ ...record, stop }, null, new Date(now_ms).toISOString()) };
}

/** Null where it was interrupted: it is due still. */
async function runDrillOf(
  { planned, drill }: DueDrill,
  record: GameDayRecord,
  session: DaySession,
  options: RunOptions,
): Promise<Ended | null> {
  try {
    const telling = tellsDeclared(session, record, planned);
    const { read, left, halt } = await trialsOf({ planned, drill }, record, telling, options);
    const isDue = read.file.trials.some(({ state }) => state === 'due');
    if (isDue && session.interrupt.aborted) return null;
    const outcome = judgeDayDrill(onlyDrillOf(read), planned.findings);
    const verdict = worstVerdict([
      outcome.verdict,
      ...(left.length === 0 ? [] : (['unclean'] as const)),
      ...(halt === null ? [] : (['interrupted'] as const)),
    ]);
    const reasons = [...left, ...(halt === null ? [] : [halt]), ...outcome.reasons];
    return { outcome: { ...outcome, verdict, reasons }, halt };
  } catch (error) {
    const verdict = verdictOf(error);
    if (verdict === null) throw error;
    const why = (error as Error).message;
    return { outcome: notRun(verdict, why, repeatOf(drill, ONCE_AS_STATED)), halt: null };
  }
}

/** A message of it is made beside: the recovery has begun. */
function tellsDeclared(session: DaySession, record: GameDayRecord, drill: DayDrill): Session {
  return {
    ...session,
    on: (told) => {
      session.on(told);
      if (told.type !== 'event' || told.event.event !== 'disaster.declared') return;
      void session.tell({ event: 'declared', record, drill, detail: told.event.by });
    },
  };
}

interface Ended {
  readonly outcome: DayOutcome;
  /** Who halted it, in words: no drill of the day comes after it. */
  readonly halt: string | null;
}

interface DueDrill {
  readonly planned: DayDrill;
  readonly drill: DrillRead;
}

/** All trials of the drill, those of before among them. */
async function trialsOf(
  { planned, drill }: DueDrill,
  record: GameDayRecord,
  session: Session,
  options: RunOptions,
): Promise<{
  readonly read: SeriesRead;
  readonly left: readonly string[];
  readonly halt: string | null;
}> {
  const { runs } = record;
  const own = { ...drill, settings: { ...drill.settings, out: runs, keep: 'never' } as const };
  const { series } = planned;
  const begun =
    readSeries(runs, series) === null
      ? beginOf({ planned, drill: own }, record, session)
      : takeUpSeries(runs, series, [own]);
  const made = await runSeries(begun, [own], session, options);
  return { read: made.series!, left: made.left, halt: haltOf(made.runs) ?? made.halted ?? null };
}

function beginOf({ planned, drill }: DueDrill, { runs, id }: GameDayRecord, session: Session) {
  if (planHash(drill.plan) !== planned.plan_hash) {
    throw new UserError(`${planned.file}: expected the drill as it was when ${id} began`);
  }
  const held = withBaseline(drill, BASELINE_USUAL, { ...session, runs });
  const how = { ...ONCE_AS_STATED, flags: flagsOf(planned), id: planned.series };
  return beginSeries([held], how, session);
}

/** A drill that could not be run at all; null: a bug in drill. */
function verdictOf(error: unknown): Verdict | null {
  if (error instanceof EnvironmentError) return 'environment';
  if (!(error instanceof UserError)) return null;
  const known: Verdict[] = ['environment', 'unclean'];
  return known.find((verdict) => EXIT[verdict] === error.exitCode) ?? 'inconclusive';
}
