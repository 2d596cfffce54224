// `stop_when:` of a drill file: what ends a run before its time, and as what.
import * as z from 'zod';
import { condition, plannedCondition } from './condition.ts';
import { formError } from './fields.ts';

const VERDICTS = ['inconclusive', 'fail'] as const;
const FORM =
  'a condition such as "availability < 50% for 30s", or { when: "p99 > 5s", verdict: fail }';

export const plannedStop = z.strictObject({
  when: plannedCondition,
  verdict: z.enum(VERDICTS),
});
export type PlannedStop = Readonly<z.output<typeof plannedStop>>;

/** A text that is no condition is told as one. */
export const stopWhen = z.union(
  [
    condition.transform((when): PlannedStop => ({ when, verdict: 'inconclusive' })),
    z.strictObject({
      when: condition.describe('What stops the run.'),
      verdict: z
        .enum(VERDICTS)
        .default('inconclusive')
        .describe('What the run is then. inconclusive: it proved nothing; fail: it failed.'),
    }),
  ],
  { error: formError(FORM) },
);
