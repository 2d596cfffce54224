// Nodes that were ended one by one, and are started again when that is healed; not any more where
// their whole region is killed, for that is a fence or a loss that outranks it.
import { undoing, type Undoable } from '../../evidence/undo.ts';
import type { Clock } from '../../host/clock.ts';
import type { EndingWay, NodeState } from '../system/region.ts';

const LOOK_MS = 500;

export interface EndingParts<N> {
  /** The node of that name, which is another one after each start. */
  readonly find: (name: string) => N;
  readonly end: (node: N, how: EndingWay) => Promise<void>;
  /** Resolves once it answers; a signal that aborts leaves nothing running. */
  readonly startAgain: (name: string, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

export class EndedNodes<N extends Pick<NodeState, 'look'>> {
  readonly #parts: EndingParts<N>;
  /** Aborts when the whole region is killed. */
  readonly #killed = new AbortController();
  /** Nodes that come back now. */
  readonly #starting = new Set<Promise<void>>();

  constructor(parts: EndingParts<N>) {
    this.#parts = parts;
  }

  /** The whole region was killed. */
  get isOver(): boolean {
    return this.#killed.signal.aborted;
  }

  end(name: string, how: EndingWay): Undoable {
    const { find, end } = this.#parts;
    return {
      entry: { undo: 'ended-node', node: name, how },
      act: () => end(find(name), how),
      undo: undoing(
        async () => {
          if (this.isOver) return [];
          const { state } = await find(name).look(LOOK_MS);
          return state === 'dead' ? [] : [`the end of ${name}`];
        },
        async (isDead) => isDead && (await this.#start(name)),
      ),
    };
  }

  /** Whatever it dies of. */
  mayDie(name: string): Undoable {
    const ended = this.end(name, 'kill');
    return {
      entry: { undo: 'ended-node', node: name },
      act: async () => {},
      undo: async () => {
        await ended.undo();
        return [];
      },
    };
  }

  /** Dies now, and then so often. */
  crash(name: string, every_ms: number): Undoable {
    const first = this.end(name, 'kill');
    const over = new AbortController();
    const stopped = AbortSignal.any([over.signal, this.#killed.signal]);
    let hasFailed = false;
    let loop: Promise<void> | null = null;
    return {
      entry: first.entry,
      act: async () => {
        await first.act();
        loop ??= this.#crash(name, every_ms, stopped).catch(() => {
          hasFailed = !stopped.aborted;
        });
      },
      undo: async () => {
        over.abort();
        await loop;
        await first.undo();
        return hasFailed ? [`the crash loop of ${name}`] : [];
      },
    };
  }

  async #crash(name: string, every_ms: number, stopped: AbortSignal): Promise<void> {
    const { clock, find, end } = this.#parts;
    for (let last_ms = clock.now(); !stopped.aborted; last_ms = clock.now()) {
      await this.#start(name);
      await clock.sleep(last_ms + every_ms - clock.now(), stopped);
      await end(find(name), 'kill');
    }
  }

  async #start(name: string): Promise<void> {
    const { signal } = this.#killed;
    if (signal.aborted) return;
    const starting = this.#parts.startAgain(name, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    this.#starting.add(starting);
    await starting.finally(() => this.#starting.delete(starting));
  }

  /** What comes back at that moment is killed too. */
  async killAll(kill: () => Promise<void>): Promise<void> {
    this.#killed.abort(new Error('the region was killed'));
    const starting = [...this.#starting];
    await kill();
    if (starting.length === 0) return;
    await Promise.allSettled(starting);
    await kill();
  }
}
