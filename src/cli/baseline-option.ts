// The flag `--baseline`: the past that recovery is held against, chosen before anything is started.
import { BASELINE_USUAL } from '../drill/baseline.ts';
import { tooFewFor } from '../drill/regression.ts';
import { UserError } from '../screen/user-error.ts';
import { withBaseline } from '../session/history/baseline.ts';
import type { DrillRead } from '../session/read.ts';
import { repeatOf } from '../session/trials.ts';
import { runsOf } from './run-options.ts';
import { trialsAsked } from './trial-options.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

export const baselineOption = {
  describe:
    'The past that targets.rto_regression compares with: last, median:N, or a FILE of ' +
    `drill baseline save (default ${BASELINE_USUAL})`,
} as const satisfies Argument;

/** What is known before the first run of a past that is too short for any answer. */
export function tellShortPasts(
  drills: readonly DrillRead[],
  args: VerbArguments,
  { screen: { stderr } }: CliContext,
): void {
  for (const drill of drills) {
    if (drill.baseline === undefined) continue;
    const { samples, lacks } = drill.baseline;
    const why = lacks ?? tooFewFor(repeatOf(drill, trialsAsked(args)), samples.length);
    if (why === null) continue;
    const what = `rto_regression of ${drill.plan.name} will be inconclusive`;
    stderr.write(`drill: warning: ${what}: ${why}\n`);
  }
}

/** Each drill with its past, where a target asks for it. Throws a `UserError`. */
export async function withBaselines(
  drills: readonly DrillRead[],
  args: VerbArguments,
  context: CliContext,
): Promise<readonly DrillRead[]> {
  const spec = args['baseline'] as string | undefined;
  const asking = drills.filter(({ plan }) => plan.targets.rto_regression !== null);
  if (spec !== undefined && asking.length === 0) {
    throw new UserError('--baseline: expected a drill with targets.rto_regression, found none', {
      hint: '--set targets.rto_regression=20%',
    });
  }
  if (asking.length === 0) return drills;
  const runs = await runsOf(args, context);
  const place = { ...context, runs };
  return drills.map((drill) => withBaseline(drill, spec ?? BASELINE_USUAL, place));
}
