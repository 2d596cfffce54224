// What a run has done to the machine and how to undo it. The undo stands on disk before the effect
// takes place, and undos run in exact reverse, each with its own time limit, none abandoned because
// another failed.
import type { Effect, UndoEntry } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import { undoKindOf, undoLimitMs } from '../../topology/undo.ts';

/** Appends to `undo.ndjson` and flushes it to the disk before it returns. */
export interface UndoLog {
  append(entry: UndoEntry): void;
}

interface Deferred {
  readonly effect: Effect;
  readonly undo: () => Promise<unknown>;
}

export class Scope {
  readonly #log: UndoLog;
  readonly #clock: Clock;
  readonly #own: string;
  readonly #deferred: Deferred[] = [];
  #isClosed = false;
  #lastId = 0;

  /** `own`: the directory of the run, by which a system of its own is known. */
  constructor(log: UndoLog, clock: Clock, own: string) {
    this.#log = log;
    this.#clock = clock;
    this.#own = own;
  }

  /**
   * Call it before the effect. Once `undo` is called it must cope with an effect that never
   * happened.
   */
  async defer(effect: Effect, undo: () => Promise<void>): Promise<void> {
    this.#append({ effect, undo });
    await Promise.resolve();
  }

  /**
   * As `defer`, for what can be healed before the end. Resolves to what heals it now: where that is
   * done the entry is struck off, in the log too; where it fails the end tries once more.
   */
  async deferHeal<T>(effect: Effect, heal: () => Promise<T>): Promise<() => Promise<T>> {
    const id = ++this.#lastId;
    let healing: Promise<T> | null = null;
    // Nothing is undone twice at a time: the end waits for the heal that is under way.
    const undo = () => (healing ??= heal().finally(() => (healing = null)));
    const deferred: Deferred = { effect: { ...effect, id }, undo };
    this.#append(deferred);
    return await Promise.resolve(async () => {
      const found = await undo();
      const at = this.#deferred.indexOf(deferred);
      if (at < 0) return found; // the end was there first
      this.#deferred.splice(at, 1);
      this.#log.append({ undo: 'undone', id });
      return found;
    });
  }

  #append(deferred: Deferred): void {
    if (this.#isClosed) throw new Error('the run is over: nothing more is created');
    this.#log.append(deferred.effect);
    this.#deferred.push(deferred);
  }

  /**
   * Undoes everything; resolves to what could not be undone, in words. `kill` stops the waiting.
   */
  async close(kill: AbortSignal): Promise<string[]> {
    this.#isClosed = true;
    const left: string[] = [];
    const inSystem: string[] = [];
    const failed: Effect[] = [];
    for (let deferred = this.#deferred.pop(); deferred; deferred = this.#deferred.pop()) {
      const { effect } = deferred;
      const problem = kill.aborted
        ? 'not undone, the clean-up was stopped'
        : (whyNot(effect, failed) ?? (await this.#undo(deferred, kill)));
      if (problem === null) continue;
      const words = `${describe(effect)}: ${problem}`;
      if (this.#goesWithSystem(effect)) {
        inSystem.push(words);
        continue;
      }
      failed.push(effect);
      left.push(words);
    }
    // Nothing of these is left where the system itself is gone.
    if (failed.length > 0) left.push(...inSystem);
    if (left.length === 0) this.#log.append({ undo: 'done' });
    return [...new Set(left)]; // a thing can have been deferred by more than one part
  }

  #goesWithSystem(effect: Effect): boolean {
    return undoKindOf(effect).goesWithSystem === true && effect['system'] === this.#own;
  }

  /** Leaves everything as it is, and says so in the log. */
  abandon(): void {
    this.#isClosed = true;
    this.#deferred.length = 0;
    this.#log.append({ undo: 'kept' });
  }

  /** Null when it is undone, else why not. */
  async #undo({ effect, undo }: Deferred, kill: AbortSignal): Promise<string | null> {
    const atMost_ms = undoLimitMs(effect);
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
 * Why an effect may not be undone after others have failed; null when it may. The scratch directory
 * shows whose the log is, and holds what shared memory is freed with.
 */
export function whyNot(effect: Effect, failed: readonly Effect[]): string | null {
  const [first] = failed;
  if (effect.undo !== 'directory' || first === undefined) return null;
  return `kept until the rest is undone (${first.undo})`;
}

/** What the undo of an entry is about, for people; of an entry that cannot be read, its kind. */
export function describe(effect: Effect): string {
  const kind = undoKindOf(effect);
  return kind.facts.safeParse(effect).success ? kind.describe(effect) : `an entry ${effect.undo}`;
}
