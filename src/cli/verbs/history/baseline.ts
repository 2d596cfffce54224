// `drill baseline save FILE`: what runs of a drill measured, as a file to be committed.
import { dirname, join, resolve } from 'node:path';
import { BASELINE_MOST } from '../../../drill/baseline.ts';
import { hostClock } from '../../../host/clock.ts';
import { writeDurably } from '../../../host/durable.ts';
import { isFolder, makeDirectories } from '../../../host/files.ts';
import { count } from '../../../screen/text.ts';
import { UserError } from '../../../screen/user-error.ts';
import { savedBaseline } from '../../../session/history/baseline.ts';
import { historyOf } from '../../../session/history/past-runs.ts';
import { EXIT } from '../../../verdict/exit-code.ts';
import { outOption, runsOf } from '../../run-options.ts';
import type { CliContext, Verb, VerbArguments } from '../../verb.ts';

export const baselineVerb: Verb = {
  command: 'baseline <action> <file>',
  positionals: {
    action: { choices: ['save'], describe: 'What to do: write the newest comparable runs' },
    file: { describe: 'A JSON file, or a folder in which it gets the name of the drill' },
  },
  options: {
    drill: { describe: 'The name of the drill; needed where runs of several are there' },
    runs: { type: 'number', describe: `At most so many runs (1 to ${BASELINE_MOST}, default 20)` },
    out: outOption,
  },
  examples: [
    ['drill baseline save baseline.json', 'then commit it, and run with --baseline baseline.json'],
    ['drill baseline save baselines/ --drill region-outage', 'one of several drills'],
  ],
  run: save,
};

async function save(args: VerbArguments, context: CliContext): Promise<number> {
  const runs = await runsOf(args, context);
  const name = (args['drill'] as string | undefined) ?? onlyDrill(runs);
  const file = savedBaseline(runs, name, mostOf(args['runs']), now());
  const path = placeOf(args['file'] as string, name, context.directory);
  try {
    makeDirectories(dirname(path));
    writeDurably(path, `${JSON.stringify(file, null, 2)}\n`);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${(error as Error).message}`, {
      exitCode: EXIT.environment,
    });
  }
  const what = count(file.samples.length, 'run');
  const { stderr } = context.screen;
  stderr.write(`written: ${path}: ${what} of ${name} (${file.strategy} on ${file.runtime})\n`);
  return EXIT.pass;
}

function now(): string {
  return new Date(hostClock().wall()).toISOString();
}

/** A folder that is not there yet is told by its slash. */
function placeOf(given: string, name: string, directory: string): string {
  const path = resolve(directory, given);
  return given.endsWith('/') || isFolder(path) ? join(path, `${name}.json`) : path;
}

function mostOf(given: unknown): number {
  const most = (given as number | undefined) ?? 20;
  if (Number.isInteger(most) && most >= 1 && most <= BASELINE_MOST) return most;
  throw new UserError(`--runs: expected a whole number from 1 to ${BASELINE_MOST}, got "${most}"`);
}

function onlyDrill(runs: string): string {
  const names = [...new Set(historyOf(runs).runs.map(({ drill }) => drill.name))];
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new UserError(`there are no runs in ${runs}`, { hint: 'drill run FILE --repeat 20' });
  }
  throw new UserError(`expected --drill NAME, one of ${names.join(', ')}`);
}
