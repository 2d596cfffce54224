// Finishes the clean-up of a run whose runner is gone, from its undo log, which it does not
// believe.
import { realpathSync } from 'node:fs';
import { claimSystem, liveClaims } from '../../evidence/claims.ts';
import { runFile } from '../../evidence/run-files.ts';
import { TORN } from '../../evidence/lines.ts';
import {
  finishUndoLog,
  readUndoLog,
  isEffect,
  isOwner,
  type Effect,
  type ProvenRun,
  type UndoEntry,
} from '../../evidence/undo.ts';
import { hostClock } from '../../host/clock.ts';
import { showsOwnProcesses } from '../../host/process/process-table.ts';
import { ownProcess } from '../../host/process/processes.ts';
import { describe, whyNot } from '../frame/scope.ts';
import { provenSystem } from './proven-system.ts';
import { logProblem, proveRun, runnerState } from './proof.ts';

export type Cleaned =
  /** Its runner is alive: Ctrl-C there is the way. */
  | { readonly state: 'running'; readonly pid: number }
  /** Whether its runner is alive cannot be seen: another container's, or another machine's. */
  | { readonly state: 'unseen'; readonly pid: number; readonly host: string | null }
  | { readonly state: 'nothing' }
  /** Another user's. */
  | { readonly state: 'foreign' }
  /** Left running on request. */
  | { readonly state: 'kept' }
  /** Nothing in its log is obeyed. */
  | { readonly state: 'refused'; readonly reason: string }
  /** Somebody works on its system, or cleans up after it, right now. */
  | { readonly state: 'in-use'; readonly by: string; readonly pid: number }
  | {
      readonly state: 'cleaned';
      readonly undone: readonly string[];
      readonly left: readonly string[];
    };

/** Says what could not be undone; `system` is where it was done, if that is another run's. */
export type Perform = (
  effect: Effect,
  runs: { readonly own: ProvenRun; readonly system: ProvenRun | null },
) => Promise<string[]>;

const CLEANERS = ['drill clean', 'drill down'];
const OTHER_CLEANER_MS = 120_000;
const LOOK_EVERY_MS = 100;
const EFFECTS_MAX = 1_000;

/**
 * Undoes what the run's log names, newest first; every entry is undone even where an earlier one
 * fails. Doing it twice is fine, also at once: the second one waits for the first.
 */
export async function cleanRun(
  found: string,
  perform: Perform,
  options: { readonly includeKept: boolean },
): Promise<Cleaned> {
  const problem = logProblem(found);
  if (problem !== null) return { state: problem };
  if (!showsOwnProcesses()) return { state: 'refused', reason: OTHER_PROC };
  const directory = realpathSync(found);
  const file = runFile(directory, 'undo');
  const clock = hostClock();
  const until = clock.now() + OTHER_CLEANER_MS;
  for (;;) {
    const { owner, entries } = readUndoLog(file);
    const ending = endOf(entries);
    if (ending === 'done') return { state: 'nothing' };
    if (ending === 'kept' && !options.includeKept) return { state: 'kept' };
    if (owner === null) return { state: 'refused', reason: NO_OWNER };
    const own = proveRun(directory, owner);
    if ('refused' in own) {
      // Another cleaner takes the marks away first: that is no proof against the log.
      const isCleaned = liveClaims(directory).some(({ by }) => CLEANERS.includes(by));
      if (isCleaned && clock.now() < until) {
        await clock.sleep(LOOK_EVERY_MS);
        continue;
      }
      const isOver = endOf(readUndoLog(file).entries) === 'done';
      return isOver ? { state: 'nothing' } : { state: 'refused', reason: own.refused };
    }
    for (const entry of entries.filter(isOwner)) {
      const runner = runnerState(entry, own);
      if (runner === 'gone') continue;
      const { state, pid } = runner;
      return state === 'running' ? { state, pid } : { state, pid, host: entry.owner.host ?? null };
    }
    const claimed = claimSystem(directory, ending === 'kept' ? 'drill down' : 'drill clean');
    if ('release' in claimed) {
      try {
        return await undoAll(file, own, perform);
      } finally {
        claimed.release();
      }
    }
    const { by, owner: holder } = claimed.taken;
    const isCleaner = CLEANERS.includes(by) && clock.now() < until;
    if (!isCleaner) return { state: 'in-use', by, pid: holder.pid };
    // Two that looked at the same moment must not meet again at the next one.
    await clock.sleep(LOOK_EVERY_MS + (ownProcess().pid % LOOK_EVERY_MS));
  }
}

const OTHER_PROC =
  '/proc shows the processes of another PID namespace than that of this shell; ' +
  'mount its own (mount -t proc proc /proc), or clean up outside of it';

const NO_OWNER =
  'the first line of its undo log is damaged or missing, so that nobody knows whose it is; ' +
  'what carries the mark of a run is found without it: drill clean --orphans';

function endOf(entries: readonly UndoEntry[]): string | undefined {
  return entries.at(-1)?.undo;
}

async function undoAll(file: string, own: ProvenRun, perform: Perform): Promise<Cleaned> {
  const { entries, problems } = readUndoLog(file);
  if (endOf(entries) === 'done') return { state: 'nothing' }; // by another one, a moment ago
  const effects = distinct(entries.filter(isEffect));
  if (effects.length > EFFECTS_MAX) {
    return { state: 'refused', reason: `it has ${effects.length} entries, more than any run has` };
  }
  const undone: string[] = [];
  const failed: Effect[] = [];
  // What a torn line would have undone never took place.
  const left = problems.filter((problem) => problem !== TORN);
  for (const effect of effects.toReversed()) {
    const held = whyNot(effect, failed);
    const reasons = held === null ? await undo(effect, own, perform) : [held];
    if (reasons.length === 0) undone.push(describe(effect));
    else failed.push(effect);
    left.push(...reasons.map((reason) => `${describe(effect)}: ${reason}`));
  }
  if (left.length === 0) finishUndoLog(file);
  return { state: 'cleaned', undone, left: [...new Set(left)] };
}

/** A thing can have been deferred by more than one part; the first one stands. */
function distinct(effects: readonly Effect[]): Effect[] {
  return [
    ...new Map(effects.toReversed().map((each) => [JSON.stringify(each), each])).values(),
  ].toReversed();
}

async function undo(effect: Effect, own: ProvenRun, perform: Perform): Promise<string[]> {
  try {
    const system = provenSystem(effect, own);
    return system === 'gone' ? [] : await perform(effect, { own, system });
  } catch (error) {
    return [(error as Error).message];
  }
}
