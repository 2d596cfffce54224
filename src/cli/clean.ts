// `drill clean [RUN]`: finishes the clean-up of runs that were killed. Foreign things are never
// touched.
import { findRun, listRuns } from '../archive/run-list.ts';
import { cleanRun, type Cleaned } from '../engine/clean.ts';
import { runsWithScratch } from '../engine/scratch.ts';
import { basename, resolve } from 'node:path';
import type { UndoEntry } from '../evidence/undo.ts';
import { performUndo } from '../topology/undo.ts';
import { EXIT } from './exit-code.ts';
import { cleanCommand } from './left-behind.ts';
import { outOption, runsOf } from './runs-of.ts';
import type { CliContext, Verb, VerbArguments } from './verb.ts';

export const cleanVerb: Verb = {
  command: 'clean [run]',
  summary: 'Remove what killed runs left behind: processes, containers, directories',
  positionals: {
    run: {
      type: 'string',
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

interface CleanedRun {
  readonly run: string;
  readonly directory: string;
  readonly outcome: Cleaned;
}

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const wanted = args['run'] as string | undefined;
  const directories =
    wanted === undefined
      ? [...listRuns(runs).map(({ directory }) => directory), ...runsWithScratch()]
      : [findRun(runs, wanted, context.directory)];
  const includeKept = wanted !== undefined || args['kept'] === true;
  const cleaned: CleanedRun[] = [];
  for (const directory of new Set(directories.map((each) => resolve(each)))) {
    // One run that cannot be read must not keep the others from being cleaned.
    const { environment } = context;
    const perform = (entry: UndoEntry) => performUndo(entry, { environment });
    const outcome = await cleanRun(directory, perform, { includeKept }).catch(
      (error: Error): Cleaned => ({ state: 'cleaned', undone: [], left: [error.message] }),
    );
    cleaned.push({ run: basename(directory), directory, outcome });
  }
  const { stdout } = context.screen;
  const words = cleaned.flatMap((one) => describeCleaned(one, context)).join('\n');
  if (args['json'] === true) stdout.write(`${JSON.stringify(cleaned, null, 2)}\n`);
  else stdout.write(`${words || 'nothing to clean'}\n`);
  const isLeft = cleaned.some(
    ({ outcome }) => outcome.state === 'cleaned' && outcome.left.length > 0,
  );
  return isLeft ? EXIT.unclean : EXIT.pass;
}

function describeCleaned(
  { run: id, directory, outcome }: CleanedRun,
  context: CliContext,
): string[] {
  switch (outcome.state) {
    case 'nothing':
      return [];
    case 'foreign':
      return [`${id}: belongs to another user, who can clean it`];
    case 'kept':
      return [
        `${id}: left running on request; to bring it down: ` +
          cleanCommand({ id, directory }, context),
      ];
    case 'in-use':
      return [`${id}: in use by ${outcome.by} (process ${outcome.pid}); stop that first`];
    case 'running':
      return [`${id}: still running (process ${outcome.pid}); stop it with Ctrl-C there`];
    case 'cleaned':
      return outcome.left.length === 0
        ? [`${id}: cleaned`]
        : [`${id}: not clean yet`, ...outcome.left.map((one) => `  ${one}`)];
  }
}
