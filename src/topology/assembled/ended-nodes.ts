// Nodes that were ended one by one, and are started again when that is healed; not any more where
// their whole region is killed, for that is a fence or a loss that outranks it.
import type { Undoable } from '../../evidence/undo.ts';
import type { NodeState } from '../system/region.ts';

const LOOK_MS = 500;

interface Ending<N> {
  /** It is another one after each start. */
  readonly node: () => N;
  readonly end: (node: N) => Promise<void>;
  /** Resolves once it answers; a signal that aborts leaves nothing running. */
  readonly startAgain: (signal: AbortSignal) => Promise<void>;
}

export class EndedNodes<N extends Pick<NodeState, 'look'>> {
  /** Aborts when the whole region is killed. */
  readonly #killed = new AbortController();
  /** Nodes that come back now. */
  readonly #starting = new Set<Promise<void>>();

  end(name: string, { node, end, startAgain }: Ending<N>): Undoable {
    let gone: readonly string[] | null = null;
    return {
      entry: { undo: 'ended-node', node: name },
      act: () => end(node()),
      undo: async () => {
        if (this.#killed.signal.aborted) return [];
        const isDead = (await node().look(LOOK_MS)).state === 'dead';
        gone ??= isDead ? [] : [`the end of ${name}`];
        if (isDead) await this.#start(startAgain);
        return gone;
      },
    };
  }

  async #start(startAgain: Ending<N>['startAgain']): Promise<void> {
    const { signal } = this.#killed;
    if (signal.aborted) return;
    const starting = startAgain(signal).catch((error: unknown) => {
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
