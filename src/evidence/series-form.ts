// The form of the file of a trial series, `.drill/series/<id>.json`, from which its types follow.
// What a later version adds stays in it; what came after the first version may lack.
import { runtime } from '../drill/file/runtimes.ts';
import * as z from 'zod';
import { chosenBaseline } from '../drill/baseline.ts';
import type { DrillFlags } from '../drill/file/config.ts';
import { TRIAL_GATES, type TrialRule } from '../drill/file/schema-repeat.ts';
import { fitted } from '../drill/misfit.ts';
import { atLeastOne, count, type Frozen } from '../drill/planned.ts';
import { VERDICTS } from './result-form.ts';

const text = z.string();

/** Of the trials so many, or the share that so many are of so many, have to meet a target. */
const rule = z.union([
  z.object({ gate: z.enum(TRIAL_GATES) }),
  z.object({ at_least: z.object({ met: atLeastOne, of: atLeastOne }) }),
]) satisfies z.ZodType<TrialRule>;

const flags = z.object({
  set: z.array(text).exactOptional(),
  seed: text.optional(),
  out: text.optional(),
  keep: text.optional(),
  runtime: text.optional(),
  repeat: text.optional(),
}) satisfies z.ZodType<DrillFlags>;

const drill = z.object({
  file: text.describe('The drill file as it was named, from the folder of the series.'),
  name: text,
  set: z
    .array(text)
    .exactOptional()
    .describe('Values that were laid over this drill alone, besides `flags`. Absent: none.'),
  plan_hash: text.describe(
    'Alike for all trials of the drill; a file that was changed has another.',
  ),
  rule: rule.exactOptional().describe('Which trials have to meet a target. Absent: all.'),
  moved: z
    .boolean()
    .exactOptional()
    .describe('Whether the faults of trials are at moments of their own. Absent: no.'),
  runtime: runtime
    .exactOptional()
    .describe('As it was stated when the series began, by whatever source. Absent: as it is now.'),
  baseline: z
    .object(chosenBaseline)
    .exactOptional()
    .describe('The past that its trials are held against. Absent: no target asks for it.'),
});

const trial = z.object({
  drill: count.describe('Which of the drills, from 0.'),
  seed: z.int(),
  state: z
    .enum(['due', 'running', 'ended', 'skipped'])
    .describe(
      'running: it was begun; whether its runner lives, the lock of the series says. skipped: ' +
        'enough trials before it had not passed.',
    ),
  run: text.nullable().describe('Null before it was begun.'),
  verdict: z.enum(VERDICTS).nullable().describe('Null before it ended.'),
});

export const seriesForm = z.object({
  schema: z.literal('drill.series/1'),
  id: text,
  runs: text.describe('The directory of its runs.'),
  flags: flags.describe('The flags that were laid over the drill files.'),
  drills: z.array(drill),
  trials: z.array(trial),
  max_failures: atLeastOne
    .nullable()
    .exactOptional()
    .describe(
      'After so many trials that did not pass the rest is skipped. Null, or absent: never.',
    ),
  fresh: z
    .boolean()
    .exactOptional()
    .describe('Each trial has regions of its own. Absent: where that changes its numbers.'),
  limit_ms: z
    .number()
    .positive()
    .nullable()
    .exactOptional()
    .describe('A run that takes longer is stopped. Null, or absent: none is.'),
  to_clean: z
    .array(text)
    .exactOptional()
    .describe(
      'Directories of runs that were broken off, and of regions that runs share: they may have ' +
        'left something, which goes before the series goes on. Absent: none.',
    ),
  queue: text
    .exactOptional()
    .describe(
      'The database through which other machines make its trials, without a password. Absent: ' +
        'they are made here.',
    ),
  against: text
    .nullable()
    .exactOptional()
    .describe('The run whose system is drilled. Null, or absent: each run has its own.'),
});

export type Trial = Frozen<z.output<typeof trial>>;
export type SeriesFile = Frozen<z.output<typeof seriesForm>>;

/** Null for what no version wrote that this one knows. What a later one added stays in it. */
export function seriesIn(value: unknown): SeriesFile | null {
  if ('problem' in fitted(seriesForm, value)) return null;
  const series = value as SeriesFile;
  const isWhole = series.trials.every((each) => series.drills[each.drill] !== undefined);
  return isWhole ? series : null;
}
