// What a run has done to the machine and how to undo it. The undo stands on disk before the effect
// takes place, and undos run in exact reverse, each with its own time limit, none abandoned because
// another failed.
import type { HealEntry, UndoEntry } from '../evidence/undo.ts';
import type { Clock } from '../host/clock.ts';

/** Appends to `undo.ndjson` and flushes it to the disk before it returns. */
export interface UndoLog {
  append(entry: UndoEntry): void;
}

interface Deferred {
  readonly entry: UndoEntry;
  readonly undo: () => Promise<void>;
}

const UNDO_AT_MOST_MS = 10_000;
const LONGER_MS: Readonly<Partial<Record<UndoEntry['undo'], number>>> = {
  // It is started once more and stopped, to free its shared memory.
  database: 40_000,
  // A busy engine takes its time to remove what it runs.
  compose: 40_000,
};

export class Scope {
  readonly #log: UndoLog;
  readonly #clock: Clock;
  readonly #deferred: Deferred[] = [];
  #isClosed = false;
  #lastId = 0;

  constructor(log: UndoLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Call it before the effect. Once `undo` is called it must cope with an effect that never
   * happened.
   */
  async defer(entry: UndoEntry, undo: () => Promise<void>): Promise<void> {
    this.#append({ entry, undo });
    await Promise.resolve();
  }

  /**
   * As `defer`, for what can be healed before the end. Resolves to what heals it now: where that is
   * done the entry is struck off, in the log too; where it fails the end tries once more.
   */
  async deferHeal(entry: HealEntry, heal: () => Promise<void>): Promise<() => Promise<void>> {
    const id = ++this.#lastId;
    const deferred: Deferred = { entry: { ...entry, id }, undo: heal };
    this.#append(deferred);
    return await Promise.resolve(async () => {
      await heal();
      const at = this.#deferred.indexOf(deferred);
      if (at < 0) return; // the end was there first
      this.#deferred.splice(at, 1);
      this.#log.append({ undo: 'undone', id });
    });
  }

  #append(deferred: Deferred): void {
    if (this.#isClosed) throw new Error('the run is over: nothing more is created');
    this.#log.append(deferred.entry);
    this.#deferred.push(deferred);
  }

  /**
   * Undoes everything; resolves to what could not be undone, in words. `kill` stops the waiting.
   */
  async close(kill: AbortSignal): Promise<string[]> {
    this.#isClosed = true;
    const left: string[] = [];
    const failed: UndoEntry[] = [];
    for (let deferred = this.#deferred.pop(); deferred; deferred = this.#deferred.pop()) {
      const { entry } = deferred;
      const problem = kill.aborted
        ? 'not undone, the clean-up was stopped'
        : (whyNot(entry, failed) ?? (await this.#undo(deferred, kill)));
      if (problem === null) continue;
      failed.push(entry);
      left.push(`${describe(entry)}: ${problem}`);
    }
    if (left.length === 0) this.#log.append({ undo: 'done' });
    return [...new Set(left)]; // a thing can have been deferred by more than one part
  }

  /** Leaves everything as it is, and says so in the log. */
  abandon(): void {
    this.#isClosed = true;
    this.#deferred.length = 0;
    this.#log.append({ undo: 'kept' });
  }

  /** Null when it is undone, else why not. */
  async #undo({ entry, undo }: Deferred, kill: AbortSignal): Promise<string | null> {
    const atMost_ms = LONGER_MS[entry.undo] ?? UNDO_AT_MOST_MS;
    const done = new AbortController();
    const limit = AbortSignal.any([done.signal, kill]);
    const tooLong = this.#clock.sleep(atMost_ms, limit).then(
      () => `not undone within ${atMost_ms / 1000} s`,
      () => (kill.aborted ? 'not undone, the clean-up was stopped' : null),
    );
    const undone = undo().then(
      () => null,
      (error: Error) => error.message,
    );
    const problem = await Promise.race([undone, tooLong]);
    done.abort();
    return problem;
  }
}

/**
 * Why an entry may not be undone after others have failed: with its data directory a database loses
 * the only thing that its shared memory can be freed with. Null when it may.
 */
export function whyNot(entry: UndoEntry, failed: readonly UndoEntry[]): string | null {
  if (entry.undo !== 'directory') return null;
  const isBelow = (other: UndoEntry) =>
    other.undo === 'database' && other.data.startsWith(`${entry.path}/`);
  return failed.some(isBelow) ? 'kept for the database in it, which could not be cleaned' : null;
}

/** What an undo entry is about, for people. */
export function describe(entry: UndoEntry): string {
  switch (entry.undo) {
    case 'owner':
      return `run ${entry.run}`;
    case 'processes':
      return `processes of run ${entry.run}`;
    case 'database':
      return `database ${entry.data}`;
    case 'directory':
      return `directory ${entry.path}`;
    case 'compose':
      return `containers of run ${entry.run}`;
    case 'toxics':
      return `toxics ${entry.toxics.join(', ')}`;
    case 'stopped-processes':
      return `${entry.processes.length} stopped processes`;
    case 'paused-containers':
      return `${entry.containers.length} paused containers`;
    case 'archive-command':
      return `the archive command of ${entry.node}`;
    case 'undone':
    case 'done':
    case 'kept':
      return entry.undo;
  }
}
