// One connection for many questions, replaced when a question on it fails, or when it has ended by
// itself in between.

export class KeptConnection<C> {
  readonly #open: (onEnd: () => void) => Promise<C>;
  readonly #end: (connection: C) => unknown;
  #current: Promise<C> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  /** The connections that a failed question left behind. */
  #ending: Promise<unknown> = Promise.resolve();

  /**
   * `open` is called at the first question, and at the first one after a failure or after `onEnd`:
   * nobody should have to ask on a connection that is known to be gone.
   */
  constructor(open: (onEnd: () => void) => Promise<C>, end: (connection: C) => unknown) {
    this.#open = open;
    this.#end = end;
  }

  /** Questions are asked one after the other, whoever asks them. */
  ask<T>(question: (connection: C) => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => this.#ask(question));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask<T>(question: (connection: C) => Promise<T>): Promise<T> {
    const used = (this.#current ??= this.#begin());
    try {
      return await question(await used);
    } catch (error) {
      // A connection on which anything failed may still wait for an answer.
      if (this.#current === used) this.#current = null;
      this.#ending = Promise.all([this.#ending, used.then(this.#end).catch(() => {})]);
      throw error;
    }
  }

  #begin(): Promise<C> {
    const opened = this.#open(() => {
      if (this.#current === opened) this.#current = null;
    });
    return opened;
  }

  /** Resolves when no connection is left. */
  async close(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await Promise.all([this.#ending, current?.then(this.#end, () => {})]);
  }
}
