// The fields of a game-day file that say when: cron lines, windows of the week, days.
import * as z from 'zod';
import { formError } from '../../drill/fields.ts';
import { cronProblem } from '../schedule/cron.ts';
import { WEEK } from '../schedule/window.ts';
import { isZone } from '../schedule/zone.ts';

const zoneForm = formError('a time zone such as Europe/Berlin');
export const zone = z.string({ error: zoneForm }).refine(isZone, { error: zoneForm });

const LINE_FORM =
  'a cron line of five fields and its time zone, such as "0 10 * * TUE Europe/Berlin"';

/** `0 10 * * TUE Europe/Berlin`; the zone may be left out. */
const line = z.string({ error: formError(LINE_FORM) }).transform((text, context) => {
  const words = text.trim().split(/\s+/);
  const fields = words[0]?.startsWith('@') ? 1 : 5;
  const cron = words.slice(0, fields).join(' ');
  const own = words.slice(fields);
  const zone = own[0] ?? null;
  const problem =
    words.length < fields || own.length > 1
      ? `expected ${LINE_FORM}, got "${text}"`
      : cronProblem({ cron, zone: zone ?? 'UTC' });
  if (problem === null) return { cron, zone };
  context.issues.push({ code: 'custom', message: problem, input: text });
  return z.NEVER;
});

export const schedule = z
  .union([line.transform((one) => [one]), z.array(line).max(32)], { error: formError(LINE_FORM) })
  .default([])
  .describe('When it runs: one cron line, or several. Default: when somebody runs it.');

const DAY = `(?:${WEEK.join('|')})`;
const RANGE = `${DAY}(?:-${DAY})?`;
const WINDOW = new RegExp(
  `^(?:(${RANGE}(?:,${RANGE})*) +)?(\\d\\d):(\\d\\d)-(\\d\\d):(\\d\\d)(?: +(\\S+))?$`,
);
const windowForm = formError(
  'days, times and a time zone, such as "Mon-Fri 09:00-17:00 Europe/Berlin"',
);

/** `Mon-Fri 09:00-17:00 Europe/Berlin`; without days, on each. */
export const window = z
  .string({ error: windowForm })
  .regex(WINDOW, { error: windowForm })
  .transform((text, context) => {
    const [, days, fromHour, fromMinute, toHour, toMinute, own] = WINDOW.exec(text)!;
    const from = Number(fromHour) * 60 + Number(fromMinute);
    const to = Number(toHour) * 60 + Number(toMinute);
    const problem = windowProblem([fromMinute!, toMinute!], from, to, own);
    if (problem === null) return { text, days: daysOf(days), from, to, zone: own ?? null };
    context.issues.push({ code: 'custom', message: problem, input: text });
    return z.NEVER;
  });

function windowProblem(
  minutes: readonly string[],
  from: number,
  to: number,
  zone: string | undefined,
): string | null {
  if (minutes.some((minute) => Number(minute) > 59) || from >= 1440 || to > 1440) {
    return 'expected times from 00:00 to 24:00';
  }
  if (from === to) return 'this window is empty; a whole day is 00:00-24:00';
  if (zone !== undefined && !isZone(zone)) {
    return `expected a time zone such as Europe/Berlin, got "${zone}"`;
  }
  return null;
}

/** `Mon-Fri,Sun`; a range may go over the end of the week. */
function daysOf(words: string | undefined): number[] {
  if (words === undefined) return [...WEEK.keys()];
  const indexOf = (word: string) => WEEK.findIndex((day) => day === word);
  const days = words.split(',').flatMap((word) => {
    const [first = '', last = first] = word.split('-');
    const [from, length] = [indexOf(first), (indexOf(last) - indexOf(first) + 7) % 7];
    return Array.from({ length: length + 1 }, (_, day) => (from + day) % 7);
  });
  return [...new Set(days)];
}

const DATES = /^((?:\d{4}-)?\d\d-\d\d)(?:\.\.((?:\d{4}-)?\d\d-\d\d))?(?: +(\S+))?$/;
const datesForm = formError(
  'a day such as 2026-12-24, or 12-24 of each year, or a range 2026-12-24..2027-01-02',
);

const dates = z
  .string({ error: datesForm })
  .regex(DATES, { error: datesForm })
  .transform((text, context) => {
    const [, from = '', to = from, own] = DATES.exec(text)!;
    const problem = datesProblem(from, to, own);
    if (problem === null) return { text, from, to, zone: own ?? null };
    context.issues.push({ code: 'custom', message: problem, input: text });
    return z.NEVER;
  });

function datesProblem(from: string, to: string, zone: string | undefined): string | null {
  const unknown = [from, to].find((day) => !isDay(day));
  if (unknown !== undefined) return `there is no day ${unknown}`;
  if (from.length !== to.length) return 'expected both days with their year, or both without';
  if (from.length > 5 && to < from) return `${to} comes before ${from}`;
  if (zone !== undefined && !isZone(zone)) {
    return `expected a time zone such as Europe/Berlin, got "${zone}"`;
  }
  return null;
}

/** 02-29 is a day, of some years. */
function isDay(text: string): boolean {
  const full = text.length === 5 ? `2024-${text}` : text;
  const at = new Date(`${full}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === full;
}

export const blockedDates = z.array(dates).max(366).default([]);
