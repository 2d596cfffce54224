// Finishes the clean-up of a run whose runner is gone, from its undo log alone.
import { existsSync } from 'node:fs';
import { claimSystem } from '../evidence/claims.ts';
import { runFile } from '../evidence/run-files.ts';
import { TORN } from '../evidence/lines.ts';
import { finishUndoLog, readUndoLog, isEffect, isOwner, type Effect } from '../evidence/undo.ts';
import { isOwn } from '../host/files.ts';
import { processStarted } from '../host/process/processes.ts';
import { describe, whyNot } from './frame/scope.ts';

export type Cleaned =
  /** Its runner is alive: Ctrl-C there is the way. */
  | { readonly state: 'running'; readonly pid: number }
  | { readonly state: 'nothing' }
  /** Another user's. */
  | { readonly state: 'foreign' }
  /** Left running on request. */
  | { readonly state: 'kept' }
  /** Somebody works on its system, or cleans up after it, right now. */
  | { readonly state: 'in-use'; readonly by: string; readonly pid: number }
  | {
      readonly state: 'cleaned';
      readonly undone: readonly string[];
      readonly left: readonly string[];
    };

/**
 * Undoes what the run's log names, newest first; every entry is undone even where an earlier one
 * fails. Doing it twice is fine. `perform` says what could not be undone.
 */
export async function cleanRun(
  directory: string,
  perform: (effect: Effect) => Promise<string[]>,
  options: { readonly includeKept: boolean },
): Promise<Cleaned> {
  const file = runFile(directory, 'undo');
  if (!existsSync(file)) return { state: 'nothing' };
  // An undo log says what to kill and to remove: only one's own is obeyed.
  if (!isOwn(directory) || !isOwn(file)) return { state: 'foreign' };
  const { entries } = readUndoLog(file);
  const ending = entries.at(-1)?.undo;
  if (ending === 'done') return { state: 'nothing' };
  if (ending === 'kept' && !options.includeKept) return { state: 'kept' };
  for (const entry of entries) {
    if (isOwner(entry) && processStarted(entry.owner.pid) === entry.owner.started) {
      return { state: 'running', pid: entry.owner.pid };
    }
  }
  const claimed = claimSystem(directory, ending === 'kept' ? 'drill down' : 'drill clean');
  if ('taken' in claimed) {
    const { by, owner } = claimed.taken;
    return { state: 'in-use', by, pid: owner.pid };
  }
  try {
    return await undoAll(file, perform);
  } finally {
    claimed.release();
  }
}

async function undoAll(
  file: string,
  perform: (effect: Effect) => Promise<string[]>,
): Promise<Cleaned> {
  const { entries, problems } = readUndoLog(file);
  const undone: string[] = [];
  const failed: Effect[] = [];
  // What a torn line would have undone never took place.
  const left = problems.filter((problem) => problem !== TORN);
  for (const effect of entries.filter(isEffect).toReversed()) {
    const held = whyNot(effect, failed);
    const reasons = held === null ? await perform(effect).catch((e: Error) => [e.message]) : [held];
    if (reasons.length === 0) undone.push(describe(effect));
    else failed.push(effect);
    left.push(...reasons.map((reason) => `${describe(effect)}: ${reason}`));
  }
  if (left.length === 0) finishUndoLog(file);
  return { state: 'cleaned', undone, left };
}
