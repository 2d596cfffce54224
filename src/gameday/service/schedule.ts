// Which game days of several files are due now, and which were while nobody looked. Each moment is
// given out once. Pure but for what it remembers.
import type { GameDayRead } from '../read.ts';
import { comingOf, type Due } from '../schedule/coming.ts';

/** Until when the moments of each game day were given out: milliseconds since 1970, by name. */
export type Seen = Readonly<Record<string, number>>;

export interface Ripe {
  readonly read: GameDayRead;
  readonly due: Due;
  /** missed: it should have begun so long ago that nobody can have looked then. */
  readonly standing: 'due' | 'blocked' | 'missed';
}

/** A service that runs looks at least so often; what is later was missed. */
const GRACE_MS = 90_000;

export class Schedule {
  readonly #seen = new Map<string, number>();
  #upcoming: readonly Upcoming[] = [];

  /** What is not in `seen` is new: nothing of it was missed. */
  constructor(reads: readonly GameDayRead[], seen: Seen, now_ms: number) {
    for (const [name, ms] of Object.entries(seen)) this.#seen.set(name, ms);
    this.load(reads, now_ms);
  }

  /** From now on these files count. */
  load(reads: readonly GameDayRead[], now_ms: number): void {
    this.#upcoming = reads.map((read) => {
      const seen_ms = this.#seen.get(read.gameday.name) ?? now_ms;
      // Seen far ahead, by a clock that was wrong then: nothing would come for so long.
      return new Upcoming(read, Math.min(seen_ms, now_ms + GRACE_MS));
    });
  }

  get seen(): Seen {
    return Object.fromEntries(this.#seen);
  }

  /** What is to begin by now, or was to; the earliest first. */
  ripe(now_ms: number): Ripe[] {
    const found = this.#upcoming.flatMap((each) => {
      const ripe = each.takeRipe(now_ms);
      this.#seen.set(each.read.gameday.name, each.seen_ms);
      return ripe.map((due) => ({ read: each.read, due, standing: standingOf(due, now_ms) }));
    });
    return found.toSorted((one, other) => one.due.at_ms - other.due.at_ms);
  }

  /** When to look again: no later than the next moment, or than `most_ms` from now. */
  wakeAt(now_ms: number, most_ms: number): number {
    return Math.min(now_ms + most_ms, ...this.#upcoming.map((each) => each.nextAt()));
  }
}

/** The moments of one file, in their order; the jitter has them begin in another. */
class Upcoming {
  readonly read: GameDayRead;
  /** All that was due until then was given out. */
  seen_ms: number;
  readonly #coming: Iterator<Due>;
  /** Not given out yet; the last one is due later than anybody has looked. */
  #pending: Due[] = [];
  #isOver = false;

  constructor(read: GameDayRead, seen_ms: number) {
    this.read = read;
    this.seen_ms = seen_ms;
    this.#coming = comingOf(read.gameday, { after_ms: seen_ms, until_ms: Infinity });
    this.#pull();
  }

  takeRipe(now_ms: number): Due[] {
    while (!this.#isOver && this.#pending.at(-1)!.due_ms <= now_ms) this.#pull();
    const ripe = this.#pending.filter(({ at_ms }) => at_ms <= now_ms);
    this.#pending = this.#pending.filter(({ at_ms }) => at_ms > now_ms);
    const [first] = this.#pending;
    const until_ms = Math.min(now_ms, (first?.due_ms ?? Infinity) - 1);
    this.seen_ms = Math.max(this.seen_ms, until_ms);
    return ripe;
  }

  nextAt(): number {
    return Math.min(...this.#pending.map(({ at_ms }) => at_ms));
  }

  #pull(): void {
    const next = this.#coming.next();
    if (next.done === true) this.#isOver = true;
    else this.#pending.push(next.value);
  }
}

function standingOf({ at_ms, blocked }: Due, now_ms: number): Ripe['standing'] {
  if (blocked !== null) return 'blocked';
  return now_ms - at_ms > GRACE_MS ? 'missed' : 'due';
}
