// `drill clean [RUN]`: finishes the clean-up of runs that were killed. Foreign things are never
// touched.
import { findRun } from '../../archive/run-list.ts';
import { cleanable } from '../../session/clean.ts';
import { cleanAndTell } from '../clean-runs.ts';
import { outOption, runsOf } from '../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const cleanVerb: Verb = {
  command: 'clean [run]',
  positionals: {
    run: {
      describe: 'One run (id, path or latest), kept ones included; default: all',
    },
  },
  options: {
    out: outOption,
    kept: { type: 'boolean', describe: 'Also bring down what --keep left running' },
    json: { type: 'boolean', describe: 'What was done, as JSON' },
  },
  examples: [
    ['drill clean', 'after a run was killed'],
    ['drill clean latest', 'bring down a system that --keep left running'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const wanted = args['run'] as string | undefined;
  const isNamed = wanted !== undefined;
  const directories = isNamed ? [findRun(runs, wanted, context.directory)] : cleanable(runs);
  const options = {
    includeKept: isNamed || args['kept'] === true,
    areMeant: isNamed,
    isJson: args['json'] === true,
    words: {
      done: 'cleaned',
      notDone: 'not clean yet',
      nothing: null, // most runs are
      none: 'nothing to clean',
    },
  };
  return await cleanAndTell(directories, options, context);
}
