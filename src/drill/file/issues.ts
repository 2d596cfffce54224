// The words for what the schema finds wrong.
import type * as z from 'zod';
import { closest, didYouMean, guessHint } from '../../base/closest.ts';
import { describeInput } from '../fields.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import {
  FAULT_KINDS,
  isFormerName,
  keysOf,
  todaysKind,
  type FaultKind,
} from '../fault/registry.ts';
import { homeOf, keyTaking, knownKeys } from './key-tree.ts';
import { isMapping } from './layers.ts';
import { anyFault, COMMON_SETTINGS } from './schema-faults.ts';
import type { Origin, Path } from './yaml-source.ts';

/** One problem at one key. `part` says what is to be underlined. */
export interface Finding {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  /** What came may hold a secret: it is not shown. */
  readonly isSecret?: boolean;
}

/** More of them say nothing new. */
const FINDINGS_MAX = 50;

/** Keys that are planned, for a choice of stores, and that this version does not have. */
const PLANNED_KEYS = ['stores', 'store'];

/** Keys of before, by what they are called now. */
const RENAMED_KEYS: Readonly<Record<string, string>> = { heal_after: 'for' };

export function notBuilt(what: string): string {
  return `${what} is described but not built yet in this version`;
}

const MAPPING = 'keys with values, such as { key: value }';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  object: MAPPING,
  record: MAPPING,
  array: 'a list',
  boolean: 'true or false',
  number: 'a whole number',
  int: 'a whole number',
};

type RawIssue = z.core.$ZodRawIssue;
type UnionIssue = z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>;

/** The message of an issue for which the field itself has none; given to zod when it parses. */
export function issueMessage(issue: RawIssue): string {
  const got = `got ${describeInput(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${KINDS[issue.expected] ?? issue.expected}, ${got}${quoteHint(issue)}`;
    case 'invalid_value':
      return valueMessage(issue.values, issue.input);
    case 'too_small':
      return sizeMessage('at least', issue.minimum as number, issue.origin, got);
    case 'invalid_union':
      return unionMessage(issue, got);
    case 'too_big':
      return sizeMessage('at most', issue.maximum as number, issue.origin, got);
    default:
      return `is not valid, ${got}`;
  }
}

/** A fault of no known kind; its kind alone tells one form of a mapping from the others. */
function unionMessage({ discriminator, input }: UnionIssue, got: string): string {
  if (discriminator === undefined || !isMapping(input)) return `is not valid, ${got}`;
  const kind = input[discriminator];
  if (isFormerName(kind)) return `${kind} is called ${todaysKind(kind)} now`;
  const found = `got ${describeInput(kind)}${hintFor(kind, FAULT_KINDS)}`;
  return `expected one of the ${FAULT_KINDS.length} faults that drill list faults names, ${found}`;
}

function quoteHint(issue: RawIssue): string {
  const isBare = typeof issue.input === 'number' || typeof issue.input === 'boolean';
  return issue.expected === 'string' && isBare ? '; put it in quotes' : '';
}

function sizeMessage(bound: string, limit: number, origin: string, got: string): string {
  if (origin === 'array')
    return `expected ${bound} ${limit} ${limit === 1 ? 'item' : 'items'}, ${got}`;
  if (origin === 'string') return `expected ${bound} ${limit} characters`;
  return `expected ${bound} ${limit}, ${got}`;
}

function valueMessage(values: readonly unknown[], input: unknown): string {
  const words = values.map(String);
  return `expected ${words.join(' or ')}, got ${describeInput(input)}${hintFor(input, words)}`;
}

function hintFor(input: unknown, words: readonly string[]): string {
  return typeof input === 'string' ? guessHint(input, words) : '';
}

/** Findings of a failed parse, in the order of the schema; unknown keys one by one. */
export function findingsOf(
  issues: readonly z.core.$ZodIssue[],
  known: (path: Path) => string[] = knownKeys,
  elsewhere: (path: Path, key: string) => string | null = () => null,
): Finding[] {
  const findings: Finding[] = [];
  for (const issue of issues.slice(0, FINDINGS_MAX)) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, FINDINGS_MAX)) {
        const home = known === knownKeys ? homeOf(key) : null;
        const message =
          elsewhere(path, key) ??
          keyOfAnother(key, issue.input) ??
          unknownKey(key, keysHere(issue.input) ?? known(path), home);
        findings.push({ path: [...path, key], part: 'key', message });
      }
    } else if (issue.code === 'invalid_union' && issue.errors.length === 0) {
      findings.push({ path, part: 'value', message: issue.message });
      findings.push(...faultFindings(issue.input, path.slice(0, -1)));
    } else if (issue.code === 'invalid_union') {
      findings.push(...unionFindings(issue, path));
    } else if (issue.code === 'invalid_key') {
      const message = issue.issues[0]?.message ?? issue.message;
      findings.push({ path, part: 'key', message });
    } else {
      const message = issue.message + valueOfAKey(issue, known === knownKeys ? path : null);
      findings.push({ path, part: 'value', message, isSecret: mayBeSecret(issue) });
    }
  }
  return findings.slice(0, FINDINGS_MAX);
}

/** `replication: sync` is meant as one of the keys that belong there: `{ mode: sync }`. */
function valueOfAKey({ code, input }: z.core.$ZodIssue, path: Path | null): string {
  if (code !== 'invalid_type' || path === null || typeof input !== 'string') return '';
  const key = keyTaking(path, input);
  return key === null ? '' : didYouMean(`{ ${key}: ${input} }`);
}

/** The findings of the alternative that fits and knows the keys best; else one for them all. */
function unionFindings(issue: z.core.$ZodIssueInvalidUnion, path: Path): Finding[] {
  const [inner] = issue.errors
    .filter((errors) =>
      errors.every((each) => each.path.length > 0 || each.code === 'unrecognized_keys'),
    )
    .toSorted((a, b) => unknownIn(a) - unknownIn(b));
  const whole: Finding[] = [{ path, part: 'value', message: issue.message }];
  if (!inner) return whole;
  const unknown = inner.flatMap((each) => (each.code === 'unrecognized_keys' ? each.keys : []));
  const present = inner.filter(({ input }) => input !== undefined);
  // A key that nobody knows stands there in place of one that is missing: if it does not even look
  // like it, something else was meant.
  const isInPlace = unknown.length > 0 && present.length < inner.length;
  if (isInPlace && unknown.every((key) => closest(key, knownKeys(path)) === null)) return whole;
  const shown = isInPlace ? present : inner;
  return findingsBelow(path, shown);
}

function findingsBelow(path: Path, issues: readonly z.core.$ZodIssue[]): Finding[] {
  return findingsOf(issues.map((each) => ({ ...each, path: [...path, ...each.path] })));
}

function unknownIn(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter(({ code }) => code === 'unrecognized_keys').length;
}

/** A fault of no known kind: what else is wrong with it. */
function faultFindings(fault: unknown, path: Path): Finding[] {
  const { error } = anyFault.safeParse(fault, { error: issueMessage, reportInput: true });
  return findingsBelow(path, error?.issues ?? []);
}

function kindIn(input: unknown): FaultKind | undefined {
  return isMapping(input) ? FAULT_KINDS.find((kind) => kind === input['kind']) : undefined;
}

/** Of a fault, those of its kind; null: it is none. */
function keysHere(input: unknown): string[] | null {
  const fault = kindIn(input);
  if (fault === undefined) return null;
  return [...new Set(['at', 'kind', ...keysOf(fault), ...Object.keys(COMMON_SETTINGS)])];
}

/** A key that other faults have, at a fault that has it not; null: it is something else. */
function keyOfAnother(key: string, input: unknown): string | null {
  const fault = kindIn(input);
  const isKnown = FAULT_KINDS.some((kind) => keysOf(kind).includes(key));
  if (fault === undefined || !isKnown) return null;
  const own = keysOf(fault).join(', ') || 'no settings of its own';
  return `${fault} has no ${key}; it has ${own}`;
}

function unknownKey(key: string, known: readonly string[], home: Path | null): string {
  if (Object.hasOwn(RENAMED_KEYS, key)) return `it is called ${RENAMED_KEYS[key]} now`;
  if (PLANNED_KEYS.includes(key)) return notBuilt('a choice of stores');
  if (known.includes(key)) return `only one of ${known.join(', ')} can stand here`;
  const guess = guessHint(key, known);
  if (guess !== '') return `unknown key${guess}`;
  if (home !== null) return `unknown key here; its place is ${home.join('.')}`;
  return known.length === 0 ? 'unknown key' : `unknown key; known here: ${known.join(', ')}`;
}

/** A finding at the place where its source states the key. */
export function diagnosticAt(origin: Origin, finding: Finding): Diagnostic {
  const { path, part, message, isSecret = false } = finding;
  const found = origin.locate(path, part);
  const place = isSecret && found !== null ? hidden(found) : found;
  return { severity: 'error', path: path.join('.'), message, source: origin.name, place };
}

/** Nothing of the line: another secret may stand in it. */
function hidden(place: Place): Place {
  return { ...place, text: `${' '.repeat(place.column - 1)}…`, length: 1 };
}

function mayBeSecret(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.['secret'] === true;
}
