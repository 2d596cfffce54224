// Restore drills in a directory of runs: each has a folder of its own in `restores`, which is like
// that of a run, and has other files.
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fitted } from '../drill/misfit.ts';
import { restoreResultForm, type RestoreResult } from '../evidence/backup/restore-form.ts';
import { readWhole } from '../evidence/evidence-error.ts';
import { runFile } from '../evidence/run-files.ts';
import { nameOf, placeIds, stateOf, type RunState } from './run-list.ts';

/** The file as it was when it was restored. */
export const RESTORE_FILE = 'restore.yaml';
export const FACTS_FILE = 'facts.json';

/** Where restore drills keep what they found, in the folder of runs. */
export function restoresIn(runs: string): string {
  return join(runs, 'restores');
}

export interface RestoreEntry {
  readonly id: string;
  readonly directory: string;
  readonly state: RunState;
  /** Null where there is none that can be read. */
  readonly result: RestoreResult | null;
}

/** Newest first. */
export function listRestores(runs: string): RestoreEntry[] {
  const restores = restoresIn(runs);
  return placeIds(restores).map((id) => {
    const directory = join(restores, id);
    return { id, directory, state: stateOf(directory), result: restoreResultIn(directory) };
  });
}

/** Null where the folder has no result that can be read. */
function restoreResultIn(directory: string): RestoreResult | null {
  try {
    const text = readWhole(runFile(directory, 'result')).toString('utf8');
    const read = fitted(restoreResultForm, JSON.parse(text));
    return 'value' in read && read.value.id === basename(directory) ? read.value : null;
  } catch {
    return null;
  }
}

/**
 * The directory of the restore that `wanted` names: its id or the beginning of one, the name in its
 * file (the newest), or a path; null: none.
 */
export function findRestore(runs: string, wanted: string, directory: string): string | null {
  if (wanted === '') return null;
  const restores = restoresIn(runs);
  const ids = placeIds(restores);
  const beginning = ids.filter((id) => id.startsWith(wanted));
  const id = beginning.length === 1 ? beginning[0] : ids.find((each) => nameOf(each) === wanted);
  if (id !== undefined) return join(restores, id);
  const path = resolve(directory, wanted);
  return existsSync(join(path, RESTORE_FILE)) ? path : null;
}
