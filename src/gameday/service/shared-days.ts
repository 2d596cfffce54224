// Game days that several services share through a queue: each is sent once, whoever sees first that
// it is due, and held by one. The record goes along with the job, so that whoever is given the day
// of a service that died goes on after the last drill that it told of.
import type { DayStop, GameDayRecord } from '../../evidence/gameday-form.ts';
import { hostClock, within } from '../../host/clock.ts';
import { dayJobIn, dayQueue, type DayJob } from '../../queue/day-job.ts';
import { lostIn, type Taken } from '../../queue/holders.ts';
import type { SharedQueue } from '../../queue/queue.ts';
import { jobId } from '../../queue/trial-job.ts';
import { holding, persist } from '../../session/queue/hold.ts';
import { newRecord } from '../day/day.ts';
import { isAtWork, readDay, scheduledId, writeDay } from '../day/day-files.ts';
import { forgetMine, listMine, noteMine } from '../day/mine.ts';
import { stoppedBy } from '../day/run-day.ts';
import type { GameDayRead } from '../read.ts';
import { DaysOnDisk, type DayParts } from './days-on-disk.ts';
import type { Seen } from './schedule.ts';
import type { Days, Wanted } from './service.ts';
import { isDayOf, toldDay } from './told-day.ts';

export interface SharedParts extends DayParts {
  readonly queue: SharedQueue;
  /** What the other services know this one by. */
  readonly name: string;
  readonly say: (text: string) => void;
}

const BUSY_MS = 2_000;
const TELL_MS = 2_000;

export class SharedDays implements Days {
  readonly #parts: SharedParts;
  readonly #disk: DaysOnDisk;
  /** The day that is held now. */
  #now: {
    readonly gone: AbortSignal;
    readonly note: (record: GameDayRecord) => Promise<void>;
  } | null = null;
  #isUnsent = false;

  constructor(parts: SharedParts) {
    this.#parts = parts;
    const { hold, place } = parts;
    this.#disk = new DaysOnDisk({
      ...parts,
      hold: async (day, conditions) => {
        const { gone, note } = this.#now!;
        const interrupt = AbortSignal.any([place.interrupt, gone]);
        return await hold(day, conditions, { interrupt, onDay: note });
      },
    });
  }

  /** Known to the database alone: see `claim`. */
  isWaiting(): boolean {
    return false;
  }

  async claim(wanted: Wanted): Promise<void> {
    const { queue } = this.#parts;
    await this.#send(wanted, async (own, id) => {
      const others = (await queue.waiting(own)).filter((each) => each !== id);
      if (others.length === 0) return null;
      return { why: 'missed', text: 'the one before it was still to begin' };
    });
  }

  async miss(wanted: Wanted, text: string): Promise<void> {
    await this.#send(wanted, async () => ({ why: 'missed', text }));
  }

  async block(wanted: Wanted, text: string): Promise<void> {
    await this.#send(wanted, async () => ({ why: 'blocked', text }));
  }

  /** What could not be sent is due again for the next service here. */
  remember(seen: Seen): void {
    if (!this.#isUnsent) this.#disk.remember(seen);
  }

  async work(): Promise<'worked' | 'busy' | 'idle'> {
    const { queue, reads, place, name, say, runs } = this.#parts;
    for (const taken of listMine(runs)) {
      if (!isAtWork(runs, idOf(taken))) await this.#goOn(taken);
    }
    const found = await persist(
      async () => {
        await queue.judgeLeases();
        for (const read of reads()) {
          const taken = await queue.take(dayQueue(read.gameday.name), name);
          if (taken !== null) return { taken, read };
        }
        return null;
      },
      place.interrupt,
      say,
    );
    if (found === null) return 'idle';
    await this.#hold(found.taken, found.read);
    return 'worked';
  }

  /** Nothing where somebody has sent it before. */
  async #send(
    { read, due: { due_ms } }: Wanted,
    stopOf: (queue: string, id: string) => Promise<DayStop | null>,
  ): Promise<void> {
    const { queue, place, say, runs } = this.#parts;
    const { name } = read.gameday;
    const own = dayQueue(name);
    const day = scheduledId(name, due_ms);
    const id = jobId('gameday', day);
    const record = newRecord(read, { id: day, by: 'schedule', due_ms, runs });
    const sent = await persist(
      async () => {
        const stop = await stopOf(own, id);
        await queue.send(own, id, { schema: 'drill.day-job/1', record, stop } satisfies DayJob);
        return true;
      },
      place.interrupt,
      say,
    );
    if (sent === null) this.#isUnsent = true;
  }

  async #hold(taken: Taken, read: GameDayRead): Promise<void> {
    const { runs, clock, tell, say, name } = this.#parts;
    const job = dayJobIn(taken.body);
    if (job === null || !isDayOf(job.record, read)) {
      say(`a day of ${read.gameday.name} cannot be read by this version of drill`);
      await this.#complete(taken, null);
      return;
    }
    const lost = lostIn(taken.held.slice(0, -1));
    for (const service of lost) say(`${job.record.id}: the service ${service} was lost with it`);
    const known = readDay(runs, job.record.id);
    const told = toldDay(job.record, { read, runs, known });
    if ('problem' in told) return await this.#refuse(taken, { job, read, why: told.problem });
    const lost_services = lost.length === 0 ? {} : { lost_services: lost };
    const record = { ...told.value, service: name, ...lost_services };
    if (record.ended_at !== null) return await this.#passOver(taken, record, 'ended');
    if (job.stop !== null) {
      const { why } = job.stop;
      const event = why === 'missed' ? 'missed' : 'blocked';
      return await this.#passOver(taken, stoppedBy(job.stop, record, clock.wall()), event);
    }
    writeDay(record);
    noteMine(runs, record.id, taken);
    tell({ kind: 'claimed', record });
    await this.#carryOut(taken, record);
  }

  /** One that comes to nothing here, or had come to its end elsewhere and was not told. */
  async #passOver(
    taken: Taken,
    ended: GameDayRecord,
    event: 'missed' | 'blocked' | 'ended',
  ): Promise<void> {
    const { notify, tell } = this.#parts;
    await notify({ event, record: ended });
    if (event !== 'blocked') writeDay(ended);
    tell({ kind: 'passed over', record: ended });
    await this.#complete(taken, ended);
  }

  /** Nothing of it is believed, and it is not held: whoever is told of the day hears why. */
  async #refuse(
    taken: Taken,
    { job, read, why }: { readonly job: DayJob; readonly read: GameDayRead; readonly why: string },
  ): Promise<void> {
    const { runs, clock, name, say } = this.#parts;
    const { id, due_at } = job.record;
    const text = `its record in the database is not believed: ${why}`;
    say(`${id}: ${text}`);
    const own = newRecord(read, { id, by: 'schedule', due_ms: Date.parse(due_at), runs });
    const ended = stoppedBy({ why: 'missed', text }, { ...own, service: name }, clock.wall());
    await this.#passOver(taken, ended, 'missed');
  }

  /** One that this service, or one that was killed here, had taken. */
  async #goOn(taken: Taken): Promise<void> {
    const { queue, place, say, runs } = this.#parts;
    const record = readDay(runs, idOf(taken));
    const renew = async () => await queue.renew(taken);
    const isMine = await persist(renew, place.interrupt, say);
    if (isMine === null) return;
    if (record === null || !isMine) {
      if (record?.ended_at === null) this.#handOver(record, 'this one was not heard of');
      forgetMine(runs, idOf(taken));
    } else if (record.ended_at === null) await this.#carryOut(taken, record);
    else await this.#complete(taken, record);
  }

  async #carryOut(taken: Taken, record: GameDayRecord): Promise<void> {
    const { queue, place, say, runs } = this.#parts;
    const held = holding(taken, queue, say);
    const { note, noted } = noter(taken, this.#parts);
    this.#now = { gone: held.gone, note };
    try {
      const stop = AbortSignal.any([place.interrupt, held.gone]);
      let came = await this.#disk.hold(record);
      while (came === 'busy' && !stop.aborted) {
        await hostClock()
          .sleep(BUSY_MS, stop)
          .catch(() => {});
        came = await this.#disk.hold(record);
      }
      // Another process here has it, under the same token.
      if (came === 'not mine') return;
    } finally {
      held.end();
      this.#now = null;
    }
    await noted();
    const now = readDay(runs, record.id);
    if (now !== null && now.ended_at !== null) await this.#complete(taken, now);
    else if (held.gone.aborted) {
      this.#handOver(now ?? record, 'this one was not heard of for too long');
      forgetMine(runs, record.id);
    } else await this.#giveBack(taken, now ?? record);
  }

  async #complete(taken: Taken, record: GameDayRecord | null): Promise<void> {
    const { queue, place, say, runs } = this.#parts;
    const work = async () => await queue.complete(taken, { record });
    const isTaken = await persist(work, place.interrupt, say);
    // The next service here tells it, where the database is gone.
    if (isTaken !== null && record !== null) forgetMine(runs, record.id);
    if (isTaken === false) say(`${record?.id}: another service was given it meanwhile`);
  }

  /** It was stopped: whoever takes it goes on with it. */
  async #giveBack(taken: Taken, record: GameDayRecord): Promise<void> {
    const { queue, place, say, runs } = this.#parts;
    const work = async () => {
      await queue.giveBack(taken, 'the service was stopped');
      return true;
    };
    if ((await persist(work, place.interrupt, say)) === null) return;
    this.#handOver(record, 'this one was stopped');
    forgetMine(runs, record.id);
  }

  /** The record here ends: it goes on elsewhere, or here with what came of it there. */
  #handOver(record: GameDayRecord, why: string): void {
    const text = `another service goes on with it, since ${why}`;
    const ended = stoppedBy({ why: 'handed-over', text }, record, this.#parts.clock.wall());
    writeDay(ended);
    this.#parts.tell({ kind: 'passed over', record: ended });
  }
}

function idOf(taken: Taken): string {
  return (taken.body as DayJob).record.id;
}

/**
 * Tells the others how far it is, the newest state last. The next drill waits until they know, but
 * for no database that is gone.
 */
function noter(taken: Taken, { queue, place, say }: SharedParts) {
  let newest: GameDayRecord | null = null;
  let telling: Promise<void> = Promise.resolve();
  const tellNewest = async () => {
    const record = newest;
    newest = null;
    if (record === null) return;
    const body = { ...(taken.body as DayJob), record } satisfies DayJob;
    const work = async () => await queue.note(taken, body);
    // A database that says no keeps no drill from going on.
    await persist(work, place.interrupt, say).catch((error: Error) => say(error.message));
  };
  const note = async (record: GameDayRecord) => {
    newest = record;
    telling = telling.then(tellNewest);
    await within(telling, TELL_MS, null);
  };
  return { note, noted: async () => await telling };
}
