// The record of a game day that a word stands for, and the one before it.
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import { UserError } from '../../screen/user-error.ts';
import { dayIds, gameDayFolder, listDays, readDay } from './day-files.ts';

/** By its id, its beginning, or `latest`. Throws a `UserError` where there is none, or two. */
export function findDay(runs: string, word: string): GameDayRecord {
  const ids = dayIds(runs);
  if (ids.length === 0) {
    throw new UserError(`no game day was held yet in ${gameDayFolder(runs)}`, {
      hint: 'drill gameday run FILE (drill gameday init writes a first file)',
    });
  }
  const meant = ids.includes(word) ? [word] : ids.filter((id) => id.startsWith(word));
  const found = word === 'latest' ? ids.slice(-1) : meant;
  const [id, ...others] = found;
  if (id === undefined || word === '') {
    throw new UserError(`there is no game day "${word}" in ${gameDayFolder(runs)}`, {
      hint: 'drill gameday list',
    });
  }
  if (others.length > 0) {
    throw new UserError(`"${word}" could be ${found.length} game days: ${found.join(', ')}`);
  }
  const record = readDay(runs, id);
  if (record !== null) return record;
  throw new UserError(`the record of the game day ${id} cannot be read`);
}

/** The newest of the same name before it that came to its end; null: there is none. */
export function dayBefore({ runs, id, name }: GameDayRecord): GameDayRecord | null {
  const earlier = listDays(runs).filter((each) => each.name === name && each.id < id);
  return earlier.findLast(({ ended_at, stop }) => ended_at !== null && stop === null) ?? null;
}
