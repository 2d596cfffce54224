// `drill run FILE…`: all files are checked before anything is started; then each is run, one after
// the other.
import { basename } from 'node:path';
import { statedSettings } from '../../drill/file/settings.ts';
import type { Refused, Reporter } from '../../report/reporter.ts';
import { makeReporters, REPORTERS, writeUnfinished } from '../../report/reporters.ts';
import { commandName } from '../../screen/command-name.ts';
import { UserError } from '../../screen/user-error.ts';
import { findKept, requireStayable } from '../../session/kept.ts';
import type { DrillRead } from '../../session/read.ts';
import { chosenOf, filesOf } from '../../session/choose-drills.ts';
import { requireRunnable } from '../../session/run-one.ts';
import { resumeSeries, runSeries, runTrials, type Made } from '../../session/series.ts';
import type { SeriesFile } from '../../session/series-files.ts';
import { unmadeOf } from '../../session/series-results.ts';
import { CONFIG_FILE } from '../../session/source.ts';
import { repeatOf } from '../../session/trials.ts';
import { EXIT } from '../../verdict/exit-code.ts';
import { baselineOption, tellShortPasts, withBaselines } from '../baseline-option.ts';
import { choiceOf, choiceOptions } from '../choice-options.ts';
import { drillOptions, flagsOf, readDrills } from '../read-drill.ts';
import { timeoutOf, timeoutOption, outOption, runsOf } from '../run-options.ts';
import { exitOfMade } from '../runs-beside.ts';
import { confirmedOf, confirmOption } from '../confirm-option.ts';
import { sessionOf } from '../session-of.ts';
import { queueAsked, queueOption, withoutQueue } from '../queue-option.ts';
import { requireSpreadable, spreadOver } from '../spread.ts';
import { resumedOf, tellMoved, tellTrial, trialOptions, trialsAsked } from '../trial-options.ts';
import type { CliContext, Verb, VerbArguments } from '../verb.ts';

/** `live, plain, html[=FILE], …` */
function reporterWords(): string {
  const words = REPORTERS.map(({ name, writes }) =>
    writes === 'report' ? `${name}[=FILE]` : name,
  );
  return words.join(', ');
}

export const runVerb: Verb = {
  command: 'run [files..]',
  positionals: {
    files: { describe: 'Drill files, or folders of them; the worst verdict is the exit code' },
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
      describe: `What to write: ${reporterWords()}; several with commas`,
    },
    ...trialOptions,
    confirm: confirmOption,
    queue: {
      describe: `Have the machines of drill worker make the trials. ${queueOption.describe}`,
    },
    baseline: baselineOption,
    ...choiceOptions,
    quiet: { type: 'boolean', describe: 'One line per drill, no progress' },
    json: { type: 'boolean', describe: 'The result as JSON on stdout' },
    timeout: timeoutOption,
  },
  examples: [
    ['drill run drills/region-outage.yaml', 'lose a region and see what it cost'],
    ['drill run drills/first-drill.yaml --reporter plain,junit=drill.xml', 'in CI'],
    ['drill run my.yaml --set targets.rto=5s --seed 7', 'another target, another seed'],
    ['drill run my.yaml --keep on-failure', 'look around in the system that failed'],
    ['drill run my.yaml --repeat 10', 'ten trials, judged together'],
    ['drill run my.yaml --repeat 60 --queue DRILL_QUEUE', 'by drill worker on other machines'],
  ],
  run,
};

async function run(args: VerbArguments, given: CliContext): Promise<number> {
  const queue = queueAsked(args, given);
  const context = withoutQueue(given);
  const spec = (args['reporter'] as string | undefined) ?? null;
  const reporting = {
    screen: context.screen,
    directory: context.directory,
    quiet: args['quiet'] === true,
    environment: context.environment,
    json: args['json'] === true,
    commandName: commandName(context.environment),
  };
  const reporter = makeReporters(spec, reporting);
  const files = args['files'] as string[];
  await writeUnfinished(spec, namesOf(files), reporting);
  const asked = await asReported(reporter, files, async () => await askedOf(files, args, context));
  if ('exit' in asked) {
    await reporter.onRefused?.(asked.refused);
    return asked.exit;
  }
  const { drills, against, limit_ms, resumed } = asked;
  requireSpreadable(asked, queue);
  if (against !== null) {
    const run = basename(against.directory);
    context.screen.stderr.write(`drill: warning: the tables of ${run} are emptied first\n`);
  }
  const session = sessionOf(context, reporter, tellTrial(args, context));
  const options = { limit_ms, against };
  const system = against === null ? null : basename(against.directory);
  const how = { ...trialsAsked(args), flags: flagsOf(args), limit_ms, against: system };
  const made = await asReported(reporter, files, async () =>
    queue !== null
      ? await spreadOver(queue, { drills, resumed, how }, session, { args, context })
      : resumed === null
        ? await runTrials(drills, how, session, options)
        : await runSeries(resumed, drills, session, options),
  );
  await reporter.onEnd?.(unmadeIn(made, files));
  const unreported = reporter.hasFailed() ? [EXIT.environment] : [];
  return exitOfMade(made, context, unreported);
}

/** What was due and has no result, so that no report is green without it. */
function unmadeIn({ runs, series }: Made, files: readonly string[]): readonly Refused[] {
  if (series !== null) return unmadeOf(series);
  const reasons = ['it was not run: drill was stopped before'];
  return runs.length > 0 ? [] : [{ file: namesOf(files), reasons }];
}

/** What was asked for, as reports name it; a series that goes on names no file. */
function namesOf(files: readonly string[]): string {
  return files.join(', ') || 'the series';
}

/** What is to be run on what; the answer is an exit code where a file has errors. */
async function askedOf(files: readonly string[], args: VerbArguments, context: CliContext) {
  const series = await resumedOf(files, args, context);
  const read =
    series === null
      ? await readDrills(filesOf(files, context.directory), flagsOf(args), context)
      : await readAgain(series, context);
  if ('exit' in read) return read;
  const drills =
    series === null
      ? await withBaselines(await chosen(read, args, context), args, context)
      : besides(read, series);
  if (series === null) tellMoved(drills, args, context);
  await requireRunnable(drills, context, confirmedOf(args));
  if (series === null) tellShortPasts(drills, args, context);
  requireKeepable(drills, args, context);
  requireOneRun(drills, args, context);
  const limit_ms = timeoutOf(args) ?? series?.limit_ms ?? null;
  const resumed = series === null ? null : resumeSeries(series.runs, series.id, drills);
  const wanted = (args['against'] as string | undefined) ?? series?.against ?? null;
  if (wanted === null) return { drills, limit_ms, against: null, resumed };
  const runs = await runsOf(args, context);
  return { drills, limit_ms, against: findKept(wanted, drills, { ...context, runs }), resumed };
}

/** The drills of a series, each with what was laid over it alone. */
async function readAgain({ drills, flags }: SeriesFile, context: CliContext) {
  const read: DrillRead[] = [];
  for (const { file, set: own = [] } of drills) {
    const set = [...(flags.set ?? []), ...own];
    const one = await readDrills([file], { ...flags, set }, context);
    if ('exit' in one) return one;
    read.push(...one);
  }
  return read;
}

async function chosen(
  drills: readonly DrillRead[],
  args: VerbArguments,
  context: CliContext,
): Promise<readonly DrillRead[]> {
  const choice = choiceOf(args);
  return choice === null ? drills : chosenOf(drills, choice, await runsOf(args, context));
}

/** The runs of a series belong beside those that it has, and are made as those were. */
function besides(drills: readonly DrillRead[], { runs, drills: begun }: SeriesFile): DrillRead[] {
  return drills.map((each, at) => {
    const drill = { ...each.drill, runtime: begun[at]?.runtime ?? each.drill.runtime };
    return { ...each, drill, settings: { ...each.settings, out: runs } };
  });
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
    await reporter.onRefused?.([{ file: namesOf(files), reasons: [message] }]);
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

/** A system that stays up would take from the machine what the next trial is measured with. */
function requireOneRun(
  drills: readonly DrillRead[],
  args: VerbArguments,
  context: CliContext,
): void {
  const trials = trialsAsked(args);
  const repeated = drills.find((drill) => repeatOf(drill, trials) > 1);
  if (repeated === undefined) return;
  const flag =
    args['against'] !== undefined
      ? '--against'
      : repeated.settings.keep === 'never'
        ? null
        : keepSource(args, context);
  if (flag === null) return;
  const count = repeatOf(repeated, trials);
  throw new UserError(`${flag}: expected one run, got ${count} trials of ${repeated.plan.name}`, {
    hint: '--repeat 1',
  });
}

/** `--keep`, `DRILL_KEEP`, `drill.config.yaml: keep`: the first of them that has a value. */
function keepSource(args: VerbArguments, { environment }: CliContext): string {
  const { keep } = statedSettings({ environment, flags: flagsOf(args) }, null);
  return keep[0]?.name ?? `${CONFIG_FILE}: keep`;
}
