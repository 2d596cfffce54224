// The trials of drills: how many there are of each, in which order, and the drill of each of them.
import { withSystemConsent } from '../drill/consent/consent.ts';
import { sha256 } from '../host/sha256.ts';
import { neededOf, type TrialRule } from '../drill/file/schema-repeat.ts';
import { withOutside } from '../drill/plan/make-plan.ts';
import { planTrial, trialSeed, type TrialPlace } from '../drill/plan/trial.ts';
import type { DrillRead } from './read.ts';
import type { SeriesFile, Trial } from './series-files.ts';

/** How often each drill is run, besides what its file says. */
export interface TrialOptions {
  /** Trials of each, whatever file and flags say; null: as they say. */
  readonly repeat: number | null;
  /** All trials have the seed of the series: the same drawn moments again and again. */
  readonly sameSeed: boolean;
  /** After so many trials that did not pass the rest is skipped; null: none is. */
  readonly maxFailures: number | null;
  /** Each trial has regions of its own. */
  readonly fresh: boolean;
}

export const ONCE_AS_STATED: TrialOptions = {
  repeat: null,
  sameSeed: false,
  maxFailures: null,
  fresh: false,
};

export function repeatOf({ drill, settings }: DrillRead, { repeat }: TrialOptions): number {
  return repeat ?? settings.repeat ?? drill.repeat?.trials ?? 1;
}

export function ruleOf({ drill }: DrillRead): TrialRule {
  return drill.repeat?.rule ?? { gate: 'worst' };
}

/** In rounds: each drill once, then those again of which more trials are due. */
export function trialsOf(drills: readonly DrillRead[], options: TrialOptions): Trial[] {
  const counts = drills.map((drill) => repeatOf(drill, options));
  const rounds = Array.from({ length: Math.max(...counts) }, (_, round) => round);
  return rounds.flatMap((round) =>
    drills.flatMap(({ settings }, drill): Trial[] => {
      if (round >= counts[drill]!) return [];
      const seed = options.sameSeed ? settings.seed : trialSeed(settings.seed, round);
      return [{ drill, seed, state: 'due', run: null, verdict: null }];
    }),
  );
}

/** The drill as one of its trials: with a seed of its own, its faults at a moment of their own. */
export function asTrial(
  { drill, text, settings, ...rest }: DrillRead,
  seed: number,
  place: TrialPlace | null = null,
): DrillRead {
  const trial = planTrial(drill, seed, sha256(text), settings.seed, place);
  const plan = withOutside(trial, rest.parsed.outside);
  const agreed = withSystemConsent(plan, rest.consent?.consent ?? null);
  return { ...rest, drill, text, settings, plan: agreed };
}

/** Where a trial of the series stands among those of its drill. */
export function placeOf({ id, trials, drills }: SeriesFile, at: number): TrialPlace {
  const { drill } = trials[at]!;
  const own = [...trials.keys()].filter((each) => trials[each]!.drill === drill);
  const needed = neededOf(drills[drill]!.rule ?? { gate: 'worst' }, own.length);
  return { number: own.indexOf(at), of: own.length, needed, series: id };
}
