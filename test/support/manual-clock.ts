// A clock that goes on when it is told to: sleepers wake in the order of their times.
import type { Clock } from '../../src/host/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class ManualClock implements Clock {
  readonly #tick_ms: number;
  #now = 0;
  #sleepers: Sleeper[] = [];

  /** `tick_ms`: passes with each look, so that no two things happen at the same time. */
  constructor(tick_ms = 0) {
    this.#tick_ms = tick_ms;
  }

  now(): number {
    return (this.#now += this.#tick_ms);
  }

  wall(): number {
    return Date.UTC(2026, 10, 22, 20, 13, 17) + this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal!.reason as Error);
      };
      const wake = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Goes on by `ms`, and lets everybody that wakes meanwhile do its work. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      await this.#wake(next);
    }
    this.#now = end;
  }

  /** Goes on by `ms` while nobody gets to run, as where the process is stopped. */
  skip(ms: number): void {
    this.#now += ms;
  }

  /** Goes on from sleeper to sleeper until the work has ended; resolves to what it comes to. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    const end = () => over.abort();
    work.then(end, end);
    await this.#wake(undefined); // what sleeps by now is not all that is about to
    while (!over.signal.aborted) await this.#wake(this.#next());
    return await work;
  }

  #next(): Sleeper | undefined {
    return this.#sleepers.reduce<Sleeper | undefined>(
      (first, each) => (first === undefined || each.at < first.at ? each : first),
      undefined,
    );
  }

  async #wake(next: Sleeper | undefined): Promise<void> {
    if (next !== undefined) {
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
