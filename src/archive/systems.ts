// Systems that are up: runs whose system was left running, by `drill up` or `--keep`.
import { existsSync } from 'node:fs';
import { runFile } from '../evidence/run-files.ts';
import { readUndoLog } from '../evidence/undo.ts';
import { UserError } from '../screen/user-error.ts';
import { LATEST } from './run-directory.ts';
import { findRun, listRuns, type RunEntry } from './run-list.ts';

/** Newest first. */
export function systemsUp(runs: string): RunEntry[] {
  return listRuns(runs).filter(({ state }) => state === 'kept');
}

/**
 * The directory of the run that `wanted` names; `latest` is the newest one whose system is up, and
 * the newest run where none is. Throws a `UserError` when there is no such run.
 */
export function findSystem(runs: string, wanted: string, directory: string): string {
  if (wanted === '')
    throw new UserError('expected a run, got nothing', { hint: 'drill list runs' });
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
