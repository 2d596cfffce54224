// What `run` and `compare` share: every file is read before the first one starts, and one drill is
// run and told to a reporter.
import type { Options } from 'yargs';
import { runsDirectory } from '../archive/run-directory.ts';
import { pruneRuns } from '../archive/run-list.ts';
import { parseDuration } from '../base/units.ts';
import { runDrill } from '../engine/run.ts';
import type { RunEvent } from '../evidence/event.ts';
import { faults } from '../fault/registry.ts';
import { hostClock } from '../host/clock.ts';
import { markedEnvironment } from '../host/process/processes.ts';
import { recoveries } from '../recovery/registry.ts';
import type { Reporter } from '../report/reporter.ts';
import { UserError } from '../screen/user-error.ts';
import type { Result } from '../verdict/result.ts';
import { runtimeAgainst, type Against } from './against.ts';
import { leftBehindText } from './left-behind.ts';
import { preflightOf } from './needs.ts';
import { newPlace } from './new-place.ts';
import { flagsOf, readDrill, type DrillRead } from './read-drill.ts';
import { checkRuntimeFiles, runtimeOf } from './runtime-of.ts';
import type { CliContext, VerbArguments } from './verb.ts';
import { version } from './version.ts';

const TIMEOUT_MAX_MS = 24 * 3_600_000;

export const timeoutOption = {
  type: 'string',
  requiresArg: true,
  describe: 'Stop a drill that takes longer, e.g. 5m (inconclusive, exit code 3)',
} as const satisfies Options;

/** Null where the flag is not given. */
export function timeoutOf(args: VerbArguments): number | null {
  const text = args['timeout'] as string | undefined;
  if (text === undefined) return null;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0 && ms <= TIMEOUT_MAX_MS) return ms;
  throw new UserError(`--timeout: expected a duration such as 90s or 5m, got "${text}"`);
}

/**
 * Every file is read and all their problems shown before the first one starts; with an error among
 * them the answer is the exit code to end with.
 */
export async function readDrills(
  files: readonly string[],
  args: VerbArguments,
  context: CliContext,
): Promise<DrillRead[] | { readonly exit: number }> {
  const drills: DrillRead[] = [];
  let exit: number | null = null;
  for (const file of files) {
    const read = await readDrill(file, flagsOf(args), context);
    if ('exit' in read) exit = read.exit;
    else drills.push(read);
  }
  if (exit !== null) return { exit };
  for (const { drill, settings } of drills) {
    await checkRuntimeFiles(drill.runtime, settings, context);
  }
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

export interface RunSurroundings {
  readonly context: CliContext;
  readonly reporter: Reporter;
  readonly limit_ms: number | null;
  readonly against: Against | null;
  /** Older runs beyond so many are removed afterwards. */
  readonly runsKept: number;
}

/** `directory` is the run directory. */
export async function runOne(
  drill: DrillRead,
  { context, reporter, limit_ms, against, runsKept }: RunSurroundings,
): Promise<{ readonly result: Result; readonly directory: string }> {
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
  pruneRuns(runs, runsKept, clock.wall(), (problem) => {
    context.screen.stderr.write(`drill: warning: ${problem}\n`);
  });
  return { result, directory };
}
