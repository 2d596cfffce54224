// A series of trials: drills that are run one after the other. What is due stands on the disk
// before the first trial, and what came of each after it, so that a series can go on where it was
// broken off, by whatever that was.
import { join } from 'node:path';
import { planHash } from '../archive/compare.ts';
import { newRunId, runsDirectory } from '../archive/run-directory.ts';
import { readResult } from '../archive/run-list.ts';
import type { DrillFlags } from '../drill/file/config.ts';
import { hostClock } from '../host/clock.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { makeDirectories } from '../host/files.ts';
import { takeLock } from '../host/lock.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';
import type { Result } from '../verdict/result.ts';
import type { DrillRead } from './read.ts';
import { runOne, type RunOptions } from './run-one.ts';
import {
  readSeries,
  seriesFolder,
  seriesLock,
  writeSeries,
  type SeriesFile,
  type Trial,
} from './series-files.ts';
import type { Session, Surroundings } from './session.ts';

/** A trial that was run. */
export interface MadeRun {
  readonly drill: DrillRead;
  readonly result: Result;
  readonly directory: string;
}

/** A series that this process runs, and nobody else meanwhile. */
export class Series {
  file: SeriesFile;
  readonly close: () => void;

  constructor(file: SeriesFile, close: () => void) {
    this.file = file;
    this.close = close;
    writeSeries(file);
  }

  note(number: number, change: Partial<Trial>): void {
    const { trials } = this.file;
    this.file = { ...this.file, trials: trials.with(number, { ...trials[number]!, ...change }) };
    writeSeries(this.file);
  }
}

/** Every drill `repeat` times, in rounds; each trial has the seed that its drill was read with. */
export function beginSeries(
  drills: readonly DrillRead[],
  { repeat, flags }: { readonly repeat: number; readonly flags: DrillFlags },
  { directory }: Pick<Surroundings, 'directory'>,
): Series {
  const runs = runsDirectory(directory, drills[0]!.settings.out);
  const id = newRunId('series', hostClock());
  const trial = ({ settings }: DrillRead, drill: number): Trial => {
    return { drill, seed: settings.seed, state: 'due', run: null, verdict: null };
  };
  makeFolder(seriesFolder(runs));
  const release = lockSeries(runs, id);
  const file: SeriesFile = {
    schema: 'drill.series/1',
    id,
    runs,
    flags,
    drills: drills.map(({ file: name, plan }) => {
      return { file: name, name: plan.name, plan_hash: planHash(plan) };
    }),
    trials: Array.from({ length: repeat }, () => drills.map(trial)).flat(),
  };
  return new Series(file, release);
}

/**
 * Takes up a series that nobody runs any more. A trial whose runner was killed counts where its run
 * has a result, and is due again where not. `drills` are the series' own, read again; throws a
 * `UserError` where one was changed since.
 */
export function resumeSeries(runs: string, id: string, drills: readonly DrillRead[]): Series {
  const release = lockSeries(runs, id);
  try {
    const file = readSeries(runs, id);
    if (file === null) throw new UserError(`there is no series "${id}" in ${seriesFolder(runs)}`);
    file.drills.forEach(({ file: name, plan_hash }, at) => {
      const plan = drills[at]?.plan;
      if (plan !== undefined && planHash(plan) === plan_hash) return;
      throw new UserError(
        `${name}: expected the drill as it was when the series ${id} began, found another one`,
        { hint: 'put the file back, or begin a new series' },
      );
    });
    const trials = file.trials.map((trial) => afterwards(trial, runs));
    return new Series({ ...file, trials }, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** What came of a trial, now that nobody runs it. */
function afterwards(trial: Trial, runs: string): Trial {
  if (trial.state !== 'running') return trial;
  const result = trial.run === null ? null : readResult(join(runs, trial.run));
  if (result === null) return { ...trial, state: 'due', run: null };
  return { ...trial, state: 'ended', verdict: result.verdict };
}

/** Runs drills, each `repeat` times; more than one run is a series. */
export async function runTrials(
  drills: readonly DrillRead[],
  how: { readonly repeat: number; readonly flags: DrillFlags },
  session: Session,
  options: RunOptions,
): Promise<MadeRun[]> {
  const [drill] = drills;
  if (drill === undefined || session.interrupt.aborted) return [];
  if (drills.length * how.repeat > 1) {
    return await runSeries(beginSeries(drills, how, session), drills, session, options);
  }
  session.on({ type: 'trial', number: 1, of: 1, plan: drill.plan });
  return [{ drill, ...(await runOne(drill, session, options)) }];
}

/**
 * Runs what is due, one after the other, until the session is interrupted. `drills` are those of
 * the series, in its order.
 */
export async function runSeries(
  series: Series,
  drills: readonly DrillRead[],
  session: Session,
  options: RunOptions,
): Promise<MadeRun[]> {
  const made: MadeRun[] = [];
  try {
    const { trials } = series.file;
    for (const [number, trial] of trials.entries()) {
      if (trial.state !== 'due') continue;
      if (session.interrupt.aborted) break;
      const drill = drills[trial.drill]!;
      session.on({ type: 'trial', number: number + 1, of: trials.length, plan: drill.plan });
      const noting: Session = {
        ...session,
        on: (event) => {
          if (event.type === 'begun')
            series.note(number, { state: 'running', run: event.place.id });
          session.on(event);
        },
      };
      const { result, directory } = await runOne(drill, noting, options);
      const { verdict } = result;
      const isBrokenOff = verdict === 'interrupted';
      series.note(number, isBrokenOff ? { state: 'due', run: null } : { state: 'ended', verdict });
      made.push({ drill, result, directory });
    }
  } finally {
    series.close();
  }
  return made;
}

function lockSeries(runs: string, id: string): () => void {
  const locked = takeLock(seriesLock(runs, id), `series ${id}`);
  if ('release' in locked) return locked.release;
  throw new EnvironmentError({
    what: `the series ${id}`,
    expected: 'that nobody else runs it',
    found: `process ${locked.taken.owner.pid} at work`,
    hint: 'wait until that has ended',
  });
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
