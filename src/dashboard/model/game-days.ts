// Game days: what comes, as the files say, and the records of those that were.
import { dayIds, isAtWork, readDay } from '../../gameday/day/day-files.ts';
import { hostNow } from '../../host/clock.ts';
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import { readGameDay, type GameDayRead } from '../../gameday/read.ts';
import { nextOf } from '../../gameday/schedule/coming.ts';
import { localText } from '../../gameday/schedule/zone.ts';
import { resolve } from 'node:path';
import { markOf } from './mark.ts';
import type { Place } from './overview.ts';

export interface ComingDay {
  readonly name: string;
  readonly at_ms: number;
  /** By the clocks of its zone: `Tue 2026-12-01 10:00 Europe/Berlin`. */
  readonly when: string;
  /** Why it does not begin then; null: it does. */
  readonly blocked: string | null;
}

/** A record, and who is at it. */
export interface DayShown {
  readonly record: GameDayRecord;
  readonly isAtWork: boolean;
  /** Until somebody agrees to it. */
  readonly isWaiting: boolean;
}

const OF_EACH = 3;
const OLDER_SHOWN = 40;
const STALE_MS = 60_000;

interface Kept {
  readonly mark: string;
  readonly at_ms: number;
  readonly day: GameDayRead | null;
}

export class GameDays {
  readonly #place: Place;
  readonly #files: readonly string[];
  readonly #read = new Map<string, Kept>();

  /** `files` may be none: then those that the newest records name. */
  constructor(place: Place, files: readonly string[]) {
    this.#place = place;
    this.#files = files;
  }

  /** Newest first. */
  records(): GameDayRecord[] {
    const { runs } = this.#place;
    const newest = dayIds(runs).slice(-OLDER_SHOWN).toReversed();
    return newest.flatMap((id) => readDay(runs, id) ?? []);
  }

  /** As it is at this moment. */
  shown(record: GameDayRecord): DayShown {
    const { id, ended_at, began_at } = record;
    const isHeld = ended_at === null && isAtWork(this.#place.runs, id);
    return { record, isAtWork: isHeld, isWaiting: isHeld && began_at === null };
  }

  /** The earliest first; files with errors are among the problems. */
  async coming(
    now_ms: number,
    records: readonly GameDayRecord[],
  ): Promise<{ readonly days: readonly ComingDay[]; readonly problems: readonly string[] }> {
    const named = [...new Set(records.map(({ file }) => file))];
    const files = this.#files.length > 0 ? this.#files : named;
    const days: ComingDay[] = [];
    const problems: string[] = [];
    for (const file of files) {
      const day = await this.#fileOf(file);
      if (day === null) problems.push(`${file} has errors: drill gameday check ${file} says which`);
      else days.push(...comingOf(day, now_ms));
    }
    return { days: days.toSorted((one, other) => one.at_ms - other.at_ms), problems };
  }

  async #fileOf(file: string): Promise<GameDayRead | null> {
    const mark = markOf(resolve(this.#place.directory, file));
    const known = this.#read.get(file);
    const now_ms = hostNow();
    // Its drills are files of their own, which may be mended meanwhile.
    if (known?.mark === mark && now_ms - known.at_ms < STALE_MS) return known.day;
    const { read } = await readGameDay(file, {}, this.#place);
    this.#read.set(file, { mark, at_ms: now_ms, day: read });
    return read;
  }
}

function comingOf({ gameday }: GameDayRead, now_ms: number): ComingDay[] {
  const zone = gameday.schedule[0]?.zone ?? 'UTC';
  return nextOf(gameday, now_ms, OF_EACH).map(({ at_ms, blocked }) => {
    return { name: gameday.name, at_ms, when: `${localText(at_ms, zone)} ${zone}`, blocked };
  });
}
