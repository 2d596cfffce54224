// Why a part of the system ended or never came up, by the last lines that it said: where these say
// that the machine refused it something, that is the reason, whatever the part did then.
import { EnvironmentError, type EnvironmentProblem } from '../environment-error.ts';
import { tailOf } from '../files.ts';
import { lackIn, PROCESSES, type Lack } from './lacks.ts';
import { tasksOfUser } from './limits.ts';
import { lackError } from './machine-error.ts';

/** Of these some are a program's stacks, which can be long. */
export const READ_LINES = 400;
const LAST_LINES = 50;
const SHOWN_LINES = 10;
const CONTROL = /\p{Cc}+/gu;
/** Go writes why it ends, and then the stack of everything that it was doing. */
const STACKS_FOLLOW = /^(?:fatal error|panic): /;
/** PostgreSQL repeats what it was asked: a line of its own, and indented ones after it. */
const REPEATED = new RegExp(
  String.raw`^\t|^[^"']*\b(?:(?:STATEMENT|DETAIL|CONTEXT|QUERY|HINT): |` +
    String.raw`LOG: +(?:statement|execute|duration)\b)`,
);
/** libuv ends a program that may not start its first thread without saying why. */
const SILENT = /\bSIGABRT\b|\bdid not answer\b/;
/** Threads of the programs of a run: those that ended have left the count by now. */
const FEW_TASKS = 64;

export interface End {
  /** How it ended, with its last word where it had one. */
  readonly how: string;
  readonly lack: Lack | null;
}

/** The last lines of a log; empty where there is none. */
export function linesAtEnd(logFile: string): string[] {
  return tailOf(logFile, READ_LINES);
}

/** `how`: as it showed from outside; `said`: its last lines. */
export function endOf(
  how: string,
  said: readonly string[],
  tasks: typeof tasksOfUser = tasksOfUser,
): End {
  const words = lastWords(said);
  if (words !== null) return { how: `${how}: ${words}`, lack: lackIn(how) ?? lackIn(words) };
  const known = lackIn(how);
  if (known !== null || !SILENT.test(how)) return { how, lack: known };
  const own = tasks();
  if (own === null || own.has < own.most - FEW_TASKS) return { how, lack: null };
  const counted = `without a word; ${own.has} of ${own.most} processes and threads are there`;
  return { how: `${how}, ${counted}`, lack: PROCESSES };
}

/** The failure of a part whose last lines are the problem's `log`. */
export function partFailure(problem: EnvironmentProblem, cause?: unknown): EnvironmentError {
  const { what, found, hint, log: said = [] } = problem;
  const log = said.slice(-SHOWN_LINES);
  const { how, lack } = endOf(found, said);
  if (lack === null) return new EnvironmentError({ ...problem, log }, { cause });
  return lackError(lack, { what, found: how, hint, log }, cause);
}

/** The last line in which it says why it cannot go on; null where none does. */
function lastWords(said: readonly string[]): string | null {
  const stacks = said.findLastIndex((line) => STACKS_FOLLOW.test(line));
  const end = stacks === -1 ? said.length : stacks + 1;
  const lines = said.slice(Math.max(0, end - LAST_LINES), end);
  const own = lines.filter((line) => !REPEATED.test(line)).toReversed();
  const line =
    own.find((each) => lackIn(unquoted(each)) !== null) ??
    own.find((each) => /\b(?:PANIC|FATAL):/.test(each));
  // PostgreSQL's lines begin with the time and the process.
  const told = line?.replace(/^.*?\b(?:PANIC|FATAL|ERROR|LOG): +/, '');
  return told?.replace(CONTROL, ' ').trim() ?? null;
}

/** Without what somebody else may have said; a line of JSON is all in quotes. */
function unquoted(line: string): string {
  return line.startsWith('{') ? line : line.replaceAll(/"[^"]*"/g, '""');
}
