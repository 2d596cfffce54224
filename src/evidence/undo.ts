// `undo.ndjson`: how to undo each effect on the machine, written and flushed before the effect
// takes place, so that `drill clean` can finish after a SIGKILL.
import type { OtherProcess } from '../host/process/other-process.ts';

/** The runner that owns the run. */
export type RunOwner = OtherProcess;

/** What a fault did to a system that lives; healed from the log alone. */
export type HealEntry =
  /** Toxics of these names, which no other disturbance has, on a proxy server's proxies. */
  | { readonly undo: 'toxics'; readonly url: string; readonly toxics: readonly string[] }
  /** Processes that were stopped by SIGSTOP, with everything below them. */
  | { readonly undo: 'stopped-processes'; readonly processes: readonly OtherProcess[] }
  /** Containers that were paused, by their ids, at this docker engine. */
  | {
      readonly undo: 'paused-containers';
      readonly docker: string;
      readonly containers: readonly string[];
    }
  /**
   * The archive command of a primary. How to reach it stands in `system.json` of the run directory
   * of its system; a system without that file goes down with its run.
   */
  | { readonly undo: 'archive-command'; readonly directory: string; readonly node: string };

/** `id`: what a line `undone` refers to; absent where nothing is undone before the end. */
export type UndoEntry =
  | { readonly undo: 'owner'; readonly run: string; readonly owner: RunOwner }
  | (HealEntry & { readonly id: number })
  /**
   * Every process with the run's mark in its environment or its working directory below
   * `directory`.
   */
  | { readonly undo: 'processes'; readonly run: string; readonly directory: string }
  /**
   * A PostgreSQL data directory: its shared memory goes with a start and a stop before it is
   * deleted.
   */
  | {
      readonly undo: 'database';
      readonly data: string;
      readonly bin: string;
      readonly uid: number | null;
    }
  | { readonly undo: 'directory'; readonly path: string }
  /** Containers, networks and volumes that carry the run's label, at this docker engine. */
  | { readonly undo: 'compose'; readonly run: string; readonly docker: string }
  /** The entry of this id was undone in time. */
  | { readonly undo: 'undone'; readonly id: number }
  /** Everything above was undone by the run itself. */
  | { readonly undo: 'done' }
  /** Everything above was left running on request. */
  | { readonly undo: 'kept' };

/** An effect on a living system, prepared and not yet there. */
export interface Undoable {
  /** How `drill clean` undoes it. */
  readonly entry: HealEntry;
  /** Has the effect. Doing it twice is fine. */
  act(): Promise<void>;
  /** Ends the effect, a half one too. Doing it twice is fine. */
  undo(): Promise<void>;
}
