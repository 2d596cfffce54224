// One connection for many questions, replaced when a question on it fails.

export class KeptConnection<C> {
  readonly #open: () => Promise<C>;
  readonly #end: (connection: C) => unknown;
  #current: Promise<C> | null = null;

  /** `open` is called at the first question, and at the first one after a failure. */
  constructor(open: () => Promise<C>, end: (connection: C) => unknown) {
    this.#open = open;
    this.#end = end;
  }

  async ask<T>(question: (connection: C) => Promise<T>): Promise<T> {
    this.#current ??= this.#open();
    const used = this.#current;
    try {
      return await question(await used);
    } catch (error) {
      // A connection on which anything failed may still wait for an answer.
      if (this.#current === used) this.#current = null;
      void used.then(this.#end, () => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.then(this.#end, () => {});
  }
}
