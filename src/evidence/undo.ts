// `undo.ndjson`: how to undo each effect on the machine, written and flushed before the effect
// takes place, so that `drill clean` can finish after a SIGKILL.
import type { Clock } from '../host/clock.ts';
import type { OtherProcess } from '../host/process/other-process.ts';

/** The runner that owns the run. */
export type RunOwner = OtherProcess;

/** What a run does to the machine: its kind of undo, and the facts that this one needs. */
export interface Effect {
  readonly undo: string;
  readonly [fact: string]: unknown;
}

interface OwnerEntry {
  readonly undo: 'owner';
  readonly run: string;
  readonly owner: RunOwner;
}

/** The effect of this id was undone in time. What stays until the end has no id. */
interface UndoneEntry {
  readonly undo: 'undone';
  readonly id: number;
}

/** Everything above was undone by the run itself, or was left running on request. */
interface EndEntry {
  readonly undo: 'done' | 'kept';
}

export type UndoEntry = OwnerEntry | UndoneEntry | EndEntry | Effect;

export function isOwner(entry: UndoEntry): entry is OwnerEntry {
  return entry.undo === 'owner';
}

export function isUndone(entry: UndoEntry): entry is UndoneEntry {
  return entry.undo === 'undone';
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
  /** What the effect is, for people. */
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
  /** How `drill clean` undoes it. */
  readonly entry: Effect;
  /** Has the effect. Doing it twice is fine. */
  act(): Promise<void>;
  /** Ends the effect, a half one too. Doing it twice is fine. */
  undo(): Promise<void>;
}
