// Times of the week and days of the calendar in which game days may, or may not, begin. Pure.
import { wallOf } from './zone.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** `Mon-Fri 22:00-02:00 Europe/Berlin`: it begins on these days, and may end on the next one. */
export interface Window {
  readonly text: string;
  /** 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight; `to` is not inside. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/** `2026-12-24..2027-01-02 Europe/Berlin`; without a year, in every one. Both days are inside. */
export interface Dates {
  readonly text: string;
  /** `2026-12-24`, or `12-24`. */
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

export const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

export function isInWindow({ days, from, to, zone }: Window, at_ms: number): boolean {
  const wall = wallOf(at_ms, zone);
  const day = new Date(wall).getUTCDay();
  const minute = (((wall % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS;
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const before = (day + 6) % 7;
  return (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}

export function isOnDates({ from, to, zone }: Dates, at_ms: number): boolean {
  const today = new Date(wallOf(at_ms, zone)).toISOString().slice(0, 10);
  const day = from.length === 5 ? today.slice(5) : today;
  if (from <= to) return day >= from && day <= to;
  return day >= from || day <= to; // over the end of the year
}
