// `drill run FILE…`: all files are checked before anything is started; then each is run, one after
// the other.
import { runsDirectory } from '../archive/run-directory.ts';
import { pruneRuns, RUNS_KEPT } from '../archive/run-list.ts';
import { parseDuration } from '../base/units.ts';
import { runDrill } from '../engine/run.ts';
import type { RunEvent } from '../evidence/event.ts';
import { faults } from '../fault/registry.ts';
import { hostClock } from '../host/clock.ts';
import { markedEnvironment } from '../host/processes.ts';
import { recoveries } from '../recovery/registry.ts';
import { makeReporters } from '../report/reporters.ts';
import type { Reporter } from '../report/reporter.ts';
import { UserError } from '../screen/user-error.ts';
import type { Result } from '../verdict/result.ts';
import { readAgainst, runtimeAgainst, type Against } from './against.ts';
import { commandName } from './command-name.ts';
import { EXIT, exitOf, worstExit } from './exit-code.ts';
import { drillOptions, flagsOf, readDrill, type DrillRead } from './read-drill.ts';
import { leftBehindText } from './left-behind.ts';
import { newPlace } from './new-place.ts';
import { preflightOf } from './needs.ts';
import { outOption } from './runs-of.ts';
import { checkRuntimeFiles, runtimeOf } from './runtime-of.ts';
import type { CliContext, Verb, VerbArguments } from './verb.ts';
import { version } from './version.ts';

const TIMEOUT_MAX_MS = 24 * 3_600_000;

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
    timeout: {
      type: 'string',
      requiresArg: true,
      describe: 'Stop a drill that takes longer, e.g. 5m (inconclusive, exit code 3)',
    },
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
  const drills = await readAll(args, context);
  if ('exit' in drills) return drills.exit;
  const limit_ms = timeoutOf(args['timeout']);
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
    const result = await runOne(drill, { context, reporter, limit_ms, against });
    codes.push(exitOf(result.verdict));
  }
  await reporter.onEnd?.();
  return worstExit(context.interrupt.aborted ? [...codes, EXIT.interrupted] : codes);
}

/** Every file is read and all their problems shown before the first one starts. */
async function readAll(
  args: VerbArguments,
  context: CliContext,
): Promise<DrillRead[] | { readonly exit: number }> {
  const drills: DrillRead[] = [];
  let exit: number | null = null;
  for (const file of args['files'] as string[]) {
    const read = await readDrill(file, flagsOf(args), context);
    if ('exit' in read) exit = read.exit;
    else drills.push(read);
  }
  if (exit !== null) return { exit };
  for (const drill of drills) await checkRuntimeFiles(drill, context);
  const asks = drills.find(({ plan }) => plan.declare.by === 'operator');
  if (asks !== undefined && context.askForEnter === null) {
    throw new UserError(
      `${asks.plan.name}: "declare: operator" waits for somebody to press Enter; ` +
        'stdin is no terminal',
      { hint: 'run it in a terminal, or with --set declare=automatic' },
    );
  }
  return drills;
}

function timeoutOf(value: unknown): number | null {
  if (value === undefined) return null;
  const text = value as string;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= TIMEOUT_MAX_MS) return ms;
  throw new UserError(`--timeout: expected a duration such as 90s or 5m, got "${text}"`);
}

interface RunSurroundings {
  readonly context: CliContext;
  readonly reporter: Reporter;
  readonly limit_ms: number | null;
  readonly against: Against | null;
}

async function runOne(
  drill: DrillRead,
  { context, reporter, limit_ms, against }: RunSurroundings,
): Promise<Result> {
  const { plan, settings, text } = drill;
  const runs = runsDirectory(context.directory, settings.out);
  const clock = hostClock();
  const place = newPlace(runs, plan.name);
  const { id, directory } = place;
  const environment = markedEnvironment(context.environment, id);
  reporter.onPlan?.(plan);
  context.onRun?.(() => leftBehindText(place, context));
  const target =
    against === null
      ? {
          runtime: runtimeOf(drill, environment, context),
          preflight: preflightOf(drill, runs, context.environment),
          release: () => {},
        }
      : runtimeAgainst(against, plan, context.environment);
  const result = await runDrill({
    plan,
    text: new TextEncoder().encode(text),
    place,
    parts: { runtime: target.runtime, faults, recoveries, preflight: target.preflight },
    version: version(),
    environment,
    onEvent: (event: RunEvent) => reporter.onEvent?.(event),
    interrupt: context.interrupt,
    kill: context.kill,
    keep: settings.keep,
    limit_ms,
    askForEnter: context.askForEnter,
  }).finally(target.release);
  context.onRun?.(null);
  reporter.onResult?.(result, directory);
  pruneRuns(runs, RUNS_KEPT, clock.wall(), (problem) => {
    context.screen.stderr.write(`drill: warning: ${problem}\n`);
  });
  return result;
}
