// What `clean` and `down` do in the same way: clean up after runs, one by one, and say what came of
// each. They differ in which runs are meant and what a run is called that is done with.
import type { Cleaned } from '../engine/clean.ts';
import { cleanRuns, type CleanedRun } from '../session/clean.ts';
import { EXIT, worstExit } from '../verdict/exit-code.ts';
import { cleanCommand } from './left-behind.ts';
import type { CliContext } from './verb.ts';

export interface CleanOptions {
  readonly includeKept: boolean;
  /** The user means each of the runs: to leave one as it is is no success. */
  readonly areMeant: boolean;
  readonly isJson: boolean;
  readonly words: CleanWords;
}

interface CleanWords {
  readonly done: string;
  readonly notDone: string;
  /** The word for a run with nothing to do; null: none. */
  readonly nothing: string | null;
  /** The words where no run had anything to do. */
  readonly none: string;
}

/** Prints what was done; resolves to the exit code. */
export async function cleanAndTell(
  directories: readonly string[],
  { includeKept, areMeant, isJson, words }: CleanOptions,
  context: CliContext,
): Promise<number> {
  const cleaned = await cleanRuns(directories, includeKept, context);
  const { stdout } = context.screen;
  const lines = cleaned.flatMap((one) => describeCleaned(one, words, context));
  if (isJson) stdout.write(`${JSON.stringify(cleaned, null, 2)}\n`);
  else stdout.write(`${lines.join('\n') || words.none}\n`);
  return worstExit(cleaned.map(({ outcome }) => exitOfCleaned(outcome, areMeant)));
}

function exitOfCleaned(outcome: Cleaned, isMeant: boolean): number {
  switch (outcome.state) {
    case 'nothing':
    case 'kept':
      return EXIT.pass;
    case 'running':
    case 'in-use':
    case 'foreign':
      return isMeant ? EXIT.environment : EXIT.pass;
    case 'cleaned':
      return outcome.left.length === 0 ? EXIT.pass : EXIT.unclean;
  }
}

function describeCleaned(
  { run: id, directory, outcome }: CleanedRun,
  { done, notDone, nothing }: CleanWords,
  context: CliContext,
): string[] {
  const again = cleanCommand({ id, directory }, context);
  const indent = (line: string) => `  ${line}`;
  switch (outcome.state) {
    case 'nothing':
      return nothing === null ? [] : [`${id}: ${nothing}`];
    case 'foreign':
      return [`${id}: belongs to another user, who can clean it`];
    case 'kept':
      return [`${id}: left running on request; to bring it down: ${again}`];
    case 'in-use':
      return [`${id}: in use by ${outcome.by} (process ${outcome.pid}); stop that first`];
    case 'running':
      return [`${id}: still running (process ${outcome.pid}); stop it with Ctrl-C there`];
    case 'cleaned':
      if (outcome.left.length === 0)
        return [`${id}: ${done}`, ...new Set(outcome.undone.map(indent))];
      return [`${id}: ${notDone}`, ...[...outcome.left, `try again: ${again}`].map(indent)];
  }
}
