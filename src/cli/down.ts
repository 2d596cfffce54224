// `drill down RUN`: brings down what `drill up` or `--keep` left running. Doing it twice is fine.
import { basename, resolve } from 'node:path';
import { findSystem, systemsUp } from '../archive/systems.ts';
import { cleanRun, type Cleaned } from '../engine/clean.ts';
import type { UndoEntry } from '../evidence/undo.ts';
import { UserError } from '../screen/user-error.ts';
import { performUndo } from '../topology/undo.ts';
import { EXIT, worstExit } from './exit-code.ts';
import { cleanCommand } from './left-behind.ts';
import { outOption, runsOf } from './runs-of.ts';
import type { CliContext, Verb, VerbArguments } from './verb.ts';

export const downVerb: Verb = {
  command: 'down [run]',
  summary: 'Bring a system down that drill up or --keep left running',
  positionals: {
    run: { type: 'string', describe: 'Its run: an id or the beginning of one, a path, latest' },
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
  run,
};

interface DownRun {
  readonly run: string;
  readonly directory: string;
  readonly outcome: Cleaned;
}

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const ended: DownRun[] = [];
  for (const place of (await placesOf(args, context)).map((each) => resolve(each))) {
    // One that cannot be read must not keep the others from coming down.
    const { environment } = context;
    const perform = (entry: UndoEntry) => performUndo(entry, { environment });
    const outcome = await cleanRun(place, perform, { includeKept: true }).catch(
      (error: Error): Cleaned => ({ state: 'cleaned', undone: [], left: [error.message] }),
    );
    ended.push({ run: basename(place), directory: place, outcome });
  }
  const { stdout } = context.screen;
  const lines = ended.flatMap((one) => describeDown(one, context));
  if (args['json'] === true) stdout.write(`${JSON.stringify(ended, null, 2)}\n`);
  else stdout.write(`${lines.join('\n') || 'no system is up'}\n`);
  return worstExit(ended.map(({ outcome }) => exitOfDown(outcome)));
}

async function placesOf(args: VerbArguments, context: CliContext): Promise<string[]> {
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

function exitOfDown(outcome: Cleaned): number {
  switch (outcome.state) {
    case 'nothing':
    case 'kept':
      return EXIT.pass;
    case 'running':
    case 'in-use':
    case 'foreign':
      return EXIT.environment;
    case 'cleaned':
      return outcome.left.length === 0 ? EXIT.pass : EXIT.unclean;
  }
}

function describeDown({ run: id, directory, outcome }: DownRun, context: CliContext): string[] {
  switch (outcome.state) {
    case 'nothing':
    case 'kept':
      return [`${id}: nothing of it is up`];
    case 'running':
      return [`${id}: its runner (process ${outcome.pid}) is at work; stop it with Ctrl-C there`];
    case 'in-use':
      return [`${id}: in use by ${outcome.by} (process ${outcome.pid}); stop that first`];
    case 'foreign':
      return [`${id}: belongs to another user, who can bring it down`];
    case 'cleaned': {
      const indent = (line: string) => `  ${line}`;
      if (outcome.left.length === 0) return [`${id}: down`, ...new Set(outcome.undone.map(indent))];
      const again = `try again: ${cleanCommand({ id, directory }, context)}`;
      return [`${id}: not down yet`, ...[...outcome.left, again].map(indent)];
    }
  }
}
