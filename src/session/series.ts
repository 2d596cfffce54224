// A series of trials: drills that are run one after the other. What is due stands on the disk
// before the first trial, and what came of each after it, so that a series can go on where it was
// broken off, by whatever that was.
import { planHash } from '../archive/compare.ts';
import { newRunId, runsDirectory } from '../archive/run-directory.ts';
import type { DrillFlags } from '../drill/file/config.ts';
import { hostClock } from '../host/clock.ts';
import { makeDirectories } from '../host/files.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { Result } from '../verdict/result.ts';
import type { DrillRead } from './read.ts';
import { runOne, type RunOptions } from './run-one.ts';
import {
  lockSeries,
  noSeries,
  readSeries,
  Series,
  seriesFolder,
  type SeriesFile,
  type Trial,
} from './series-files.ts';
import {
  isBrokenOff,
  isEnough,
  judgedOf,
  readTrials,
  resultOfTrial,
  type SeriesRead,
} from './series-results.ts';
import { shareSeries } from './history/share.ts';
import { switchedBy, thrownBy } from './operator/kill-switch.ts';
import type { Session, Surroundings } from './session.ts';
import { cleanRemains } from './regions/series-remains.ts';
import { SeriesRegions, type Places } from './regions/series-regions.ts';
import { asTrial, placeOf, repeatOf, ruleOf, trialsOf, type TrialOptions } from './trials.ts';

/** A trial that was run. */
export interface MadeRun {
  readonly drill: DrillRead;
  readonly result: Result;
  readonly directory: string;
}

/** What was made of drills; `series` is null where one run was all. */
export interface Made {
  readonly runs: readonly MadeRun[];
  readonly series: SeriesRead | null;
  /** What is left of regions that several runs had, in words. */
  readonly left: readonly string[];
  /** Who threw the kill switch, in words, where that kept a trial from being begun. */
  readonly halted?: string;
}

/** `flags` are those that were laid over the drill files. */
export interface HowOften extends TrialOptions {
  readonly flags: DrillFlags;
  /** What each run has to be done by, and the run whose system is drilled: `--resume` has both. */
  readonly limit_ms?: number | null;
  readonly against?: string | null;
  /** What the series is called; a name of its own when left out. */
  readonly id?: string;
  /** The database through which other machines make its trials, as it may be shown. */
  readonly queue?: string;
}

/** A series of all trials of the drills, of which none was begun. */
export function beginSeries(
  drills: readonly DrillRead[],
  { flags, limit_ms = null, against = null, id = seriesId(drills), queue, ...options }: HowOften,
  { directory }: Pick<Surroundings, 'directory'>,
): Series {
  const runs = runsDirectory(directory, drills[0]!.settings.out);
  makeFolder(seriesFolder(runs));
  const release = lockSeries(runs, id);
  const file: SeriesFile = {
    schema: 'drill.series/1',
    id,
    runs,
    flags,
    drills: drills.map((drill) => {
      const { file: name, plan } = drill;
      const moved = options.sameSeed || repeatOf(drill, options) > 1;
      const isRepeated = repeatOf(drill, options) > 1;
      const { runtime } = drill.drill;
      const own = { file: name, name: plan.name, plan_hash: planHash(plan), rule: ruleOf(drill) };
      const set = drill.set === undefined ? {} : { set: drill.set };
      return { ...own, ...set, moved, runtime, ...heldAgainst(drill, isRepeated) };
    }),
    trials: trialsOf(drills, options),
    max_failures: options.maxFailures,
    limit_ms,
    against,
    ...(options.fresh ? { fresh: true } : {}),
    ...(queue === undefined ? {} : { queue }),
  };
  return new Series(file, release);
}

function seriesId([first, ...others]: readonly DrillRead[]): string {
  const name = others.length > 0 ? 'series' : `${first!.plan.name}-series`;
  return newRunId(name, hostClock());
}

/** The past of a drill, which all its trials are held against together. */
function heldAgainst({ baseline }: DrillRead, isRepeated: boolean) {
  if (baseline === undefined) return {};
  return { baseline: { ...baseline, judged: isRepeated ? 'series' : 'run' } as const };
}

/**
 * Takes up a series that nobody runs any more. A trial whose runner was killed counts where its run
 * has a result, and is due again where not. `drills` are the series' own, read again; throws a
 * `UserError` where one was changed since.
 */
export function takeUpSeries(runs: string, id: string, drills: readonly DrillRead[]): Series {
  const release = lockSeries(runs, id);
  try {
    const file = readSeries(runs, id);
    if (file === null) throw noSeries(runs, id);
    file.drills.forEach(({ file: name, plan_hash }, at) => {
      const plan = drills[at]?.plan;
      if (plan !== undefined && planHash(plan) === plan_hash) return;
      throw new UserError(
        `${name}: expected the drill as it was when the series ${id} began, found another one`,
        { hint: 'put the file back, or begin a new series' },
      );
    });
    const trials = file.trials.map((trial) => afterwards(trial, file));
    const brokenOff = file.trials.flatMap(({ state, run }) =>
      state === 'running' ? (run ?? []) : [],
    );
    const to_clean = [...new Set([...(file.to_clean ?? []), ...brokenOff])];
    return new Series({ ...file, trials, to_clean }, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** As `takeUpSeries`, and throws a `UserError` where no trial is due any more. */
export function resumeSeries(runs: string, id: string, drills: readonly DrillRead[]): Series {
  const series = takeUpSeries(runs, id, drills);
  if (series.file.trials.some(({ state }) => state === 'due')) return series;
  series.close();
  throw new UserError(`the series ${id} is over: no trial of it is due`, {
    hint: `drill show ${id}`,
  });
}

/** What came of a trial, now that nobody runs it. */
function afterwards(trial: Trial, file: SeriesFile): Trial {
  if (trial.state !== 'running') return trial;
  const result = resultOfTrial(file, trial);
  if (result === null || isBrokenOff(result)) return { ...trial, state: 'due', run: null };
  return { ...trial, state: 'ended', verdict: result.verdict };
}

/** Runs drills as often as they are to be; more than one run is a series. */
export async function runTrials(
  drills: readonly DrillRead[],
  how: HowOften,
  session: Session,
  options: RunOptions,
): Promise<Made> {
  const [drill] = drills;
  if (drill === undefined || session.interrupt.aborted) return { runs: [], series: null, left: [] };
  const isOne = drills.length === 1 && repeatOf(drill, how) === 1;
  if (!isOne) return await runSeries(beginSeries(drills, how, session), drills, session, options);
  const made = how.sameSeed ? asTrial(drill, drill.settings.seed) : drill;
  session.on({ type: 'trial', number: 1, of: 1, isRepeated: false, plan: made.plan });
  const run = { drill: made, ...(await runOne(made, session, options)) };
  return { runs: [run], series: null, left: [] };
}

/**
 * Runs what is due, one after the other, until the session is interrupted, one of them is halted,
 * or enough of them did not pass. `drills` are those of the series, in its order.
 */
export async function runSeries(
  series: Series,
  drills: readonly DrillRead[],
  session: Session,
  options: RunOptions & { readonly places?: Places },
): Promise<Made> {
  const runs: MadeRun[] = [];
  const { trials, fresh = false } = series.file;
  const { source } = options;
  const onPlace = (id: string, isThere: boolean) => series.noteToClean(id, isThere);
  const own = { fresh, session, onPlace, ...(source ? { source } : {}) };
  const regions = new SeriesRegions({ ...options, ...own });
  let left: readonly string[] = [];
  let by: string | null = null;
  try {
    await cleanRemains(series.file, session);
    for (const id of series.file.to_clean ?? []) series.noteToClean(id, false);
    for (const [number, { state }] of trials.entries()) {
      if (state !== 'due') continue;
      if (session.interrupt.aborted || haltOf(runs) !== null) break;
      // Before the first one there is nothing to keep: it is refused.
      by = runs.length === 0 ? null : thrownBy(series.file.runs);
      if (by !== null) break;
      if (isEnough(series.file)) series.note(number, { state: 'skipped' });
      else runs.push(await runTrial(series, number, { drills, regions }, session, options));
    }
  } finally {
    left = await regions.close();
    series.close();
  }
  const told = left.map((each) => `not cleaned up (drill clean tries again): ${each}`);
  for (const text of told) session.on({ type: 'warning', text });
  const made = new Map(runs.map(({ result }) => [result.id, result]));
  const read = readTrials(series.file, made);
  const results = judgedOf(read);
  session.on({ type: 'series', results });
  await shareSeries(series.file, results, drills[0]?.settings.history ?? null, session);
  const halted = by === null ? {} : { halted: switchedBy(by) };
  return { runs, series: read, left, ...halted };
}

async function runTrial(
  series: Series,
  number: number,
  { drills, regions }: { readonly drills: readonly DrillRead[]; readonly regions: SeriesRegions },
  session: Session,
  options: RunOptions,
): Promise<MadeRun> {
  const { trials } = series.file;
  const next = trials.find(({ state }, at) => at > number && state === 'due');
  const trial = trials[number]!;
  const own = drills[trial.drill]!;
  const { moved, baseline } = series.file.drills[trial.drill]!;
  const as = moved ? asTrial(own, trial.seed, placeOf(series.file, number)) : own;
  const { id } = series.file;
  const drill = { ...as, series: id, ...(baseline === undefined ? {} : { baseline }) };
  const isRepeated = trials.filter((each) => each.drill === trial.drill).length > 1;
  const told = { number: number + 1, of: trials.length, isRepeated, plan: drill.plan };
  session.on({ type: 'trial', ...told });
  const noting: Session = {
    ...session,
    on: (event) => {
      if (event.type === 'event') regions.hear(event.event, drill.plan);
      if (event.type === 'begun') series.note(number, { state: 'running', run: event.place.id });
      session.on(event);
    },
  };
  const source = regions.sourceBefore(next === undefined ? null : drills[next.drill]!);
  const { result, directory } = await runOne(drill, noting, { ...options, source });
  const { verdict } = result;
  const isDue = isBrokenOff(result);
  if (isDue) series.noteToClean(result.id, true);
  series.note(number, isDue ? { state: 'due', run: null } : { state: 'ended', verdict });
  return { drill, result, directory };
}

/** Who halted the last of them, in words: whoever halts one means those after it too. */
export function haltOf(runs: readonly MadeRun[]): string | null {
  const last = runs.at(-1)?.result;
  if (last?.verdict !== 'interrupted') return null;
  return last.reasons[0] ?? 'The run was interrupted.';
}

function makeFolder(path: string): void {
  try {
    makeDirectories(path);
  } catch (error) {
    throw new UserError(`cannot make the folder ${path}: ${(error as Error).message}`, {
      hint: '--out DIR, a folder that can be written',
      exitCode: EXIT.environment,
    });
  }
}
