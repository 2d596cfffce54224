// The fields of a drill file that carry a unit: their patterns, ranges and error messages.
import * as z from 'zod';
import {
  DAYS_PATTERN,
  DURATION_PATTERN,
  PERCENT_PATTERN,
  RATE_PATTERN,
  SIZE_PATTERN,
  parseDays,
  parseDuration,
  parsePercent,
  parseRate,
  parseSize,
  writeDays,
  writeDuration,
  writePercent,
  writeRate,
  writeSize,
} from '../base/units.ts';

// A process reads a few files: a compiled parser costs more than it saves.
z.config({ jitless: true });

/** What one unit looks like; `hint` is what is appended to a bare number to make a guess. */
interface Unit {
  readonly form: string;
  readonly pattern: string;
  readonly suffix: string;
  readonly parse: (text: string) => number | null;
  readonly write: (value: number) => string;
}

const DURATION: Unit = {
  form: 'a duration such as 250ms, 2.5s, 5m or 1h',
  pattern: DURATION_PATTERN,
  suffix: 's',
  parse: parseDuration,
  write: writeDuration,
};
const DAYS: Unit = {
  form: 'a number of days such as 30d',
  pattern: DAYS_PATTERN,
  suffix: 'd',
  parse: parseDays,
  write: writeDays,
};
const RATE: Unit = {
  form: 'a rate such as 200/s',
  pattern: RATE_PATTERN,
  suffix: '/s',
  parse: parseRate,
  write: writeRate,
};
const SIZE: Unit = {
  form: 'a size such as 256B, 4KiB or 1MiB',
  pattern: SIZE_PATTERN,
  suffix: 'B',
  parse: parseSize,
  write: writeSize,
};
const PERCENT: Unit = {
  form: 'a percentage such as 99% or 99.5%',
  pattern: PERCENT_PATTERN,
  suffix: '%',
  parse: parsePercent,
  write: writePercent,
};

/** Both limits are inclusive. */
export function duration(least: string, most: string) {
  return unitField(DURATION, parseDuration(least)!, parseDuration(most)!);
}

/** The value is in milliseconds. */
export function days(least: string, most: string) {
  return unitField(DAYS, parseDays(least)!, parseDays(most)!);
}

export function rate(least: string, most: string) {
  return unitField(RATE, parseRate(least)!, parseRate(most)!);
}

export function size(least: string, most: string) {
  return unitField(SIZE, parseSize(least)!, parseSize(most)!);
}

export function percent(least: string, most: string) {
  return unitField(PERCENT, parsePercent(least)!, parsePercent(most)!);
}

/** A duration of whole seconds, and who counts in no smaller unit. The value is in seconds. */
export function wholeSeconds(least: string, most: string, who: string) {
  return duration(least, most).transform((ms, context) => {
    if (ms % 1000 === 0) return ms / 1000;
    const got = writeDuration(ms);
    const message = `expected whole seconds, because ${who} counts nothing smaller; got ${got}`;
    context.issues.push({ code: 'custom', message, input: ms });
    return z.NEVER;
  });
}

const MOMENT_FORM =
  'a time such as 2s, a range such as 1s..4s from which the seed draws one, or beforehand';

/** A duration, or a range of them. */
export function moment(most: string) {
  const latest = parseDuration(most)!;
  const error = (issue: { readonly input?: unknown }) => unitMessage(MOMENT_FORM, 's', issue.input);
  return z
    .string({ error })
    .regex(new RegExp(`^(beforehand|${DURATION_PATTERN}(\\.\\.${DURATION_PATTERN})?)$`), { error })
    .transform((text, context) => {
      if (text === 'beforehand') return { from_ms: 0, to_ms: 0, beforehand: true };
      const [from = 0, to = from] = text.split('..').map((part) => parseDuration(part)!);
      if (to < from || to > latest) {
        const problem = to < from ? 'ends before it begins' : `goes beyond ${most}`;
        context.issues.push({ code: 'custom', message: `${text} ${problem}`, input: text });
        return z.NEVER;
      }
      return { from_ms: from, to_ms: to, beforehand: false };
    });
}

function unitField(unit: Unit, least: number, most: number) {
  const error = (issue: { readonly input?: unknown }) =>
    unitMessage(unit.form, unit.suffix, issue.input);
  return z
    .string({ error })
    .regex(new RegExp(`^${unit.pattern}$`), { error })
    .transform((text, context) => {
      const value = unit.parse(text);
      if (value !== null && value >= least && value <= most) return value;
      const range = `expected ${unit.write(least)} to ${unit.write(most)}, got ${text}`;
      context.issues.push({
        code: 'custom',
        message: value === null ? unitMessage(unit.form, unit.suffix, text) : range,
        input: text,
      });
      return z.NEVER;
    });
}

function unitMessage(form: string, suffix: string, input: unknown): string {
  const bare = typeof input === 'number' ? String(input) : spacesRemoved(input);
  const guess = bare !== null && /^[0-9.]+$/.test(bare) ? `${bare}${suffix}` : bare;
  const hint = guess !== null && guess !== input ? `; did you mean ${guess}?` : '';
  return `expected ${form}, got ${describeInput(input)}${hint}`;
}

/** `5 s` → `5s`, `5 sec` → null: only what is right but for its spaces. */
function spacesRemoved(input: unknown): string | null {
  if (typeof input !== 'string' || input.length > 32) return null;
  const packed = input.replaceAll(' ', '');
  const known = [
    DURATION_PATTERN,
    DAYS_PATTERN,
    RATE_PATTERN,
    SIZE_PATTERN,
    PERCENT_PATTERN,
    '[0-9.]+',
  ];
  return known.some((pattern) => new RegExp(`^${pattern}$`).test(packed)) ? packed : null;
}

/** Of writes, as a target. */
export function writeCount() {
  return z.int().min(0).max(1e9);
}

/** Of the app, in one region. */
export const instanceCount = z.int().min(1).max(16).optional();

/** What came, in words: `"abc"`, `the number 15`, `a list`. */
export function describeInput(input: unknown): string {
  if (input === undefined || input === null) return 'nothing';
  if (typeof input === 'string') {
    return input === ''
      ? 'an empty text'
      : JSON.stringify(input.length > 60 ? `${input.slice(0, 57)}…` : input);
  }
  if (typeof input === 'number' || typeof input === 'bigint') return `the number ${input}`;
  if (typeof input === 'boolean') return String(input);
  const kind = Array.isArray(input) ? 'list' : 'mapping';
  return Object.keys(input).length === 0 ? `an empty ${kind}` : `a ${kind}`;
}
