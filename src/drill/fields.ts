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

/** Both limits are inclusive. */
export const duration = unitField({
  form: 'a duration such as 250ms, 2.5s, 5m or 1h',
  pattern: DURATION_PATTERN,
  suffix: 's',
  parse: parseDuration,
  write: writeDuration,
});
/** The value is in milliseconds. */
export const days = unitField({
  form: 'a number of days such as 30d',
  pattern: DAYS_PATTERN,
  suffix: 'd',
  parse: parseDays,
  write: writeDays,
});
export const rate = unitField({
  form: 'a rate such as 200/s',
  pattern: RATE_PATTERN,
  suffix: '/s',
  parse: parseRate,
  write: writeRate,
});
export const size = unitField({
  form: 'a size such as 256B, 4KiB or 1MiB',
  pattern: SIZE_PATTERN,
  suffix: 'B',
  parse: parseSize,
  write: writeSize,
});
export const percent = unitField({
  form: 'a percentage such as 99% or 99.5%',
  pattern: PERCENT_PATTERN,
  suffix: '%',
  parse: parsePercent,
  write: writePercent,
});

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

function unitField({ form, pattern, suffix, parse, write }: Unit) {
  const error = (issue: { readonly input?: unknown }) => unitMessage(form, suffix, issue.input);
  const matching = z.string({ error }).regex(new RegExp(`^${pattern}$`), { error });
  return (lowest: string, highest: string) => {
    const [least, most] = [parse(lowest)!, parse(highest)!];
    return matching.transform((text, context) => {
      const value = parse(text);
      if (value !== null && value >= least && value <= most) return value;
      const range = `expected ${write(least)} to ${write(most)}, got ${text}`;
      const message = value === null ? unitMessage(form, suffix, text) : range;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    });
  };
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
