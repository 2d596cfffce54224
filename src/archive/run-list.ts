// The runs in a directory: listed leniently, and found by what a user would type.
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { sha256 } from '../host/sha256.ts';
import { guessHint } from '../base/closest.ts';
import { fitted, type Fit } from '../drill/misfit.ts';
import { EvidenceError, readWhole, UnreadableError } from '../evidence/evidence-error.ts';
import { readJournal } from '../evidence/journal.ts';
import { resultForm } from '../evidence/result-form.ts';
import { runFile } from '../evidence/run-files.ts';
import { sealChecker } from '../evidence/seal.ts';
import { readUndoLog, isOwner } from '../evidence/undo.ts';
import { readPlainFile } from '../host/plain-file.ts';
import { presenceOf } from '../host/process/runner.ts';
import { UserError } from '../screen/user-error.ts';
import type { RunEvent } from '../evidence/event.ts';
import type { Result } from '../verdict/result.ts';
import { isPinned, isRegions, LATEST } from './run-directory.ts';

/**
 * `stopped`: its runner is gone, and `drill clean` is due for what may be left. `unreadable`: its
 * undo log cannot be read here, such as another user's. `unseen`: whether its runner is alive
 * cannot be seen from here.
 */
export type RunState = 'running' | 'kept' | 'stopped' | 'unreadable' | 'unseen' | 'finished';

export interface RunEntry {
  readonly id: string;
  readonly directory: string;
  readonly state: RunState;
  readonly pinned: boolean;
  /** Null where there is no readable `result.json`. */
  readonly result: Result | null;
  /** Whether the result is the one that the run's journal says was written. */
  readonly isAsWritten: boolean;
}

export const RUN_ID = /^\d{8}T\d{6}Z-[a-z0-9-]{1,60}-[0-9a-f]{4}$/;
const CANDIDATES_SHOWN = 5;
/** More than any result has. */
const RESULT_BYTES = 64 * 2 ** 20;
/** A directory without an undo log may belong to a run that begins right now. */
const BEGINNING_MS = 60_000;

/** Newest first; empty when there is no such directory. */
export function listRuns(runs: string): RunEntry[] {
  return runIds(runs).map((id) => {
    const directory = join(runs, id);
    const result = readResult(directory);
    return {
      id,
      directory,
      state: stateOf(directory),
      pinned: isPinned(directory),
      result,
      // What another run wrote is no result of this one.
      isAsWritten: result?.id === id && isAsWritten(directory),
    };
  });
}

/**
 * Whether `result.json` is the one that the last line of an unbroken journal names by its hash:
 * false for a result that somebody changed or put there, and for one of before there was such a
 * line. The other files are not looked at.
 */
export function isAsWritten(directory: string): boolean {
  try {
    const lines = readWhole(runFile(directory, 'journal')).toString('utf8').trimEnd().split('\n');
    const last = JSON.parse(lines.at(-1)!) as Partial<RunEvent>;
    if (last.event !== 'result.written') return false;
    const bytes = readWhole(runFile(directory, 'result'));
    if (sha256(bytes) !== last.sha256) return false;
    const broken = sealChecker(true);
    return lines.every((line) => broken(line) === null);
  } catch {
    return false;
  }
}

/** The result that the run's directory holds; null when it has none, or none that can be read. */
export function readResult(directory: string): Result | null {
  const read = resultIn(directory);
  return 'value' in read ? read.value : null;
}

/** The result, or what is wrong with the file: `gates.0.low: expected a number, found "12"`. */
export function resultIn(directory: string): Fit<Result> {
  try {
    const text = readPlainFile(runFile(directory, 'result'), RESULT_BYTES).toString('utf8');
    const read = fitted(resultForm, JSON.parse(text)) satisfies Fit<Omit<Result, 'failures'>>;
    return read as Fit<Result>;
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** What the journal says of a system that could not be brought up; null: nothing. */
export function readFailure(
  directory: string,
): Extract<RunEvent, { event: 'environment.failed' }> | null {
  try {
    const { events } = readJournal(runFile(directory, 'journal'));
    const failed = events.findLast((event) => event.event === 'environment.failed');
    return failed !== undefined && Array.isArray(failed.log) ? failed : null;
  } catch {
    return null;
  }
}

/**
 * The directory of the run that `wanted` names: `latest`, an id or the beginning of one, the name
 * of a drill (its newest run), or a path. Throws a `UserError` when there is none, or more than
 * one.
 */
export function findRun(runs: string, wanted: string, directory: string): string {
  // The beginning of every id.
  if (wanted === '')
    throw new UserError('expected a run, got nothing', { hint: 'drill list runs' });
  const ids = runIds(runs);
  if (wanted === LATEST) return latestRun(runs, ids);
  if (placeIds(runs).includes(wanted)) return join(runs, wanted);
  const beginning = ids.filter((id) => id.startsWith(wanted));
  if (beginning.length > 1) throw ambiguous(wanted, beginning);
  const found = beginning[0] ?? ids.find((id) => nameOf(id) === wanted);
  if (found !== undefined) return join(runs, found);
  const path = resolve(directory, wanted);
  if (isRunDirectory(path)) return path;
  throw notFound(runs, wanted, ids);
}

export interface FoundRun {
  readonly place: string;
  /** Which run a name stands for, where it does; null: an id or a path says it itself. */
  readonly note: string | null;
}

/**
 * As `findRun`, but that the name of a drill stands for its newest run with numbers, and `latest`
 * for the newest that is over where another goes on.
 */
export function findFinishedRun(runs: string, wanted: string, directory: string): FoundRun {
  if (wanted === LATEST) return latestFinished(runs, findRun(runs, wanted, directory));
  const ids = wanted === '' || wanted === LATEST ? [] : runIds(runs);
  const named = ids.filter((id) => nameOf(id) === wanted);
  if (named.length === 0 || ids.some((id) => id.startsWith(wanted))) {
    return { place: findRun(runs, wanted, directory), note: null };
  }
  const taken = named.find((id) => hasNumbers(join(runs, id))) ?? named[0]!;
  const newer = named.indexOf(taken);
  const passed = newer === 0 ? '' : `; ${newer} newer without numbers, ${named[0]} the newest`;
  return { place: join(runs, taken), note: `${wanted}: ${taken}${passed}` };
}

function latestFinished(runs: string, newest: string): FoundRun {
  const hasResult = (id: string) => readResult(join(runs, id)) !== null;
  const isOn = stateOf(newest) === 'running' && readResult(newest) === null;
  const taken = isOn ? runIds(runs).find(hasResult) : undefined;
  if (taken === undefined) return { place: newest, note: null };
  return { place: join(runs, taken), note: `${LATEST}: ${taken}; ${basename(newest)} goes on` };
}

/** Whether it came to its disaster, so that there is something to read. */
function hasNumbers(place: string): boolean {
  const result = readResult(place);
  return result !== null && (result.recovery !== null || result.loss !== null);
}

/** Newest first. */
export function runIds(runs: string): string[] {
  return placeIds(runs).filter((id) => !isRegions(id));
}

/** Those whose runner is gone before they were cleaned: runs, and regions that runs shared. */
export function brokenOff(runs: string): string[] {
  return placeIds(runs).filter((id) => stateOf(join(runs, id)) === 'stopped');
}

/** Runs, and regions that runs share: all that may have something on the machine. Newest first. */
export function placeIds(runs: string): string[] {
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && RUN_ID.test(entry.name))
      .map((entry) => entry.name)
      .toSorted()
      .toReversed();
  } catch {
    return [];
  }
}

/** What became of a run, by its undo log. */
export function stateOf(directory: string): RunState {
  const undo = runFile(directory, 'undo');
  try {
    if (statSync(undo, { throwIfNoEntry: false }) === undefined) return 'finished';
    const { entries, problems } = readUndoLog(undo);
    const last = entries.at(-1)?.undo;
    if (last === 'done' && problems.length === 0) return 'finished';
    if (last === 'kept') return 'kept';
    const runner = entries.find(isOwner)?.owner;
    if (runner === undefined) return 'stopped';
    const presence = presenceOf(runner);
    if (presence === 'there') return 'running';
    return presence === 'unseen' || presence === 'elsewhere' ? 'unseen' : 'stopped';
  } catch (error) {
    return error instanceof EvidenceError && !(error instanceof UnreadableError)
      ? 'stopped'
      : 'unreadable';
  }
}

/** Whether a run is over, with nothing of it left to clean up. */
export function isOver(directory: string, now_ms: number): boolean {
  if (stateOf(directory) !== 'finished') return false;
  if (existsSync(runFile(directory, 'undo'))) return true;
  // Another drill may prune at the same time: what is gone needs no removing.
  const facts = statSync(directory, { throwIfNoEntry: false });
  return facts !== undefined && now_ms - facts.mtimeMs > BEGINNING_MS;
}

/** No link, or one that points nowhere since its run was removed: the newest one is meant. */
function latestRun(runs: string, ids: readonly string[]): string {
  const id = madeLast(runs) ?? ids[0];
  if (id === undefined) throw noRuns(runs);
  return join(runs, id);
}

/** The run that `latest` points to, whatever the clock said when it began; null: no such link. */
export function madeLast(runs: string): string | null {
  try {
    const target = realpathSync(join(runs, LATEST));
    const isRun = dirname(target) === realpathSync(runs) && RUN_ID.test(basename(target));
    return isRun ? basename(target) : null;
  } catch {
    return null;
  }
}

/** The drill's name in a run's id. */
export function nameOf(id: string): string {
  return id.slice('20261122T201317Z-'.length, -'-3fa2'.length);
}

/** The time in its id, `20261122T201317Z-region-outage-3fa2`, whatever was done to its files. */
export function beganAt(id: string): number {
  const [, date, hour, minute, second] = /^(\d{8})T(\d{2})(\d{2})(\d{2})Z/.exec(id) ?? [];
  if (date === undefined) return 0;
  const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`;
  return Date.parse(`${day}T${hour}:${minute}:${second}Z`);
}

function isRunDirectory(path: string): boolean {
  return existsSync(runFile(path, 'plan')) || existsSync(runFile(path, 'journal'));
}

function ambiguous(wanted: string, ids: readonly string[]): UserError {
  const shown = ids.slice(0, CANDIDATES_SHOWN).map((id) => `\n  ${id}`);
  const more = ids.length > shown.length ? `\n  and ${ids.length - shown.length} more` : '';
  return new UserError(`"${wanted}" begins ${ids.length} runs:${shown.join('')}${more}`);
}

function notFound(runs: string, wanted: string, ids: readonly string[]): UserError {
  if (ids.length === 0) return noRuns(runs);
  const guess = guessHint(wanted, [...new Set([...ids, ...ids.map(nameOf)])]);
  return new UserError(`there is no run "${wanted}" in ${runs}${guess}`, {
    hint: 'drill list runs',
  });
}

function noRuns(runs: string): UserError {
  return new UserError(`there are no runs in ${runs}`, {
    hint: 'drill run drills/region-outage.yaml',
  });
}

/** Runs whose system was left running, by `drill up` or `--keep`; newest first. */
export function systemsUp(runs: string): RunEntry[] {
  return listRuns(runs).filter(({ state }) => state === 'kept');
}

/**
 * The directory of the run that `wanted` names; `latest` is the newest one whose system is up, and
 * the newest run where none is. Throws a `UserError` when there is no such run.
 */
export function findSystem(runs: string, wanted: string, directory: string): string {
  const newest = wanted === LATEST ? systemsUp(runs)[0] : undefined;
  return newest?.directory ?? findRun(runs, wanted, directory);
}

/** Whether the system of a run directory is up, as far as its undo log knows. */
export function isUp(directory: string): boolean {
  const file = runFile(directory, 'undo');
  if (!existsSync(file)) return false;
  const { entries } = readUndoLog(file);
  return entries.at(-1)?.undo === 'kept';
}
