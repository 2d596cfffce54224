// `undo.ndjson`: how to undo each effect on the machine, written and flushed before the effect
// takes place, so that `drill clean` can finish after a SIGKILL.
import { readFileSync, truncateSync } from 'node:fs';
import type { Clock } from '../host/clock.ts';
import type { OtherProcess } from '../host/process/processes.ts';
import { LineWriter, readLines } from './lines.ts';

/** What a run does to the machine: its kind of undo, and the facts that this one needs. */
export interface Effect {
  readonly undo: string;
  readonly [fact: string]: unknown;
}

interface OwnerEntry {
  readonly undo: 'owner';
  readonly run: string;
  readonly owner: OtherProcess;
}

export type UndoEntry =
  | OwnerEntry
  /** The effect of this id was undone in time. What stays until the end has no id. */
  | { readonly undo: 'undone'; readonly id: number }
  /** Everything above was undone by the run itself, or was left running on request. */
  | { readonly undo: 'done' | 'kept' }
  | Effect;

export function isOwner(entry: UndoEntry): entry is OwnerEntry {
  return entry.undo === 'owner';
}

/** Whether the entry is an effect; else it only says something of the run. */
export function isEffect(entry: UndoEntry): entry is Effect {
  return !['owner', 'undone', 'done', 'kept'].includes(entry.undo);
}

export interface UndoSurroundings {
  readonly clock: Clock;
  /** The runner's own, such as for the certificates of a docker engine that wants some. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * How effects of one kind are undone by somebody who knows no more than the entry. It can be done
 * twice, and nothing is touched that does not carry the run's mark.
 */
export interface UndoKind<E extends Effect = Effect> {
  readonly undo: E['undo'];
  describe(effect: E): string;
  /** Resolves to what could not be undone, each in words; empty when nothing is left. */
  perform(effect: E, surroundings: UndoSurroundings): Promise<string[]>;
  /** How long it may take; 10 s if not said otherwise. */
  readonly atMost_ms?: number;
  /** What must stay on the disk until the effect is undone. */
  keeps?(effect: E): string;
}

/** An effect on a living system, prepared and not yet there. */
export interface Undoable {
  readonly entry: Effect;
  /** Has the effect. Doing it twice is fine. */
  act(): Promise<void>;
  /**
   * Ends the effect, a half one too. Doing it twice is fine. Resolves to what of it was not there
   * any more when that was first tried, each in words: somebody else has ended it.
   */
  undo(): Promise<readonly string[]>;
}

/** An entry is on the disk before `append` returns: what it undoes may happen next. */
export function createUndoLog(file: string): LineWriter<UndoEntry> {
  return new LineWriter(file, { sync: true });
}

/** Says that everything in the log is undone; a torn last line, which undoes nothing, goes. */
export function finishUndoLog(file: string): void {
  truncateSync(file, readFileSync(file).lastIndexOf('\n') + 1);
  const log = createUndoLog(file);
  log.append({ undo: 'done' });
  log.close();
}

/**
 * The entries in the order of their effects, to be undone in reverse; what was undone in time is
 * not among them. A torn last line is an effect that never took place, but a problem all the same.
 */
export function readUndoLog(file: string) {
  const { values, problems } = readLines<UndoEntry>(file, 'an undo entry', (value) => {
    return typeof (value as Partial<UndoEntry> | null)?.undo === 'string';
  });
  const undone = new Set<unknown>();
  for (const entry of values) if (entry.undo === 'undone') undone.add(entry['id']);
  const entries = values.filter((entry) => !('id' in entry && undone.has(entry.id)));
  return { entries, problems };
}
