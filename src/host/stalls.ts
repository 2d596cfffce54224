// Notices when a process did not get to run: stopped, starved, or kept busy by one piece of work.
// Whoever watches looks often; a look that comes too late shows it, the first one after it.

export interface Stall {
  /** On the clock of whoever looked. */
  readonly from_ms: number;
  readonly ms: number;
}

/** How often to look. */
export const LOOK_EVERY_MS = 50;
/** A pause of a busy machine is shorter. */
export const STALLED_MS = 250;
const KEPT_MAX = 1_000;

export class StallWatch {
  readonly #now: () => number;
  readonly #stalls: Stall[] = [];
  #last_ms: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#last_ms = now();
  }

  /** All stalls so far, the oldest first. */
  look(): readonly Stall[] {
    const now = this.#now();
    const ms = now - this.#last_ms - LOOK_EVERY_MS;
    if (ms > STALLED_MS) this.#stalls.push({ from_ms: now - ms, ms });
    if (this.#stalls.length > KEPT_MAX) this.#stalls.shift();
    this.#last_ms = now;
    return this.#stalls;
  }
}
