// The records of game days, `.drill/gamedays/<id>.json`. A record that is scheduled has its id from
// the moment at which it is due, and is made in one step that fails where it is there already: of
// several services that want the same game day, one gets it.
import { randomBytes } from 'node:crypto';
import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { newRunId, slugOf } from '../../archive/run-directory.ts';
import { gameDayIn, type GameDayRecord } from '../../evidence/gameday-form.ts';
import type { Clock } from '../../host/clock.ts';
import { writeDurably } from '../../host/durable.ts';
import { makeDirectories } from '../../host/files.ts';
import { lockHolders, takeLock, type Locked } from '../../host/lock.ts';
import { readPlainFile } from '../../host/plain-file.ts';
import { seriesFolder } from '../../session/series-files.ts';

const RECORD_BYTES = 16 * 2 ** 20;

/** Beside the series. */
export function gameDayFolder(runs: string): string {
  return join(dirname(seriesFolder(runs)), 'gamedays');
}

/** `20261201T090000Z-weekly`: the same for everybody who reads the same schedule. */
export function scheduledId(name: string, due_ms: number): string {
  const time = new Date(due_ms).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  return `${time}-${slugOf(name)}`;
}

/** Of one that somebody asks for; two of one second differ. */
export function askedId(name: string, clock: Pick<Clock, 'wall'>): string {
  return newRunId(name, clock);
}

function recordFile(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}.json`);
}

/** What its preconditions and its messages said. */
export function dayLog(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}.log`);
}

/** What it came to, as a page. */
export function dayPage(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}.html`);
}

/** Where people agree to it. */
export function dayOrders(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}.orders`);
}

function textOf(record: GameDayRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** False where somebody has made it before. It is on the disk whole, or not at all. */
export function claimDay(record: GameDayRecord): boolean {
  const file = recordFile(record.runs, record.id);
  makeDirectories(gameDayFolder(record.runs));
  const half = `${file}.${randomBytes(4).toString('hex')}.claim`;
  writeFileSync(half, textOf(record), { mode: 0o600, flush: true, flag: 'wx' });
  try {
    linkSync(half, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(half, { force: true });
  }
}

export function writeDay(record: GameDayRecord): void {
  makeDirectories(gameDayFolder(record.runs));
  writeDurably(recordFile(record.runs, record.id), textOf(record), { mode: 0o600 });
}

/** Null where there is none that this version of drill can read. */
export function readDay(runs: string, id: string): GameDayRecord | null {
  try {
    const text = readPlainFile(recordFile(runs, id), RECORD_BYTES).toString('utf8');
    const record = gameDayIn(JSON.parse(text));
    return record && { ...record, runs, id };
  } catch {
    return null;
  }
}

/** All ids, oldest first: they begin with a time. */
export function dayIds(runs: string): string[] {
  try {
    const names = readdirSync(gameDayFolder(runs)).filter((name) => name.endsWith('.json'));
    return names.map((name) => basename(name, '.json')).toSorted();
  } catch {
    return [];
  }
}

export function listDays(runs: string): GameDayRecord[] {
  return dayIds(runs).flatMap((id) => readDay(runs, id) ?? []);
}

function dayLock(runs: string, id: string): string {
  return join(gameDayFolder(runs), `${id}.lock`);
}

/** Whoever runs a game day holds it. */
export function lockDay(runs: string, id: string): Locked {
  return takeLock(dayLock(runs, id), `game day ${id}`);
}

export function isAtWork(runs: string, id: string): boolean {
  return lockHolders(dayLock(runs, id)).length > 0;
}

/** One drill at a time: whoever runs the drills of a game day holds it. */
export function lockSystem(runs: string, id: string): Locked {
  return takeLock(join(gameDayFolder(runs), 'system.lock'), `game day ${id}`);
}

/** Removes a record; nobody holds it. */
export function forgetDay(runs: string, id: string): void {
  rmSync(recordFile(runs, id), { force: true });
  rmSync(dayPage(runs, id), { force: true });
  rmSync(dayLog(runs, id), { force: true });
  rmSync(dayOrders(runs, id), { recursive: true, force: true });
  rmSync(dayLock(runs, id), { recursive: true, force: true });
}
