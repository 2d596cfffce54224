// Runs of several drills that one figure is made of, and what became of what a command ran.
import { planHash, type FinishedRun } from '../archive/compare.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { shortPath } from '../report/reporters.ts';
import { UserError } from '../screen/user-error.ts';
import type { DrillRead } from '../session/read.ts';
import { haltOf, runTrials, type Made, type MadeRun } from '../session/series.ts';
import { codesOf } from '../session/series-results.ts';
import { ONCE_AS_STATED } from '../session/trials.ts';
import { EXIT, worstExit } from '../verdict/exit-code.ts';
import { progressSession } from './progress-session.ts';
import { drillOptions, flagsOf } from './read-drill.ts';
import { timeoutOf } from './run-options.ts';
import type { CliContext, VerbArguments } from './verb.ts';

interface Beside {
  /** Of each drill. */
  readonly repeat: number;
  /** What a run is called while it is made. */
  readonly title: (plan: Plan) => string;
}

/**
 * Runs them one after the other. No system is kept up: it would take from the machine what the next
 * drill is measured with.
 */
export async function runBeside(
  drills: readonly DrillRead[],
  { repeat, title }: Beside,
  args: VerbArguments,
  context: CliContext,
): Promise<Made> {
  const { session, end } = progressSession(args, context, { noun: 'run', title });
  const due = drills.map((drill) => {
    return { ...drill, settings: { ...drill.settings, keep: 'never' } as const };
  });
  const how = { ...ONCE_AS_STATED, repeat, flags: flagsOf(args) };
  const made = await runTrials(due, how, session, { limit_ms: timeoutOf(args), against: null });
  await end();
  return made;
}

/** A run that was made now, as figures are made of it. */
export function finishedRun(
  { drill: { plan }, result, directory }: MadeRun,
  context: CliContext,
): FinishedRun & { readonly plan: Plan } {
  const shown = shortPath(context.directory, directory);
  return { result, plan, plan_hash: planHash(plan), differs: null, directory: shown };
}

/**
 * The exit code of a command that ran drills: of a series all that was ever due in it, whenever
 * that was run, and what the regions that its runs shared left behind. `others` are of what it did
 * besides.
 */
export function exitOfMade(
  { runs, series, left, halted }: Made,
  { interrupt }: Pick<CliContext, 'interrupt'>,
  others: readonly number[] = [],
): number {
  const own = series === null ? runs.map(({ result }) => EXIT[result.verdict]) : codesOf(series);
  const unclean = left.length === 0 ? [] : [EXIT.unclean];
  const isStopped = interrupt.aborted || haltOf(runs) !== null || halted !== undefined;
  const stopped = isStopped ? [EXIT.interrupted] : [];
  return worstExit([...own, ...unclean, ...others, ...stopped]);
}

/** Flags of runs would change nothing where none is run; `why` says so. */
export function refuseRunFlags(args: VerbArguments, why: string): void {
  const flags = [...Object.keys(drillOptions), 'repeat', 'timeout'];
  const given = flags.find((name) => args[name] !== undefined);
  if (given !== undefined) throw new UserError(`--${given} goes with drill files; ${why}`);
}
