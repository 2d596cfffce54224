// Tells the receivers of game-day files what happens: each message is in the outbox before whoever
// had it told goes on, and is sent beside. Nothing here fails or delays a drill.
import { within, type Clock } from '../../host/clock.ts';
import type { Message } from '../../evidence/message-form.ts';
import type { Happening } from '../day/happening.ts';
import type { GameDayRead } from '../read.ts';
import { messageOf, messageOfFile, type FileHappening } from './message.ts';
import { Outbox, type Stored } from './outbox.ts';
import { isWanted, receiversOf, type Sending } from './receiver.ts';
import { Sender } from './sender.ts';

export interface NotifierParts extends Sending {
  readonly runs: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly draw: () => number;
  /** The files whose receivers are told. */
  readonly reads: () => readonly GameDayRead[];
  /** What goes wrong, in a line. */
  readonly say: (text: string) => void;
}

/** A disk that takes longer is not waited for. */
const WRITE_MS = 2_000;
const LOOK_EVERY_MS = 50;

export class Notifier {
  readonly #parts: NotifierParts;
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.runs, parts.say);
    const receiver = (gameday: string, label: string) => {
      const read = this.#readOf(gameday);
      if (read === null) return null;
      return receiversOf(read.gameday).find((each) => each.label === label) ?? null;
    };
    this.#sender = new Sender({ ...parts, outbox: this.#outbox, receiver });
    this.#running = this.#sender.run(this.#stop.signal);
  }

  /** Resolves once the message is on the disk, or cannot be. Never rejects. */
  async tell(happening: Happening): Promise<void> {
    const read = this.#readOf(happening.record.name);
    if (read === null || read.gameday.notify.length === 0) return;
    const { secrets } = read.gameday;
    await this.#put(() => messageOf(happening, secrets, this.#parts.clock.wall()), read);
  }

  /** The same about a file. */
  async tellOfFile(happening: FileHappening, read: GameDayRead): Promise<void> {
    if (read.gameday.notify.length === 0) return;
    await this.#put(() => messageOfFile(happening, read, this.#parts.clock.wall()), read);
  }

  /** Sends for so long at most, then stops; resolves to what is not sent. */
  async end(atMost_ms: number, kill: AbortSignal): Promise<readonly Stored[]> {
    const { clock } = this.#parts;
    const end_ms = clock.wall() + atMost_ms;
    while (clock.wall() < end_ms && !kill.aborted) {
      const waiting = await this.#sender.waiting();
      if (waiting.every(({ entry }) => entry.next_ms > end_ms)) break;
      await clock.sleep(LOOK_EVERY_MS, kill).catch(() => {});
    }
    this.#stop.abort(new Error('nothing more is sent'));
    await this.#running;
    return await this.#sender.waiting();
  }

  #readOf(name: string): GameDayRead | null {
    return this.#parts.reads().find(({ gameday }) => gameday.name === name) ?? null;
  }

  async #put(made: () => Message, read: GameDayRead): Promise<void> {
    try {
      await this.#add(made(), read);
    } catch (error) {
      this.#parts.say(`a message of ${read.gameday.name} is lost: ${(error as Error).message}`);
    }
    this.#sender.wake();
  }

  async #add(message: Message, { gameday }: GameDayRead): Promise<void> {
    const { verdict } = message.gameday;
    const wanted = receiversOf(gameday).filter(({ notice }) => {
      return isWanted(notice, message.event, verdict);
    });
    const now_ms = this.#parts.clock.wall();
    const entries = wanted.map(({ label }) => ({
      schema: 'drill.outbox/1' as const,
      receiver: label,
      state: 'waiting' as const,
      tries: 0,
      since_ms: now_ms,
      next_ms: now_ms,
      last: null,
      message,
    }));
    const written = Promise.all(entries.map(async (entry) => await this.#outbox.add(entry)));
    const came = await within(written, WRITE_MS, null);
    if (came === null) this.#parts.say('the outbox takes long to be written; nobody waits for it');
  }
}
