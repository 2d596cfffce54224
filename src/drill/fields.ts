// The fields of a drill file that carry a unit: their patterns, ranges and error messages.
import * as z from 'zod';
import {
  DAYS,
  DURATION,
  parseDuration,
  PERCENT,
  RATE,
  SIZE,
  writeDuration,
  type Unit,
} from '../base/units.ts';

// A process reads a few files: a compiled parser costs more than it saves.
z.config({ jitless: true });

/** Each takes the least and the most that a value may be, inclusive; times are in milliseconds. */
export const duration = unitField('a duration such as 250ms, 2.5s, 5m or 1h', DURATION);
export const days = unitField('a number of days such as 30d', DAYS);
export const rate = unitField('a rate such as 200/s', RATE);
export const size = unitField('a size such as 256B, 4KiB or 1MiB', SIZE);
export const percent = unitField('a percentage such as 99% or 99.5%', PERCENT);

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
    .regex(new RegExp(`^(beforehand|${DURATION.pattern}(\\.\\.${DURATION.pattern})?)$`), { error })
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

function unitField(form: string, { pattern, suffix, parse, write }: Unit) {
  return (lowest: string, highest: string) => {
    const [least, most] = [parse(lowest)!, parse(highest)!];
    const isWithin = (value: number | null) => value !== null && value >= least && value <= most;
    // The lower limit is written in the unit that people think in, where the number is possible.
    const units = [lowest.replace(/^[0-9.]+/, ''), suffix];
    const message = (input: unknown) => {
      const number = typeof input === 'string' || typeof input === 'number' ? input : '';
      const unit = units.find((each) => isWithin(parse(`${number}${each}`))) ?? suffix;
      return unitMessage(form, unit, input);
    };
    const error = (issue: { readonly input?: unknown }) => message(issue.input);
    const matching = z.string({ error }).regex(new RegExp(`^${pattern}$`), { error });
    return matching.transform((text, context) => {
      const value = parse(text);
      if (value !== null && isWithin(value)) return value;
      const range = `expected ${write(least)} to ${write(most)}, got ${text}`;
      context.issues.push({
        code: 'custom',
        message: value === null ? message(text) : range,
        input: text,
      });
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
  const units = [DURATION, DAYS, RATE, SIZE, PERCENT];
  const known = [...units.map(({ pattern }) => pattern), '[0-9.]+'];
  return known.some((pattern) => new RegExp(`^${pattern}$`).test(packed)) ? packed : null;
}

/** A whole number; both limits are inclusive. */
export function whole(least: number, most: number) {
  return z.int().min(least).max(most);
}

/** A number of writes, as a target. */
export function writeCount() {
  return whole(0, 1e9);
}

/** Instances of the app in one region. */
export const instanceCount = whole(1, 16).optional();

/** The message for a value that has not the form; for zod's `error`. */
export function formError(form: string) {
  return ({ input }: { readonly input?: unknown }) =>
    `expected ${form}; got ${describeInput(input)}`;
}

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

/** A program and its arguments; no shell ever sees them. */
/** Of a check: what came may hold a secret, and is not shown. */
export const SECRET = { params: { secret: true } };

/** A program, and its arguments. No system has words with a NUL in them. */
const word = z
  .string()
  .min(1)
  .regex(/^[^\0]+$/, { error: formError('a text without a NUL byte') });
export const argv = z.array(word).min(1).max(64);
/** The same in a plan. */
export const plannedArgv = z.array(z.string()).readonly();
export type Argv = readonly string[];

export const SECRET_FORM = '{ env: NAME }, { file: PATH } or { command: […] }';

/** Where a secret comes from, which stands in no file of a drill. */
export function secretSource(what: string) {
  const forms = [
    z.strictObject({ env: z.string().min(1).describe('A variable of the environment.') }),
    z.strictObject({ file: z.string().min(1).describe('A file, without its last line end.') }),
    z.strictObject({ command: argv.describe('Prints it, as its first line.') }),
  ] as const;
  // What came is not told: it may be the secret.
  return z.union(forms, { error: () => `expected where ${what} comes from: ${SECRET_FORM}` });
}

/** The same in a plan. */
export const plannedSecret = z.union([
  z.strictObject({ env: z.string() }),
  z.strictObject({ file: z.string() }),
  z.strictObject({ command: plannedArgv }),
]);
