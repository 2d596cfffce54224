// Measures and judges a run again from its files alone, and compares with the stored result.
import { existsSync } from 'node:fs';
import { isAsWritten, resultIn } from '../archive/run-list.ts';
import { EvidenceError, readWhole, UnreadableError } from '../evidence/evidence-error.ts';
import { readEvidence, runFile, sealProblems } from '../evidence/run-files.ts';
import { UserError } from '../screen/user-error.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { assess, writeResult } from '../verdict/assess.ts';
import type { Result } from '../verdict/result.ts';

export interface Judged {
  readonly result: Result;
  readonly stored: StoredResult;
}

export type StoredResult =
  | { readonly state: 'absent' }
  | { readonly state: 'agrees' }
  | { readonly state: 'differs'; readonly differences: readonly Difference[] };

export interface Difference {
  /** `loss.lost`; empty for the file as a whole. */
  readonly key: string;
  /** Whether the stored result says anything there. */
  readonly isStored: boolean;
  /** `loss.lost: stored 3, recomputed 4` */
  readonly text: string;
}

/** Throws an `EvidenceError` where nothing can be said of the run. */
export function judgeRun(directory: string): Judged {
  const evidence = readEvidence(directory);
  const unread = evidence.problems.find(({ isUnread = false }) => isUnread);
  // Whoever can read it judges it: what is not known here says nothing against the run.
  if (unread !== undefined) throw new UnreadableError(unread.problem);
  const result = assess(evidence);
  return { result, stored: compareStored(runFile(directory, 'result'), writeResult(result)) };
}

export function compareStored(file: string, again: string): StoredResult {
  if (!existsSync(file)) return { state: 'absent' };
  const text = readWhole(file).toString('utf8');
  if (text === again) return { state: 'agrees' };
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return { state: 'differs', differences: [ofTheFile('it is not JSON')] };
  }
  const differences = differencesOf(stored, JSON.parse(again), '');
  const isOnlyText = differences.length === 0;
  return {
    state: 'differs',
    differences: isOnlyText
      ? [ofTheFile('the values are the same, the text differs')]
      : differences,
  };
}

function ofTheFile(text: string): Difference {
  return { key: '', isStored: true, text };
}

/** In which values two trees differ, each by its path. */
export function differencesOf(stored: unknown, again: unknown, path: string): Difference[] {
  if (!isTree(stored) || !isTree(again)) {
    if (Object.is(stored, again)) return [];
    const text = `${path}: stored ${shown(stored)}, recomputed ${shown(again)}`;
    return [{ key: path, isStored: stored !== undefined, text }];
  }
  const keys = new Set([...Object.keys(stored), ...Object.keys(again)]);
  return [...keys].flatMap((key) => {
    return differencesOf(stored[key], again[key], path === '' ? key : `${path}.${key}`);
  });
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

/** In which value the stored result is another one; null: in none, or there is none. */
export function otherValue({ stored }: Pick<Judged, 'stored'>): string | null {
  const differences = stored.state === 'differs' ? stored.differences : [];
  return differences.find(({ key, isStored }) => isStored && !WORDS.test(key))?.text ?? null;
}

/** An earlier version of drill said the same in other words, or less. */
const WORDS = /^(reasons|notes|failures)\b|\.reason$/;

export interface VerifiedResult {
  readonly result: Result;
  /** The stored result is another one: in which value first. Null: it is this one. */
  readonly differs: string | null;
}

/**
 * The stored result of a run where its journal names it by its hash, and every other file too; else
 * what the evidence gives now, since a stored result may be changed or come from another run.
 * Throws a `UserError` where there is neither.
 */
export function verifiedResult(place: string, command: string): VerifiedResult {
  const read = resultIn(place);
  if ('problem' in read) throw noResult(place, read.problem, command);
  const stored = read.value;
  const isSound = isAsWritten(place) && sealProblems(place).length === 0;
  if (isSound) return { result: stored, differs: null };
  try {
    const again = judgeRun(place);
    return { result: again.result, differs: otherValue(again) };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new UserError(`${place}: its result.json is unverified: ${error.message}`, {
      hint: "put the run's plan.json, journal.ndjson and ledgers beside it",
      exitCode: EXIT.inconclusive,
    });
  }
}

/** What is said of a stored result that is not shown. */
export function unverifiedText(place: string, differs: string): string {
  return `${place}: its result.json is unverified (${differs}); this is what the evidence gives\n`;
}

/**
 * What is said of a run that has no result, or one that cannot be read. `place` is the run
 * directory, `problem` is of the file, `command` how the user calls drill.
 */
function noResult(place: string, problem: string, command: string): UserError {
  const what = existsSync(`${place}/result.json`)
    ? `its result.json is damaged: ${problem}`
    : 'it has no result.json: it is still running, or its runner was killed';
  const unread = whyUnread(`${place}/result.json`);
  if (unread !== null) return new UserError(unread, { exitCode: EXIT.inconclusive });
  return new UserError(`${place}: ${what}`, {
    hint: `${command} judge ${place}   computes the result from the other files`,
    exitCode: EXIT.inconclusive,
  });
}

function whyUnread(file: string): string | null {
  try {
    readWhole(file);
    return null;
  } catch (error) {
    return error instanceof UnreadableError ? error.message : null;
  }
}
