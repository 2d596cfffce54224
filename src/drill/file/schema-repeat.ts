// How often a drill is run, and how many of its trials have to meet the targets.
import * as z from 'zod';
import { rankOf } from '../../base/statistics.ts';
import { formError, whole } from '../fields.ts';

export const TRIALS_MAX = 10_000;

const form = formError('a number of trials such as 10, or { trials: 10, at_least: 9 of 10 }');
const shareForm = formError('so many of so many, such as 9 of 10');

/** `9 of 10` */
const share = z
  .string({ error: shareForm })
  .regex(/^[1-9][0-9]{0,4} of [1-9][0-9]{0,4}$/, { error: shareForm })
  .transform((text, context) => {
    const [met = 0, of = 0] = text.split(' of ').map(Number);
    if (met <= of) return { met, of };
    context.issues.push({ code: 'custom', message: `${text} can never be met`, input: text });
    return z.NEVER;
  });

export const TRIAL_GATES = ['worst', 'median', 'p90'] as const;

export const repeat = z
  .union(
    [
      whole(1, TRIALS_MAX).transform((trials): Repeat => ({ trials, rule: { gate: 'worst' } })),
      z
        .strictObject({
          trials: whole(1, TRIALS_MAX).default(10).describe('How often the drill is run.'),
          gate: z
            .enum(TRIAL_GATES)
            .optional()
            .describe('The trial that has to meet each target. Default: worst.'),
          at_least: share
            .optional()
            .describe('How many trials have to meet each target, in place of `gate`.'),
        })
        .transform(({ trials, gate, at_least }, context): Repeat => {
          if (at_least === undefined) return { trials, rule: { gate: gate ?? 'worst' } };
          if (gate === undefined) return { trials, rule: { at_least } };
          const message = '`gate` and `at_least` say the same in two ways; expected one of them';
          context.issues.push({ code: 'custom', message, input: gate, path: ['gate'] });
          return z.NEVER;
        }),
    ],
    { error: form },
  )
  .describe('Trials of this drill, each with a seed of its own. `--repeat N` goes before it.');

/** How many trials of a series have to meet a target. */
export type TrialRule =
  | { readonly gate: (typeof TRIAL_GATES)[number] }
  /** So large a share of the trials, however many are made. */
  | { readonly at_least: { readonly met: number; readonly of: number } };

export interface Repeat {
  readonly trials: number;
  readonly rule: TrialRule;
}

/** So many of `of` trials have to meet a target; that is what each of the rules comes to. */
export function neededOf(rule: TrialRule, of: number): number {
  if ('at_least' in rule) return rankOf(rule.at_least.met / rule.at_least.of, of);
  switch (rule.gate) {
    case 'worst':
      return of;
    case 'median':
      return Math.floor(of / 2) + 1; // the higher of two in the middle
    case 'p90':
      return rankOf(0.9, of);
  }
}
