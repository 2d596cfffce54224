// The service: begins each game day when it is due, one at a time, and notices those that were due
// while nobody looked. A moment is given out once: its record is on the disk before the service
// notes that it has seen it, and whoever works takes the records that are open from there. So a
// service that was killed, or a second one, neither loses a day nor holds it twice.
import type { Clock } from '../../host/clock.ts';
import type { GameDayRead } from '../read.ts';
import type { Due } from '../schedule/coming.ts';
import { Schedule, type Ripe, type Seen } from './schedule.ts';

/** One of a file, to be held. */
export interface Wanted {
  readonly read: GameDayRead;
  readonly due: Due;
}

/** Whether somebody is told of it still. */
type Told = Promise<void> | void;

/** The days on the disk, and whoever holds them. */
export interface Days {
  /** Whether one of that name was claimed and not begun. */
  isWaiting(name: string): boolean;
  /** Has its record on the disk, unless it is there. */
  claim(wanted: Wanted): Told;
  /** The same for one that is not held. */
  miss(wanted: Wanted, text: string): Told;
  /** None begins then: that needs no record. */
  block(wanted: Wanted, text: string): Told;
  /** What was given out, for the next service. */
  remember(seen: Seen): void;
  /** Holds the oldest that is open. `busy`: somebody else holds one now; `idle`: none is open. */
  work(): Promise<'worked' | 'busy' | 'idle'>;
}

interface ServiceOptions {
  readonly clock: Clock;
  /** It looks at least so often: a machine may sleep, and another service die. */
  readonly lookEvery_ms: number;
}

const BUSY_MS = 2_000;

export class Service {
  readonly #days: Days;
  readonly #options: ServiceOptions;
  readonly #schedule: Schedule;
  #woken = new AbortController();

  constructor(reads: readonly GameDayRead[], seen: Seen, days: Days, options: ServiceOptions) {
    this.#days = days;
    this.#options = options;
    this.#schedule = new Schedule(reads, seen, options.clock.wall());
  }

  /** From now on these files count. */
  reload(reads: readonly GameDayRead[]): void {
    this.#schedule.load(reads, this.#options.clock.wall());
    this.#wake();
  }

  /** Until `stop` aborts, and until the day that is held then has stopped too. */
  async run(stop: AbortSignal): Promise<void> {
    const onStop = () => this.#wake();
    stop.addEventListener('abort', onStop);
    try {
      await Promise.all([this.#look(stop), this.#work(stop)]);
    } finally {
      stop.removeEventListener('abort', onStop);
    }
  }

  async #look(stop: AbortSignal): Promise<void> {
    const { clock, lookEvery_ms } = this.#options;
    while (!stop.aborted) {
      const ripe = this.#schedule.ripe(clock.wall());
      const told = this.#giveOut(ripe).filter((each) => each !== undefined);
      // What is noted as seen comes to nobody again.
      if (told.length > 0) await Promise.all(told);
      this.#days.remember(this.#schedule.seen);
      if (ripe.length > 0) this.#wake();
      const now_ms = clock.wall();
      await this.#sleep(this.#schedule.wakeAt(now_ms, lookEvery_ms) - now_ms);
    }
  }

  /** Resolve once what is to be told of them is. */
  #giveOut(ripe: readonly Ripe[]): Told[] {
    const told: Told[] = [];
    const missed = new Map<string, { last: Ripe; others: number }>();
    for (const one of ripe) {
      const { name } = one.read.gameday;
      if (one.standing === 'blocked') told.push(this.#days.block(one, one.due.blocked!));
      else if (one.standing === 'due') told.push(this.#want(one));
      else missed.set(name, { last: one, others: (missed.get(name)?.others ?? -1) + 1 });
    }
    for (const { last, others } of missed.values()) told.push(this.#giveOutMissed(last, others));
    return told;
  }

  /** Of several, the last one stands for all. */
  #giveOutMissed(last: Ripe, others: number): Told {
    const before = others === 0 ? '' : `, nor for ${others} before it`;
    const { if_missed } = last.read.gameday;
    if (if_missed === 'run') return this.#want(last);
    if (if_missed === 'skip') return;
    return this.#days.miss(last, `no service ran when it was due${before}`);
  }

  #want(wanted: Wanted): Told {
    if (!this.#days.isWaiting(wanted.read.gameday.name)) return this.#days.claim(wanted);
    return this.#days.miss(wanted, 'the one before it was still to begin');
  }

  async #work(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const before = this.#woken;
      const came = await this.#days.work();
      // What was claimed meanwhile must not wait for the next look.
      if (came === 'worked' || this.#woken !== before) continue;
      await this.#sleep(came === 'busy' ? BUSY_MS : this.#options.lookEvery_ms);
    }
  }

  #wake(): void {
    this.#woken.abort();
    this.#woken = new AbortController();
  }

  async #sleep(ms: number): Promise<void> {
    await this.#options.clock.sleep(Math.max(0, ms), this.#woken.signal).catch(() => {});
  }
}
