// The files of trial series, `.drill/series/<id>.json`: what was to be run and what came of it, so
// that a series that was broken off can go on, and its runs are known to belong together.
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DrillFlags } from '../drill/file/config.ts';
import type { TrialRule } from '../drill/file/schema-repeat.ts';
import { writeDurably } from '../host/durable.ts';
import { lockHolders } from '../host/lock.ts';
import { readPlainFile } from '../host/plain-file.ts';
import type { Verdict } from '../verdict/result.ts';

/** More than any series has. */
const SERIES_BYTES = 64 * 2 ** 20;

/** A drill of a series, as it was when the series began. */
export interface SeriesDrill {
  /** The file as it was named, from the folder of the series. */
  readonly file: string;
  readonly name: string;
  /** It is alike for all its trials; a file that was changed since has another one. */
  readonly plan_hash: string;
  /** How many of its trials have to meet a target; absent in old series: all. */
  readonly rule?: TrialRule;
  /** Whether the faults of its trials are at moments of their own; absent in old series: no. */
  readonly moved?: boolean;
}

/**
 * `running`: it was begun; whether its runner lives, the lock of the series says. `skipped`: enough
 * trials before it had not passed.
 */
export interface Trial {
  /** Which of the drills. */
  readonly drill: number;
  readonly seed: number;
  readonly state: 'due' | 'running' | 'ended' | 'skipped';
  /** Null before it was begun. */
  readonly run: string | null;
  /** Null before it ended. */
  readonly verdict: Verdict | null;
}

export interface SeriesFile {
  readonly schema: 'drill.series/1';
  readonly id: string;
  readonly runs: string;
  /** The flags that were laid over the drill files. */
  readonly flags: DrillFlags;
  readonly drills: readonly SeriesDrill[];
  readonly trials: readonly Trial[];
  /** After so many trials that did not pass the rest is skipped; null, or absent: never. */
  readonly max_failures?: number | null;
  /** Each trial has regions of its own; absent: where that changes its numbers. */
  readonly fresh?: boolean;
}

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

export function writeSeries(series: SeriesFile): void {
  const text = JSON.stringify(series, null, 2);
  writeDurably(seriesFile(series.runs, series.id), `${text}\n`);
}

/** Null where there is none that this version of drill can read. */
export function readSeries(runs: string, id: string): SeriesFile | null {
  try {
    const text = readPlainFile(seriesFile(runs, id), SERIES_BYTES).toString('utf8');
    const value = JSON.parse(text) as SeriesFile | null;
    if (value?.schema !== 'drill.series/1') return null;
    if (!isListOf(value.drills, isDrill) || !isListOf(value.trials, isTrial)) return null;
    if (value.trials.some(({ drill }) => value.drills[drill] === undefined)) return null;
    // Where it is follows from where it was found: it is written there again.
    return { ...value, runs, id };
  } catch {
    return null;
  }
}

function isListOf(value: unknown, isOne: (each: object) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  return value.every((each) => typeof each === 'object' && each !== null && isOne(each as object));
}

function isDrill(each: Partial<SeriesDrill>): boolean {
  const { rule = { gate: 'worst' } } = each;
  const isRule = typeof rule === 'object' && ('gate' in rule || 'at_least' in rule);
  return isRule && [each.file, each.name, each.plan_hash].every((text) => typeof text === 'string');
}

const STATES: readonly unknown[] = ['due', 'running', 'ended', 'skipped'];

function isTrial({ drill, seed, state, run, verdict }: Partial<Trial>): boolean {
  const isText = (value: unknown) => value === null || typeof value === 'string';
  return Number.isInteger(drill) && Number.isInteger(seed) && STATES.includes(state)
    ? isText(run) && isText(verdict)
    : false;
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

/** The plan hash under which a run was made, by the series that made it; null: by none. */
export function plannedInSeries(runs: string, run: string): string | null {
  for (const { drills, trials } of listSeries(runs)) {
    const trial = trials.find((each) => each.run === run);
    if (trial !== undefined) return drills[trial.drill]?.plan_hash ?? null;
  }
  return null;
}

function isRunning(runs: string, id: string): boolean {
  return lockHolders(seriesLock(runs, id)).length > 0;
}

export function runsOfRunningSeries(runs: string): Set<string> {
  const running = listSeries(runs).filter(({ id }) => isRunning(runs, id));
  return new Set(running.flatMap(({ trials }) => trials.flatMap(({ run }) => run ?? [])));
}

/** Removes the files of series that nobody runs and that have no run left. */
export function forgetSeries(runs: string, left: ReadonlySet<string>): void {
  for (const { id, trials } of listSeries(runs)) {
    if (isRunning(runs, id) || trials.some(({ run }) => run !== null && left.has(run))) continue;
    rmSync(seriesFile(runs, id), { force: true });
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
