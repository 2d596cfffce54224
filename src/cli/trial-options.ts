// The flags of trials: how often a drill is run, when it is enough, and what is gone on with.
import { movedAfterOne } from '../drill/rules/attached.ts';
import { UserError } from '../screen/user-error.ts';
import type { DrillRead } from '../session/read.ts';
import { findSeries, type SeriesFile } from '../session/series-files.ts';
import type { SessionEvent } from '../session/session.ts';
import { repeatOf, type TrialOptions } from '../session/trials.ts';
import { choiceOptions } from './choice-options.ts';
import { drillOptions } from './read-drill.ts';
import { runsOf } from './run-options.ts';
import type { Argument, CliContext, VerbArguments } from './verb.ts';

/** `--until-fail` without `--repeat`. */
const UNTIL_FAIL_TRIALS = 1_000;

export const trialOptions = {
  repeat: {
    describe: 'Run each drill N times, with a seed of its own each time, and judge all trials',
  },
  'same-seed': {
    type: 'boolean',
    describe: 'Give all trials the seed of --seed: repeats one trial of a series',
  },
  'max-failures': {
    type: 'number',
    describe: 'Skip the rest after N trials that did not pass',
  },
  'fail-fast': {
    type: 'boolean',
    short: 'x',
    describe: 'Skip the rest after the first trial that did not pass',
  },
  'until-fail': {
    type: 'boolean',
    describe: `Repeat until a trial does not pass (at most --repeat, or ${UNTIL_FAIL_TRIALS})`,
  },
  fresh: {
    type: 'boolean',
    describe:
      'Bring the regions up anew for each trial, also where keeping them changes no number; on ' +
      'compose they always are',
  },
  resume: {
    describe: 'Go on with a series that was broken off: its id, the beginning of it, or latest',
  },
} as const satisfies Record<string, Argument>;

export function trialsAsked(args: VerbArguments): TrialOptions {
  const isUntilFail = args['until-fail'] === true;
  const most = args['max-failures'] as number | undefined;
  if (most !== undefined && (!Number.isInteger(most) || most < 1)) {
    throw new UserError(`--max-failures: expected a whole number from 1, got "${most}"`);
  }
  const isFirst = isUntilFail || args['fail-fast'] === true;
  return {
    repeat: isUntilFail && args['repeat'] === undefined ? UNTIL_FAIL_TRIALS : null,
    sameSeed: args['same-seed'] === true,
    maxFailures: isFirst ? 1 : (most ?? null),
    fresh: args['fresh'] === true,
  };
}

/** What a drill file cannot say of the trials that the flags ask for. */
export function tellMoved(
  drills: readonly DrillRead[],
  args: VerbArguments,
  { screen }: CliContext,
): void {
  for (const read of drills) {
    const { drill, plan } = read;
    const moved = movedAfterOne(drill, repeatOf(read, trialsAsked(args)));
    // `drill check` has said it of the file.
    if (moved === null || movedAfterOne(drill, drill.repeat?.trials ?? 1) !== null) continue;
    screen.stderr.write(`drill: warning: ${plan.name}: ${moved}\n`);
  }
}

/** The series of `--resume`; null: files are named. Throws a `UserError` for neither and both. */
export async function resumedOf(
  files: readonly string[],
  args: VerbArguments,
  context: CliContext,
): Promise<SeriesFile | null> {
  const word = args['resume'] as string | undefined;
  if (word === undefined) {
    if (files.length > 0) return null;
    throw new UserError('expected: drill run <files..>, or drill run --resume SERIES', {
      hint: 'drill list drills',
    });
  }
  if (files.length > 0)
    throw new UserError('--resume takes the drills of the series; name no file');
  const own = { ...drillOptions, ...trialOptions, ...choiceOptions };
  const given = Object.keys(own).find((name) => name !== 'resume' && args[name] !== undefined);
  if (given !== undefined) {
    throw new UserError(`--${given}: the series keeps what it was begun with; leave it out`);
  }
  return findSeries(await runsOf(args, context), word);
}

/** Says on stderr which of several trials comes next. */
export function tellTrial(
  args: VerbArguments,
  { screen }: CliContext,
): (trial: Extract<SessionEvent, { type: 'trial' }>) => void {
  const isQuiet = args['quiet'] === true;
  return ({ number, of, plan }) => {
    if (of === 1 || isQuiet) return;
    const seed = plan.trial === undefined ? '' : `, seed ${plan.seed}`;
    screen.stderr.write(`trial ${number} of ${of}: ${plan.name}${seed}\n`);
  };
}
