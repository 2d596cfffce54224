// `drill down RUN`: brings down what `drill up` or `--keep` left running. Doing it twice is fine.
import { findSystem, systemsUp } from '../../archive/run-list.ts';
import { UserError } from '../../screen/user-error.ts';
import { cleanAndTell } from '../clean-runs.ts';
import { outOption, runsOf } from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

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
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const options = {
    includeKept: true,
    areMeant: true,
    isJson: args['json'] === true,
    words: {
      done: 'down',
      notDone: 'not down yet',
      nothing: 'nothing of it is up',
      none: 'no system is up',
    },
  };
  return await cleanAndTell(await placesOf(args, context), options, context);
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
