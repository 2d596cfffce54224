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

/** Between a look and the next one; null: it came in time. */
export function stallBetween(looked_ms: number, now_ms: number): Stall | null {
  const ms = now_ms - looked_ms - LOOK_EVERY_MS;
  return ms > STALLED_MS ? { from_ms: now_ms - ms, ms } : null;
}

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
    const stall = stallBetween(this.#last_ms, now);
    if (stall !== null) this.#stalls.push(stall);
    if (this.#stalls.length > KEPT_MAX) this.#stalls.shift();
    this.#last_ms = now;
    return this.#stalls;
  }
}
