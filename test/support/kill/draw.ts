// What is drawn for one kill: the same seed and number draw the same drill and the same moment.
import { mix32, randomStream } from '../../../src/base/random.ts';

export class Draw {
  readonly #next: () => number;

  constructor(seed: number, ...numbers: readonly number[]) {
    this.#next = randomStream(mix32(seed, ...numbers));
  }

  share(): number {
    return this.#next();
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** From `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#next() * all.length)]!;
  }

  /** All of them, in an order that is drawn. */
  shuffled<T>(all: readonly T[]): T[] {
    const keyed = all.map((each) => [this.#next(), each] as const);
    return keyed.toSorted(([one], [other]) => one - other).map(([, each]) => each);
  }
}
