// Who has, and had, each trial of a series: told in a line each time that it changes, once.
import type { Holder } from '../../queue/holders.ts';

export class ToldHolders {
  readonly #say: (text: string) => void;
  /** How often each trial was taken, as far as was told. */
  readonly #told = new Map<number, number>();
  readonly #held = new Set<number>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  get isAnyHeld(): boolean {
    return this.#held.size > 0;
  }

  /** Nobody works on it any more. */
  over(at: number): void {
    this.#held.delete(at);
  }

  /** Those who had it, and the last has it where it `isHeld`; whether that one is told just now. */
  hear(at: number, trial: string, held: readonly Holder[], isHeld: boolean): boolean {
    const over = isHeld ? held.slice(0, -1) : held;
    const told = this.#told.get(at) ?? 0;
    for (const [time, { worker, back }] of over.entries()) {
      if (time < told - 1 || (time < told && !this.#held.has(at))) continue;
      if (back === undefined) this.#say(`${trial}: the worker ${worker} was lost with it`);
      else this.#say(`${trial}: given back by ${worker}: ${back}`);
    }
    const isNew = isHeld && (held.length > told || !this.#held.has(at));
    if (isNew) this.#say(`${trial}: ${held.at(-1)!.worker} has it`);
    this.#told.set(at, held.length);
    if (isHeld) this.#held.add(at);
    else this.#held.delete(at);
    return isNew;
  }
}
