// Whose log an undo log is. It may have come from anywhere, so that its own word is no proof: the
// run's scratch directory carries the run's mark, and the key that stands in the log's first line.
// A folder that was moved or renamed is still known by it.
import { realpathSync } from 'node:fs';
import { basename, isAbsolute, normalize } from 'node:path';
import { runFile } from '../../evidence/run-files.ts';
import type { OwnerEntry, ProvenRun } from '../../evidence/undo.ts';
import { isOwn, isThere } from '../../host/files.ts';
import { holdsNothing } from '../../host/tree/marked-directory.ts';
import { presenceOf } from '../../host/process/runner.ts';
import { scratchName, scratchOf, scratchProblem } from '../begin/scratch.ts';

/** Why nothing of the log may be obeyed, in a sentence. */
export interface Refusal {
  readonly refused: string;
}

/** Looks for the scratch directory where the log says, and where it would be made today. */
export function proveRun(directory: string, owner: OwnerEntry): ProvenRun | Refusal {
  const { run, key, scratch: stated } = owner;
  const usual = scratchOf(run);
  if (stated !== undefined && !isPlaceOf(stated, run)) {
    return {
      refused: `it names ${stated} as its scratch directory, and that is not one of ${run}`,
    };
  }
  const place = stated ?? usual;
  const own = { run, directory: realpathSync(directory), place };
  const there = [...new Set([place, usual])].filter(isThere);
  for (const at of there) {
    const problem = scratchProblem(at, { run, key: key ?? null });
    if (problem === null) return { ...own, place: at, scratch: at };
    // Whoever removed it was killed near the end of that, or who made it at the beginning.
    if (holdsNothing(at)) return { ...own, place: at, scratch: null };
    return { refused: `${at} is not the scratch directory of this log: ${problem}` };
  }
  return { ...own, scratch: null };
}

/** Whether the run's runner has ended for certain; else why not, and what it is called here. */
export function runnerState(
  owner: OwnerEntry,
  proven: ProvenRun,
): 'gone' | { readonly state: 'running' | 'unseen'; readonly pid: number } {
  const { pid } = owner.owner;
  const presence = presenceOf(owner.owner);
  if (presence === 'there') return { state: 'running', pid };
  if (presence === 'unseen') return { state: 'unseen', pid };
  // What it kept on this machine is here: it was this machine, before it was started again.
  return presence === 'gone' || proven.scratch !== null ? 'gone' : { state: 'unseen', pid };
}

/** Null where it is there and this user's own, to be read and written. */
export function logProblem(directory: string): 'nothing' | 'foreign' | null {
  const file = runFile(directory, 'undo');
  if (!isThere(file)) return 'nothing';
  return isOwn(directory) && isOwn(file) ? null : 'foreign';
}

function isPlaceOf(path: string, run: string): boolean {
  return isAbsolute(path) && normalize(path) === path && basename(path) === scratchName(run);
}
