// `drill clean [RUN]` finishes the clean-up of runs that were killed, and `drill down RUN` brings
// down what `drill up` or `--keep` left running. Foreign things are never touched, and doing it
// twice is fine.
import { basename } from 'node:path';
import { findRun, findSystem, systemsUp } from '../../archive/run-list.ts';
import type { Cleaned } from '../../engine/clean/clean-run.ts';
import { ownerOfPath } from '../../host/users.ts';
import { commandName } from '../../screen/command-name.ts';
import { printable, shellWord } from '../../screen/text.ts';
import { UserError } from '../../screen/user-error.ts';
import { cleanable, cleanRuns, removeHalves, type CleanedRun } from '../../session/clean.ts';
import { unaskedIn, type Unasked } from '../../session/attached/unasked.ts';
import { EXIT, worstExit } from '../../verdict/exit-code.ts';
import { cleanOrphans, mentionOrphans } from '../orphans.ts';
import { outOption, restoreNamed, runsOf } from '../run-options.ts';
import { cleanCommand } from '../session-of.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const cleanVerb: Verb = {
  command: 'clean [run]',
  positionals: {
    run: {
      describe:
        'One run (id, path or latest), kept ones included, or one restore (id, name or path); ' +
        'default: all',
    },
  },
  options: {
    out: outOption,
    kept: { type: 'boolean', describe: 'Also bring down what --keep left running' },
    orphans: {
      type: 'boolean',
      describe: 'What carries the mark of a run whose folder is gone; only listed without --yes',
    },
    yes: { type: 'boolean', describe: 'With --orphans: remove what is listed' },
    json: { type: 'boolean', describe: 'What was done, as JSON' },
  },
  examples: [
    ['drill clean', 'after a run was killed'],
    ['drill clean --orphans', 'after a folder of runs was deleted'],
  ],
  run: async (args, context) => {
    const runs = await runsOf(args, context);
    const wanted = args['run'] as string | undefined;
    if (args['orphans'] === true) return await cleanOrphans(runs, wanted, args, context);
    if (args['yes'] === true) throw new UserError('--yes goes with --orphans');
    const isNamed = wanted !== undefined;
    const directories = isNamed ? [meantBy(wanted, runs, context)] : cleanable(runs);
    const kept = isNamed || args['kept'] === true;
    const meant = { kept, each: isNamed, ...(isNamed ? {} : { unasked: unaskedIn(runs) }) };
    const code = await cleanAndTell(directories, meant, CLEAN_WORDS, args, context);
    if (isNamed) return code;
    removeHalves(runs);
    await mentionOrphans(runs, context);
    return code;
  },
};

function meantBy(wanted: string, runs: string, { directory }: CliContext): string {
  return restoreNamed(runs, wanted, directory) ?? findRun(runs, wanted, directory);
}

export const downVerb: Verb = {
  command: 'down [run]',
  positionals: {
    run: { describe: 'Its run: an id or the beginning of one, a path, latest' },
  },
  options: {
    all: { type: 'boolean', describe: 'Every system that is up' },
    out: outOption,
    json: { type: 'boolean', describe: 'What was done, as JSON' },
  },
  examples: [
    ['drill down latest', 'the newest system that is up'],
    ['drill down --all', 'every one that was made from this folder'],
  ],
  run: async (args, context) => {
    const directories = await systemsMeant(args, context);
    return await cleanAndTell(directories, { kept: true, each: true }, DOWN_WORDS, args, context);
  },
};

async function systemsMeant(args: VerbArguments, context: CliContext): Promise<string[]> {
  const wanted = args['run'] as string | undefined;
  const all = args['all'] === true;
  if (all === (wanted !== undefined)) {
    const what = all ? 'either a run or --all, got both' : 'a run, or --all';
    throw new UserError(`expected ${what}`, { hint: 'drill list runs' });
  }
  const runs = await runsOf(args, context);
  if (wanted !== undefined) return [findSystem(runs, wanted, context.directory)];
  return systemsUp(runs).map(({ directory }) => directory);
}

interface CleanWords {
  readonly done: string;
  readonly notDone: string;
  /** The word for a run with nothing to do; null: none. */
  readonly nothing: string | null;
  /** The words where no run had anything to do. */
  readonly none: string;
}

const CLEAN_WORDS: CleanWords = {
  done: 'cleaned',
  notDone: 'not clean yet',
  nothing: null, // most runs are
  none: 'nothing to clean',
};

const DOWN_WORDS: CleanWords = {
  done: 'down',
  notDone: 'not down yet',
  nothing: 'nothing of it is up',
  none: 'no system is up',
};

/**
 * Prints what was done; resolves to the exit code. Where the user means `each` run, to leave one as
 * it is is no success.
 */
async function cleanAndTell(
  directories: readonly string[],
  meant: { readonly kept: boolean; readonly each: boolean; readonly unasked?: Unasked },
  words: CleanWords,
  args: VerbArguments,
  context: CliContext,
): Promise<number> {
  const cleaned = await cleanRuns(directories, meant.kept, context, meant.unasked);
  const { stdout } = context.screen;
  const lines = cleaned.flatMap((one) => describeCleaned(one, words, context));
  if (args['json'] === true) stdout.write(`${JSON.stringify(cleaned, null, 2)}\n`);
  else stdout.write(`${lines.join('\n') || words.none}\n`);
  return worstExit(cleaned.map(({ outcome }) => exitOfCleaned(outcome, meant.each)));
}

function exitOfCleaned(outcome: Cleaned, isMeant: boolean): number {
  switch (outcome.state) {
    case 'nothing':
    case 'kept':
      return EXIT.pass;
    case 'running':
    case 'unseen':
    case 'in-use':
    case 'foreign':
      return isMeant ? EXIT.environment : EXIT.pass;
    case 'refused':
      return EXIT.unclean;
    case 'cleaned':
      return outcome.left.length === 0 ? EXIT.pass : EXIT.unclean;
  }
}

function describeCleaned(
  { run, directory, outcome }: CleanedRun,
  { done, notDone, nothing }: CleanWords,
  context: CliContext,
): string[] {
  const id = printable(run);
  const again = cleanCommand({ id: run, directory }, context);
  // What stands in a log may come from anybody, with control characters in it.
  const indent = (line: string) => `  ${printable(line)}`;
  switch (outcome.state) {
    case 'nothing':
      return nothing === null ? [] : [`${id}: ${nothing}`];
    case 'foreign':
      return [`${id}: belongs to another user; ${asOwner(directory, again)}`];
    case 'kept':
      return [`${id}: left running on request; to bring it down: ${again}`];
    case 'refused':
      return [`${id}: not touched: ${printable(outcome.reason)}`];
    case 'unseen':
      return [`${id}: ${unseenWords(outcome, directory, context)}`];
    case 'in-use':
      return [
        `${id}: in use by ${printable(outcome.by)} (process ${outcome.pid}); stop that first`,
      ];
    case 'running': {
      const where = `process ${outcome.pid}, ${printable(directory)}`;
      return [`${id}: still running (${where}); stop it there with Ctrl-C`];
    }
    case 'cleaned':
      if (outcome.left.length === 0)
        return [`${id}: ${done}`, ...new Set(outcome.undone.map(indent))];
      return [`${id}: ${notDone}`, ...[...outcome.left, `try again: ${again}`].map(indent)];
  }
}

/** The command for who owns the run, where this user may become that one. */
function asOwner(directory: string, again: string): string {
  const owner = ownerOfPath(directory);
  if (owner === null) return 'who can clean it';
  const { name, uid } = owner;
  const user = name === null ? `'#${uid}'` : shellWord(name);
  return `${name ?? `uid ${uid}`} can clean it: sudo -u ${user} ${again}`;
}

/** Nobody kills what may be at work, or removes what it works in. */
function unseenWords(
  { pid, host }: Extract<Cleaned, { state: 'unseen' }>,
  directory: string,
  { environment }: CliContext,
): string {
  const run = shellWord(basename(directory));
  const orphans = `${commandName(environment)} clean --orphans ${run} --yes`;
  const where = host === null ? '' : ` of ${printable(host)}`;
  return (
    `it was started in another PID namespace, container or machine (process ${pid}${where}) and ` +
    `cannot be judged from here; clean it there, or on the host of that container. ` +
    `Where that is gone for good: rm -r ${shellWord(directory)}; ${orphans}`
  );
}
