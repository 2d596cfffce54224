// The ids of rows, as they are read from a database.

import type { OrderId } from '../../evidence/mistake.ts';

const SEQUENCES = 2 ** 32;

/** A set of ids; an id that is there twice counts once. */
export class Ids {
  readonly #keys = new Set<number>();

  add({ writer, sequence }: OrderId): void {
    this.#keys.add(writer * SEQUENCES + sequence);
  }

  /** Those that the other set lacks. */
  without(other: Ids): OrderId[] {
    const keys = [...this.#keys].filter((key) => !other.#keys.has(key));
    return keys.map((key) => {
      return { writer: Math.floor(key / SEQUENCES), sequence: key % SEQUENCES };
    });
  }
}
