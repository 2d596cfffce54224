// The files of trial series, `.drill/series/<id>.json`: what was to be run and what came of it, so
// that a series that was broken off can go on, and its runs are known to belong together.
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { seriesIn, type SeriesFile, type Trial } from '../evidence/series-form.ts';
import { writeDurably } from '../host/durable.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { lockHolders, takeLock } from '../host/lock.ts';
import { readPlainFile } from '../host/plain-file.ts';
import { UserError } from '../screen/user-error.ts';
import { STANDARD_INPUT } from './source.ts';

export type { SeriesFile, Trial };

/** More than any series has. */
const SERIES_BYTES = 64 * 2 ** 20;

/** Beside the runs in `.drill`; inside of the directory of runs that `--out` names. */
export function seriesFolder(runs: string): string {
  const isUsual = basename(runs) === 'runs' && basename(dirname(runs)) === '.drill';
  return join(isUsual ? dirname(runs) : runs, 'series');
}

export function seriesFile(runs: string, id: string): string {
  return join(seriesFolder(runs), `${id}.json`);
}

/** Whoever runs a series holds it. */
export function seriesLock(runs: string, id: string): string {
  return join(seriesFolder(runs), `${id}.lock`);
}

/** Takes its lock. Throws where somebody else has it. */
export function lockSeries(runs: string, id: string): () => void {
  const locked = takeLock(seriesLock(runs, id), `series ${id}`);
  if ('release' in locked) return locked.release;
  throw new EnvironmentError({
    what: `the series ${id}`,
    expected: 'that nobody else runs it',
    found: `process ${locked.taken.owner.pid} at work`,
    hint: 'wait until that has ended',
  });
}

export function writeSeries(series: SeriesFile): void {
  const text = JSON.stringify(series, null, 2);
  writeDurably(seriesFile(series.runs, series.id), `${text}\n`);
}

/** A series that this process runs, and nobody else meanwhile. */
export class Series {
  file: SeriesFile;
  readonly close: () => void;

  constructor(file: SeriesFile, close: () => void) {
    this.file = file;
    this.close = close;
    this.#write();
  }

  note(number: number, change: Partial<Trial>): void {
    const { trials } = this.file;
    this.file = { ...this.file, trials: trials.with(number, { ...trials[number]!, ...change }) };
    this.#write();
  }

  /** Whether a run directory may have left something on the machine. */
  noteToClean(id: string, isToClean: boolean): void {
    const others = (this.file.to_clean ?? []).filter((each) => each !== id);
    this.file = { ...this.file, to_clean: isToClean ? [...others, id] : others };
    this.#write();
  }

  /** What the file had before is there still: whoever resumes the series takes it from there. */
  #write(): void {
    try {
      writeSeries(this.file);
    } catch (error) {
      throw unwritten(this.file, error as Error);
    }
  }
}

function unwritten({ id, queue }: SeriesFile, error: Error): EnvironmentError {
  const where = queue === undefined ? '' : ' --queue DRILL_QUEUE';
  return new EnvironmentError(
    {
      what: `the file of the series ${id}`,
      expected: 'room for what came of its trials, and leave to write it',
      found: error.message,
      hint: `mend that, then: drill run --resume ${id}${where}; no run that was made is lost`,
    },
    { cause: error },
  );
}

/** Null where there is none that this version of drill can read. */
export function readSeries(runs: string, id: string): SeriesFile | null {
  try {
    const text = readPlainFile(seriesFile(runs, id), SERIES_BYTES).toString('utf8');
    const series = seriesIn(JSON.parse(text));
    // Where it is follows from where it was found: it is written there again.
    return series && { ...series, runs, id };
  } catch {
    return null;
  }
}

/** All that can be read, oldest first. */
export function listSeries(runs: string): SeriesFile[] {
  return seriesIds(runs).flatMap((id) => readSeries(runs, id) ?? []);
}

/** Those that can be read and whose id is this word, or begins with it; oldest first. */
export function seriesNamed(runs: string, word: string): SeriesFile[] {
  const ids = seriesIds(runs);
  const meant = ids.includes(word) ? [word] : ids.filter((id) => id.startsWith(word));
  return meant.flatMap((id) => readSeries(runs, id) ?? []);
}

/**
 * The series that a word stands for, to be gone on with: by its id, the beginning of it, or
 * `latest`. Throws a `UserError` where there is none, or its drills cannot be read again.
 */
export function findSeries(runs: string, word: string): SeriesFile {
  const found = word === 'latest' ? listSeries(runs).slice(-1) : seriesNamed(runs, word);
  const [file, ...others] = found;
  if (file === undefined) throw noSeries(runs, word);
  if (others.length > 0) {
    const ids = found.slice(0, 5).map(({ id }) => id);
    throw new UserError(`"${word}" could be ${found.length} series: ${ids.join(', ')}`);
  }
  if (file.drills.every(({ file: name }) => name !== STANDARD_INPUT)) return file;
  throw new UserError(
    `the series ${file.id} cannot be resumed: a drill of it came from the standard input`,
  );
}

export function noSeries(runs: string, id: string): UserError {
  return new UserError(`there is no series "${id}" in ${seriesFolder(runs)}`, {
    hint: 'drill list series',
  });
}

/** The plan hash under which a run was made, by the series that made it; null: by none. */
export function plannedInSeries(runs: string, run: string): string | null {
  for (const { drills, trials } of listSeries(runs)) {
    const trial = trials.find((each) => each.run === run);
    if (trial !== undefined) return drills[trial.drill]?.plan_hash ?? null;
  }
  return null;
}

export function isSeriesRunning(runs: string, id: string): boolean {
  return lockHolders(seriesLock(runs, id)).length > 0;
}

export function runsOfRunningSeries(runs: string): Set<string> {
  const running = listSeries(runs).filter(({ id }) => isSeriesRunning(runs, id));
  return new Set(running.flatMap(({ trials }) => trials.flatMap(({ run }) => run ?? [])));
}

/** Where `drill report` writes it that has no other place. */
export function seriesPage(runs: string, id: string): string {
  return join(seriesFolder(runs), `${id}.html`);
}

/** Removes the files of series that nobody runs and that have no run left. */
export function forgetSeries(runs: string, left: ReadonlySet<string>): void {
  for (const { id, trials } of listSeries(runs)) {
    if (isSeriesRunning(runs, id) || trials.some(({ run }) => run !== null && left.has(run)))
      continue;
    rmSync(seriesFile(runs, id), { force: true });
    rmSync(seriesPage(runs, id), { force: true });
    rmSync(seriesLock(runs, id), { recursive: true, force: true });
  }
}

function seriesIds(runs: string): string[] {
  try {
    const names = readdirSync(seriesFolder(runs)).filter((name) => name.endsWith('.json'));
    return names.map((name) => basename(name, '.json')).toSorted();
  } catch {
    return [];
  }
}
