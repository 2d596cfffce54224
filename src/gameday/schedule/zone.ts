// Wall-clock times of a time zone and the moments that they are. A wall-clock time, here as
// everywhere below, is written as milliseconds since 1970 as if the zone were UTC. Pure.
import { writeMinute } from '../../base/units.ts';

const DAY_MS = 86_400_000;

/** Whether this machine knows a zone of that name, such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    zoneNamed(name);
    return true;
  } catch {
    return false;
  }
}

/** What clocks of the zone show at a moment (milliseconds since 1970). */
export function wallOf(at_ms: number, zone: string): number {
  const { format, offsets } = zoneNamed(zone);
  const quarter = Math.floor(at_ms / QUARTER_MS);
  let offset_ms = offsets.get(quarter);
  if (offset_ms === undefined) {
    if (offsets.size >= OFFSETS_KEPT) offsets.clear();
    offset_ms = offsetAt(quarter * QUARTER_MS, format);
    offsets.set(quarter, offset_ms);
  }
  return at_ms + offset_ms;
}

function offsetAt(at_ms: number, format: Intl.DateTimeFormat): number {
  const parts = format.formatToParts(at_ms);
  const of = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  const [year, month, day] = [of('year'), of('month') - 1, of('day')];
  return Date.UTC(year, month, day, of('hour'), of('minute'), of('second')) - at_ms;
}

/** When clocks of the zone show this: never where they skip it, twice in a repeated hour. */
export function momentsOf(wall_ms: number, zone: string): number[] {
  const shown = offsets(wall_ms, zone).map((offset_ms) => wall_ms - offset_ms);
  return [...new Set(shown)]
    .filter((at_ms) => wallOf(at_ms, zone) === wall_ms)
    .toSorted((one, other) => one - other);
}

/**
 * The moment that is meant by a time that is to come once: the first of two; where clocks skip it,
 * as long after the change as it is after the skipped hour began (02:30 is then 03:30).
 */
export function momentOf(wall_ms: number, zone: string): number {
  const [first] = momentsOf(wall_ms, zone);
  return first ?? wall_ms - offsets(wall_ms, zone)[0];
}

/** Before and after a change that may be near. */
function offsets(wall_ms: number, zone: string): [number, number] {
  const at = (near_ms: number) => wallOf(near_ms, zone) - near_ms;
  return [at(wall_ms - DAY_MS), at(wall_ms + DAY_MS)];
}

/** No zone has changed its clocks at another time since 1972. */
const QUARTER_MS = 900_000;
const OFFSETS_KEPT = 10_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Looked up before, by the number of the quarter of an hour: to format a time is slow. */
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** Throws a `RangeError` where there is none of that name. */
function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone = { format, offsets: new Map<number, number>() };
  zones.set(name, zone);
  return zone;
}

/** `Tue 2026-12-01 10:00` */
export function localText(at_ms: number, zone: string): string {
  const wall = new Date(wallOf(at_ms, zone));
  const [day = ''] = wall.toUTCString().split(',');
  return `${day} ${writeMinute(wall.toISOString())}`;
}
