// `drill run FILE…`: all files are checked before anything is started; then each is run, one after
// the other.
import { RUNS_KEPT } from '../../archive/run-list.ts';
import { makeReporters } from '../../report/reporters.ts';
import { readAgainst } from '../against.ts';
import { requireStayable } from '../can-stay-up.ts';
import { commandName } from '../command-name.ts';
import { EXIT, exitOf, worstExit } from '../exit-code.ts';
import { keepSource } from '../keep-source.ts';
import { drillOptions } from '../read-drill.ts';
import { readDrills, runOne, timeoutOf, timeoutOption } from '../run-one.ts';
import { outOption } from '../runs-of.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

export const runVerb: Verb = {
  command: 'run <files..>',
  summary: 'Run drills and judge what they measured against their targets',
  positionals: {
    files: {
      type: 'string',
      array: true,
      describe: 'Drill files; the worst verdict is the exit code',
    },
  },
  options: {
    ...drillOptions,
    out: outOption,
    keep: {
      type: 'string',
      requiresArg: true,
      describe: 'Leave the system running afterwards: never, on-failure or always',
    },
    against: {
      type: 'string',
      requiresArg: true,
      describe: 'Drill the system of this run, which is up (drill up), and leave it as it is then',
    },
    reporter: {
      type: 'string',
      requiresArg: true,
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
    ['drill run drills/*.yaml --reporter plain,junit=drill.xml', 'in CI, as a gate'],
    ['drill run my.yaml --set targets.rto=5s --seed 7', 'with another target and other chances'],
    ['drill run my.yaml --keep on-failure', 'look around in the system that failed'],
  ],
  run,
};

async function run(args: VerbArguments, context: CliContext): Promise<number> {
  const drills = await readDrills(args['files'] as string[], args, context);
  if ('exit' in drills) return drills.exit;
  const staying = drills.filter(({ settings }) => settings.keep !== 'never');
  for (const { plan } of staying) requireStayable(plan, keepSource(args, context));
  const limit_ms = timeoutOf(args);
  const reporter = makeReporters((args['reporter'] as string | undefined) ?? null, {
    screen: context.screen,
    directory: context.directory,
    quiet: args['quiet'] === true,
    json: args['json'] === true,
    commandName: commandName(context.environment),
  });
  const against = await readAgainst(args, drills, context);
  const codes: number[] = [];
  for (const drill of drills) {
    if (context.interrupt.aborted) break;
    const surroundings = { context, reporter, limit_ms, against, runsKept: RUNS_KEPT };
    const { result } = await runOne(drill, surroundings);
    codes.push(exitOf(result.verdict));
  }
  await reporter.onEnd?.();
  return worstExit(context.interrupt.aborted ? [...codes, EXIT.interrupted] : codes);
}
