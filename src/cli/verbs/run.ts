// `drill run FILE…`: all files are checked before anything is started; then each is run, one after
// the other.
import { basename } from 'node:path';
import { statedSettings } from '../../drill/file/settings.ts';
import type { Reporter } from '../../report/reporter.ts';
import { makeReporters } from '../../report/reporters.ts';
import { commandName } from '../../screen/command-name.ts';
import { UserError } from '../../screen/user-error.ts';
import { findKept, requireStayable } from '../../session/kept.ts';
import type { DrillRead } from '../../session/read.ts';
import { requireRunnable } from '../../session/run-one.ts';
import { runTrials } from '../../session/series.ts';
import { CONFIG_FILE } from '../../session/source.ts';
import { EXIT, worstExit } from '../../verdict/exit-code.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import { timeoutOf, timeoutOption, outOption, runsOf } from '../run-options.ts';
import { sessionOf } from '../session-of.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const runVerb: Verb = {
  command: 'run <files..>',
  positionals: {
    files: { describe: 'Drill files; the worst verdict is the exit code' },
  },
  options: {
    ...drillOptions,
    out: outOption,
    keep: { describe: 'Leave the system running afterwards: never, on-failure or always' },
    against: {
      describe:
        'Drill the system that drill up (or --keep) made in this run: empties its tables, ' +
        'breaks it, leaves it broken',
    },
    reporter: {
      describe:
        'What to write while and after: live, plain, json[=FILE], junit[=FILE]; ' +
        'several with commas',
    },
    quiet: { type: 'boolean', describe: 'One line per drill, no progress' },
    json: { type: 'boolean', describe: 'The result as JSON on stdout' },
    timeout: timeoutOption,
  },
  examples: [
    ['drill run drills/region-outage.yaml', 'lose a region and see what it cost'],
    ['drill run drills/first-drill.yaml --reporter plain,junit=drill.xml', 'in CI'],
    ['drill run my.yaml --set targets.rto=5s --seed 7', 'another target, another seed'],
    ['drill run my.yaml --keep on-failure', 'look around in the system that failed'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const reporter = makeReporters((args['reporter'] as string | undefined) ?? null, {
    screen: context.screen,
    directory: context.directory,
    quiet: args['quiet'] === true,
    json: args['json'] === true,
    commandName: commandName(context.environment),
  });
  const files = args['files'] as string[];
  const asked = await asReported(reporter, files, async () => await askedOf(files, args, context));
  if ('exit' in asked) {
    await reporter.onRefused?.(asked.refused);
    return asked.exit;
  }
  const { drills, against, limit_ms } = asked;
  if (against !== null) {
    const run = basename(against.directory);
    context.screen.stderr.write(`drill: warning: the tables of ${run} are emptied first\n`);
  }
  const session = sessionOf(context, reporter);
  const how = { repeat: 1, flags: flagsOf(args) };
  const made = await runTrials(drills, how, session, { limit_ms, against });
  await reporter.onEnd?.();
  const codes = made.map(({ result }) => EXIT[result.verdict]);
  return worstExit(context.interrupt.aborted ? [...codes, EXIT.interrupted] : codes);
}

/** What is to be run on what; the answer is an exit code where a file has errors. */
async function askedOf(files: readonly string[], args: VerbArguments, context: CliContext) {
  const drills = await readDrills(files, args, context);
  if ('exit' in drills) return drills;
  await requireRunnable(drills, context);
  requireKeepable(drills, args, context);
  const limit_ms = timeoutOf(args);
  const wanted = args['against'] as string | undefined;
  if (wanted === undefined) return { drills, limit_ms, against: null };
  const runs = await runsOf(args, context);
  return { drills, limit_ms, against: findKept(wanted, drills, { ...context, runs }) };
}

/** What keeps drills from being started is told in report files too. */
async function asReported<T>(
  reporter: Reporter,
  files: readonly string[],
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { message } = error as Error;
    await reporter.onRefused?.([{ file: files.join(', '), reasons: [message] }]);
    throw error;
  }
}

/** Throws a `UserError` where a system that is to be kept cannot be, or is up anyway. */
function requireKeepable(
  drills: readonly DrillRead[],
  args: VerbArguments,
  context: CliContext,
): void {
  const staying = drills.filter(({ settings }) => settings.keep !== 'never');
  for (const { plan } of staying) requireStayable(plan, keepSource(args, context));
  const [first] = staying;
  if (first === undefined || args['against'] === undefined) return;
  const expected = 'expected never with --against, since the system stays up anyway';
  const { keep } = first.settings;
  throw new UserError(`${keepSource(args, context)}: ${expected}; got ${keep}`, {
    hint: '--keep never',
  });
}

/** `--keep`, `DRILL_KEEP`, `drill.config.yaml: keep`: the first of them that has a value. */
function keepSource(args: VerbArguments, { environment }: CliContext): string {
  const { keep } = statedSettings({ environment, flags: flagsOf(args) }, null);
  return keep[0]?.name ?? `${CONFIG_FILE}: keep`;
}
