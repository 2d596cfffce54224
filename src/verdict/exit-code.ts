// The exit codes of the command, as one table: the verdicts' codes, what `--help` says of them, and
// which one wins when several drills end in one command.
import type { Verdict } from './result.ts';

export const EXIT = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  environment: 4,
  unclean: 5,
  internal: 70,
  interrupted: 130,
} as const;

/** What each code means, in the order in which `--help` prints them. */
export const EXIT_MEANINGS: readonly (readonly [keyof typeof EXIT, string])[] = [
  ['pass', 'every target met, nothing left behind'],
  ['fail', 'a target was missed, acknowledged data was harmed, or a recovery step failed'],
  ['usage', 'bad command line or bad drill file; nothing was started'],
  ['inconclusive', 'it could not be measured well enough to judge'],
  ['environment', 'a system could not be brought up, or down, or a needed part is missing'],
  ['unclean', 'something could not be cleaned up; `drill clean` tries again'],
  ['internal', 'a bug in drill'],
  ['interrupted', 'stopped by a signal, after healing and cleaning up'],
];

/** Of a verb that judges nothing. */
export const EXITS_WITHOUT_VERDICT: typeof EXIT_MEANINGS = [
  ['pass', 'done'],
  ['usage', 'bad command line, a bad file, or nothing there to do it to; nothing was done'],
  ['inconclusive', 'a file of a run that it needs cannot be read'],
  ['environment', 'the machine does not let it, such as a file that cannot be written'],
  ['internal', 'a bug in drill'],
];

/** Worst first. A usage error starts nothing, so it is never one of several results. */
const WORST_FIRST: readonly number[] = [70, 130, 1, 5, 4, 3, 0];

/** The code of a command that ended with all of these. A code outside the table wins. */
export function worstExit(codes: readonly number[]): number {
  const unknown = codes.find((code) => !WORST_FIRST.includes(code));
  return unknown ?? WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.pass;
}

/** The verdict of several runs together; none proves nothing. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const worst = worstExit(verdicts.map((verdict) => EXIT[verdict]));
  return verdicts.find((verdict) => EXIT[verdict] === worst) ?? 'inconclusive';
}
