// Processes that get only a share of the time: stopped and let go on in turns, many times a second.
// It lasts as long as this process does; whoever starts it has its undo on the disk.
import type { Clock } from '../clock.ts';
import { continueTrees, stopTrees } from './processes.ts';

/** So short that each stop is a delay, and not a standstill. */
const PERIOD_MS = 100;

export class DutyCycle {
  readonly #over = new AbortController();
  #turning: Promise<void> | null = null;
  readonly #roots: () => readonly number[];
  readonly #share: number;
  readonly #clock: Clock;

  /** `roots` are the trees' first processes at each turn. */
  constructor(roots: () => readonly number[], share: number, clock: Clock) {
    this.#roots = roots;
    this.#share = share;
    this.#clock = clock;
  }

  start(): void {
    this.#turning ??= this.#turn();
  }

  /** Everything goes on, also what was never stopped here. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#turning;
    continueTrees(this.#roots());
  }

  async #turn(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      stopTrees(this.#roots());
      await this.#clock.sleep(PERIOD_MS * (1 - this.#share), signal).catch(() => {});
      continueTrees(this.#roots());
      await this.#clock.sleep(PERIOD_MS * this.#share, signal).catch(() => {});
    }
  }
}
