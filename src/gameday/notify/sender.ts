// Sends what waits in the outbox, beside whatever else goes on: to each receiver one message at a
// time, to all of them at once. What fails is tried again later, also by the next process.
import type { Clock } from '../../host/clock.ts';
import type { Locked } from '../../host/lock.ts';
import { deliver } from './deliver.ts';
import type { Outbox, Stored } from './outbox.ts';
import type { Answer, Receiver, Sending } from './receiver.ts';
import { nextTry, PATIENCE_MS } from './retry.ts';

export interface SenderParts extends Sending {
  readonly outbox: Outbox;
  /** Of the game day of that name, as its file is now; null: it is not this process's to send. */
  readonly receiver: (gameday: string, label: string) => Receiver | null;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly draw: () => number;
  /** What went wrong, in a line. */
  readonly say: (text: string) => void;
}

/** Other processes leave messages too. */
const LOOK_EVERY_MS = 15_000;
const TAKEN_MS = 1_000;

export class Sender {
  readonly #parts: SenderParts;
  /** Receivers that something is sent to now. */
  readonly #busy = new Map<string, Promise<void>>();
  #woken = new AbortController();
  #said = '';

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Until `stop` aborts. What is under way then is left as if it was not tried. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, outbox } = this.#parts;
    const onStop = () => this.wake();
    stop.addEventListener('abort', onStop);
    await outbox.sweep(clock.wall()).catch(() => {});
    while (!stop.aborted) {
      const woken = this.#woken;
      const next_ms = await this.#look(stop);
      await clock.sleep(next_ms - clock.wall(), woken.signal).catch(() => {});
    }
    stop.removeEventListener('abort', onStop);
    await Promise.all(this.#busy.values());
  }

  /** There may be something to send. */
  wake(): void {
    this.#woken.abort();
    this.#woken = new AbortController();
  }

  /** Those that this process can send, with the time of their next try. */
  async waiting(): Promise<Stored[]> {
    const { outbox } = this.#parts;
    try {
      const all = await outbox.list();
      return all.filter((each) => each.entry.state === 'waiting' && this.#receiverOf(each));
    } catch (error) {
      this.#tell(`the outbox cannot be read: ${(error as Error).message}`);
      return [];
    }
  }

  /** Begins what is due; resolves to when to look again. */
  async #look(stop: AbortSignal): Promise<number> {
    const now_ms = this.#parts.clock.wall();
    let next_ms = now_ms + LOOK_EVERY_MS;
    const due = new Map<string, Stored[]>();
    for (const each of await this.waiting()) {
      const key = `${each.entry.message.gameday.name}\n${each.entry.receiver}`;
      if (this.#busy.has(key)) continue;
      if (isDue(each, now_ms)) due.set(key, [...(due.get(key) ?? []), each]);
      else next_ms = Math.min(next_ms, each.entry.next_ms);
    }
    for (const [key, messages] of due) this.#begin(key, messages, stop);
    return next_ms;
  }

  #begin(key: string, messages: readonly Stored[], stop: AbortSignal): void {
    const { clock } = this.#parts;
    const sending = (async () => {
      for (const each of messages) {
        if (stop.aborted) return;
        const came = await this.#attempt(each, stop);
        if (came === 'taken') await clock.sleep(TAKEN_MS, stop).catch(() => {});
      }
    })();
    // Nothing of this may end the process, in which a drill runs.
    const told = sending.catch(async (error: Error) => {
      this.#tell(`messages to ${messages[0]!.entry.receiver}: ${error.message}`);
      await clock.sleep(LOOK_EVERY_MS, stop).catch(() => {});
    });
    const over = told.finally(() => {
      this.#busy.delete(key);
      this.wake();
    });
    this.#busy.set(key, over);
  }

  /** `taken`: another process sends to this receiver. */
  async #attempt(stored: Stored, stop: AbortSignal): Promise<'tried' | 'taken'> {
    const { outbox, clock, directory, environment } = this.#parts;
    const lock = this.#lock(stored);
    if ('taken' in lock) return 'taken';
    try {
      // Another process may have sent it meanwhile.
      const entry = await outbox.read(stored.file);
      const receiver = this.#receiverOf(stored);
      if (entry === null || receiver === null || entry.state !== 'waiting') return 'tried';
      if (!isDue({ ...stored, entry }, clock.wall())) return 'tried';
      const answer = await deliver(receiver, entry.message, {
        clock,
        directory,
        environment,
        number: entry.tries + 1,
        signal: stop,
        logFile: () => outbox.commandLog(),
      });
      await this.#note({ ...stored, entry }, answer);
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      lock.release();
    }
    return 'tried';
  }

  /** Where the disk takes no lock, two may send the same: it is told from another by its id. */
  #lock(stored: Stored): Locked {
    try {
      return this.#parts.outbox.lock(stored);
    } catch {
      return { release: () => {} };
    }
  }

  async #note({ file, entry }: Stored, answer: Answer): Promise<void> {
    const { outbox, clock, draw } = this.#parts;
    const tries = entry.tries + 1;
    const tried = { ...entry, tries, last: answer.why };
    const now_ms = clock.wall();
    const retry = { tries, since_ms: entry.since_ms, now_ms, drawn: draw() };
    const next_ms = answer.kind === 'failed' ? nextTry({ ...retry, ...answer }) : null;
    const state = answer.kind === 'taken' ? 'sent' : next_ms === null ? 'given up' : 'waiting';
    const noted: Pick<Stored, 'file' | 'entry'> = {
      file,
      entry: { ...tried, state, next_ms: next_ms ?? now_ms },
    };
    await outbox.update(noted);
    if (state === 'sent') return;
    const { receiver, message } = entry;
    if (state === 'given up') this.#tell(`${message.id} to ${receiver} is given up: ${answer.why}`);
    else if (tries === 1)
      this.#tell(`${message.id} to ${receiver}: ${answer.why}; it is tried again`);
  }

  #receiverOf({ entry }: Stored): Receiver | null {
    return this.#parts.receiver(entry.message.gameday.name, entry.receiver);
  }

  /** The same once. */
  #tell(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#parts.say(text);
  }
}

/** Also where its time was noted by a clock that was far ahead. */
function isDue({ entry: { next_ms } }: Stored, now_ms: number): boolean {
  return next_ms <= now_ms || next_ms > now_ms + PATIENCE_MS;
}
