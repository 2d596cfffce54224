// `undo.ndjson`: how to undo each effect on the machine, written and flushed before the effect
// takes place, so that `drill clean` can finish after a SIGKILL.

/**
 * The runner that owns the run; its start time tells a process from a later one with the same id.
 */
export interface RunOwner {
  readonly pid: number;
  readonly started: string;
}

export type UndoEntry =
  | { readonly undo: 'owner'; readonly run: string; readonly owner: RunOwner }
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
  /** Everything above was undone by the run itself. */
  | { readonly undo: 'done' }
  /** Everything above was left running on request. */
  | { readonly undo: 'kept' };
