// Where the verbs that look at runs find them, and which run they mean.
import { findRun } from '../archive/run-list.ts';
import { runsIn } from '../session/place.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

export const outOption = {
  type: 'string',
  describe: 'Where runs are kept (default .drill/runs)',
} as const satisfies Argument;

/** For the verbs that look at one run. */
export const runPositional = {
  type: 'string',
  default: 'latest',
  describe: 'An id or its beginning, the name of a drill, a path, or latest',
} as const satisfies Argument;

/** The directory of the run that `runPositional` names. */
export async function askedRun(args: VerbArguments, context: CliContext): Promise<string> {
  return findRun(await runsOf(args, context), String(args['run']), context.directory);
}

/** The directory of runs; what is wrong in the configuration file goes to stderr. */
export async function runsOf(args: VerbArguments, context: CliContext): Promise<string> {
  const out = typeof args['out'] === 'string' ? args['out'] : undefined;
  return await runsIn(context, out, (line) => context.screen.stderr.write(`${line}\n`));
}
