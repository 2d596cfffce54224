// The game days of a service: their records on the disk, of which the oldest open one is held.
import { join } from 'node:path';
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import type { Clock } from '../../host/clock.ts';
import { writeDurably } from '../../host/durable.ts';
import { makeDirectories } from '../../host/files.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import type { Surroundings } from '../../session/session.ts';
import { drillsAgain, newRecord } from '../day/day.ts';
import {
  claimDay,
  forgetDay,
  gameDayFolder,
  isAtWork,
  listDays,
  readDay,
  scheduledId,
  writeDay,
} from '../day/day-files.ts';
import { howItEnded, type Happening } from '../day/happening.ts';
import type { Conditions, NotHeld } from '../day/hold-day.ts';
import { stoppedBy, type Day, type DaySession } from '../day/run-day.ts';
import type { GameDayRead } from '../read.ts';
import { blockOf } from '../schedule/coming.ts';
import type { Seen } from './schedule.ts';
import type { Days, Wanted } from './service.ts';

/** What became of a day, for whoever is told. */
export interface DayNotice {
  readonly kind: 'claimed' | 'ended' | 'passed over';
  readonly record: GameDayRecord;
}

export interface DayParts {
  readonly runs: string;
  readonly clock: Pick<Clock, 'wall'>;
  readonly place: Pick<Surroundings, 'directory' | 'environment' | 'interrupt'>;
  /** The files that are served now. */
  readonly reads: () => readonly GameDayRead[];
  /**
   * Reads the file of a day that was begun and that no file here is of, so that its receivers are
   * told what comes of it; null where it cannot be read.
   */
  readonly adopt: (record: GameDayRecord) => Promise<GameDayRead | null>;
  readonly hold: (
    day: Day,
    conditions: Conditions,
    own?: Pick<DaySession, 'interrupt' | 'onDay'>,
  ) => Promise<GameDayRecord | NotHeld>;
  readonly tell: (notice: DayNotice) => void;
  /** Told before the disk says so; never rejects. */
  readonly notify: (happening: Happening) => Promise<void>;
}

const SEEN_BYTES = 2 ** 20;
const NOTHING_ASKED: Conditions = { preconditions: [], approve: undefined, secrets: [] };

export class DaysOnDisk implements Days {
  readonly #parts: DayParts;
  #told = '';

  constructor(parts: DayParts) {
    this.#parts = parts;
  }

  isWaiting(name: string): boolean {
    return this.#open().some((record) => record.name === name && record.began_at === null);
  }

  claim(wanted: Wanted): void {
    const record = this.#recordOf(wanted);
    if (claimDay(record)) this.#parts.tell({ kind: 'claimed', record });
  }

  async miss(wanted: Wanted, text: string): Promise<void> {
    const record = this.#ended(this.#recordOf(wanted), { why: 'missed', text });
    const known = readDay(record.runs, record.id);
    if (known !== null && known.stop?.why !== 'missed') return; // somebody else has it
    await this.#parts.notify(howItEnded(record));
    if (claimDay(record)) this.#parts.tell({ kind: 'passed over', record });
  }

  async block(wanted: Wanted, text: string): Promise<void> {
    const record = this.#ended(this.#recordOf(wanted), { why: 'blocked', text });
    await this.#parts.notify(howItEnded(record));
    this.#parts.tell({ kind: 'passed over', record });
  }

  remember(seen: Seen): void {
    const text = `${JSON.stringify({ schema: 'drill.gameday-service/1', seen })}\n`;
    if (text === this.#told) return;
    const folder = gameDayFolder(this.#parts.runs);
    makeDirectories(folder);
    writeDurably(seenFile(this.#parts.runs), text, { mode: 0o600 });
    this.#told = text;
  }

  async work(): Promise<'worked' | 'busy' | 'idle'> {
    for (const record of this.#open()) {
      const came = await this.hold(record);
      if (came !== 'not mine') return came;
    }
    return 'idle';
  }

  /** `not mine`: its file is served by another one, or somebody else here has it. */
  async hold(record: GameDayRecord): Promise<'worked' | 'busy' | 'not mine'> {
    const { runs, place, tell, hold, adopt } = this.#parts;
    const served = this.#parts.reads().find(({ gameday }) => gameday.name === record.name) ?? null;
    // One that was not begun is for whoever serves its file.
    if (record.began_at === null && served === null) return 'not mine';
    const read = served ?? (await adopt(record));
    const block = read && record.began_at === null ? blockOf(read.gameday, this.#wall()) : null;
    if (block !== null) return await this.#end(record, { why: 'blocked', text: block });
    const { drills, diagnostics } = await drillsAgain(record, place);
    if (drills === null) {
      const text = diagnostics.map(({ message }) => message).join('; ');
      return await this.#end(record, {
        why: 'interrupted',
        text: `a drill of it is gone: ${text}`,
      });
    }
    const held = await hold({ record, drills }, read?.gameday ?? NOTHING_ASKED);
    if ('busyWith' in held) return held.busyWith === null ? 'not mine' : 'busy';
    if (held.ended_at !== null) {
      tell({ kind: 'ended', record: held });
      this.#forgetOld(read, runs);
    }
    return 'worked';
  }

  /** Those that the schedule wanted and that nobody holds, the oldest first. */
  #open(): GameDayRecord[] {
    const { runs } = this.#parts;
    return listDays(runs).filter(({ id, by, ended_at }) => {
      return by === 'schedule' && ended_at === null && !isAtWork(runs, id);
    });
  }

  async #end(record: GameDayRecord, stop: NonNullable<GameDayRecord['stop']>): Promise<'worked'> {
    const ended = this.#ended(record, stop);
    await this.#parts.notify(howItEnded(ended));
    writeDay(ended);
    this.#parts.tell({ kind: 'passed over', record: ended });
    return 'worked';
  }

  #ended(record: GameDayRecord, stop: NonNullable<GameDayRecord['stop']>): GameDayRecord {
    return stoppedBy(stop, record, this.#wall());
  }

  #recordOf({ read, due: { due_ms } }: Wanted): GameDayRecord {
    const { runs } = this.#parts;
    const id = scheduledId(read.gameday.name, due_ms);
    return newRecord(read, { id, by: 'schedule', due_ms, runs });
  }

  #forgetOld(read: GameDayRead | null, runs: string): void {
    if (read === null) return;
    const { name, retention } = read.gameday;
    const oldest_ms = this.#wall() - retention.keep_for;
    for (const record of listDays(runs)) {
      const { ended_at } = record;
      const isOld = ended_at !== null && Date.parse(ended_at) < oldest_ms;
      if (record.name === name && isOld) forgetDay(runs, record.id);
    }
  }

  #wall(): number {
    return this.#parts.clock.wall();
  }
}

function seenFile(runs: string): string {
  return join(gameDayFolder(runs), 'service.state');
}

/** Nothing where no service ran here before, or where its file cannot be read. */
export function readSeen(runs: string): Seen {
  try {
    const text = readPlainFile(seenFile(runs), SEEN_BYTES).toString('utf8');
    const { seen } = JSON.parse(text) as { seen: Seen };
    const entries = Object.entries(seen).filter(([, ms]) => Number.isFinite(ms));
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}
