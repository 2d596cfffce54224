// `drill worker`: makes trials of series that other machines asked for, until it is stopped.
import { hostname } from 'node:os';
import { RUNTIME_NAMES, type RuntimeName } from '../../drill/file/runtimes.ts';
import type { RunSettings } from '../../drill/file/settings.ts';
import { EnvironmentError } from '../../host/environment-error.ts';
import { runsDirectory } from '../../archive/run-directory.ts';
import { SharedQueue } from '../../queue/queue.ts';
import { UserError } from '../../screen/user-error.ts';
import { cleanBrokenOff } from '../../session/clean.ts';
import { workOn } from '../../session/queue/worker.ts';
import { inspectWithoutDrill } from '../../session/read.ts';
import { requireRuntime } from '../../session/runtime-of.ts';
import { version } from '../../session/version.ts';
import { EXIT, EXITS_WITHOUT_VERDICT } from '../../verdict/exit-code.ts';
import { progressSession } from '../progress-session.ts';
import { queueNeeded, queueOption, withoutQueue } from '../queue-option.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const workerVerb: Verb = {
  command: 'worker',
  positionals: {},
  options: {
    queue: { describe: `${queueOption.describe}. Default: DRILL_QUEUE` },
    name: { describe: 'What its trials are said to come from (default: the name of the machine)' },
    runtime: {
      choices: RUNTIME_NAMES,
      describe: 'Take trials of this runtime alone (default: of each that works here)',
    },
    quiet: { type: 'boolean', describe: 'No progress of the trials' },
  },
  exits: EXITS_WITHOUT_VERDICT,
  examples: [
    ['DRILL_QUEUE=postgres://drill:secret@db/drill drill worker', 'on each machine'],
    ['drill worker --queue postgres://drill@db/drill --name rack-7', 'under a name of its own'],
  ],
  run: work,
};

async function work(args: VerbArguments, given: CliContext): Promise<number> {
  const address = queueNeeded(args, given);
  const context = withoutQueue(given);
  const { settings, drill: _, ...read } = await inspectWithoutDrill({}, context);
  const problem = read.diagnostics.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw new UserError(`${problem.source}: ${problem.message}`);
  const name = (args['name'] as string | undefined) ?? hostname();
  const { stdout } = context.screen;
  const say = (text: string) => stdout.write(`${text}\n`);
  const runtimes = await ableRuntimes(args, settings, context);
  const runs = runsDirectory(context.directory, settings.out);
  for (const { run, left } of await cleanBrokenOff(runs, context)) {
    say(`${run} was broken off: ${left.length === 0 ? 'cleaned up' : left.join('; ')}`);
  }
  const queue = await SharedQueue.open(address);
  say(`${name} takes trials of drill ${version()}, ${runtimes.join(' and ')}: ${address.shown}`);
  const title = ({ name: drill }: { readonly name: string }) => drill;
  const { session, end } = progressSession(args, context, { noun: 'trial', title });
  try {
    await workOn(session, { queue, name, runtimes, runs, say });
    say('stopped');
  } finally {
    await end();
    await queue.close();
  }
  return EXIT.pass;
}

/** Rejects where there is none, with what the machine lacks for the first. */
async function ableRuntimes(
  args: VerbArguments,
  settings: RunSettings,
  context: CliContext,
): Promise<RuntimeName[]> {
  const asked = RUNTIME_NAMES.filter((each) =>
    [undefined, each].includes(args['runtime'] as never),
  );
  const able: RuntimeName[] = [];
  let lacks: EnvironmentError | null = null;
  for (const runtime of asked) {
    try {
      await requireRuntime(runtime, settings, context);
      able.push(runtime);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      lacks ??= error;
    }
  }
  if (able.length === 0) throw lacks!;
  return able;
}
