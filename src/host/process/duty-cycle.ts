// Processes that get only a share of the time: stopped and let go on in turns, many times a second.
// It lasts as long as this process does; whoever starts it has its undo on the disk.
import type { Clock } from '../clock.ts';
import { continueTrees, stopTrees } from './processes.ts';

/** So short that each stop is a delay, and not a standstill. */
const PERIOD_MS = 100;
/** The same of one that makes up for a machine that was too busy to stop them in time. */
const LONGEST_STOP_MS = 500;

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

  /** Each stop is as long as the time before it asks for, which is longer on a busy machine. */
  async #turn(): Promise<void> {
    const { signal } = this.#over;
    const share = this.#share;
    let ran_ms = PERIOD_MS * share;
    while (!signal.aborted) {
      stopTrees(this.#roots());
      const stop_ms = Math.min(LONGEST_STOP_MS, ran_ms * (1 / share - 1));
      await this.#clock.sleep(stop_ms, signal).catch(() => {});
      const from_ms = this.#clock.now();
      continueTrees(this.#roots());
      await this.#clock.sleep(PERIOD_MS * share, signal).catch(() => {});
      ran_ms = this.#clock.now() - from_ms;
    }
  }
}
