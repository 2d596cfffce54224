// A trial of a series as a job: all that another machine needs to make it, and what it sends back.
// Whoever can write to the database writes these, so each is looked at before it is believed.
import * as z from 'zod';
import { chosenBaseline } from '../drill/baseline.ts';
import { RUNTIME_NAMES } from '../drill/file/runtimes.ts';
import { fitted } from '../drill/misfit.ts';
import { atLeastOne, count, name, type Frozen } from '../drill/planned.ts';
import { sha256 } from '../host/sha256.ts';
import { PARTS_MOST } from './parts.ts';

const text = z.string();

const trialJob = z.strictObject({
  schema: z.literal('drill.trial-job/1'),
  /** The drill file, as it was named and as it is on the sender's disk. */
  file: name,
  yaml: text,
  /** As they were laid over it. */
  flags: z.strictObject({
    set: z.array(text),
    seed: text.exactOptional(),
    runtime: text.exactOptional(),
  }),
  runtime: z.enum(RUNTIME_NAMES),
  /** Of the drill as the sender reads it: a machine that reads another one does not run it. */
  plan_hash: text,
  seed: z.int(),
  series_seed: z.int(),
  series: name,
  /** Which of the drill's trials, of how many, of which how many have to meet a target. */
  place: z.strictObject({ number: count, of: atLeastOne, needed: atLeastOne }),
  /** Whether it has its faults at a moment of its own. */
  moved: z.boolean(),
  baseline: z.strictObject(chosenBaseline).nullable(),
  limit_ms: z.number().positive().nullable(),
});

const trialOutcome = z.discriminatedUnion('came', [
  z.strictObject({
    came: z.literal('made'),
    worker: text,
    run: text,
    /** The files of the run are a compressed tar file, beside the job in so many parts. */
    parts: count.max(PARTS_MOST),
  }),
  /** None that counts: each worker that began it was lost, somebody halted it, or it is refused. */
  z.strictObject({ came: z.enum(['lost', 'halted', 'refused']), worker: text, why: text }),
]);

export type TrialJob = Frozen<z.output<typeof trialJob>>;
export type TrialOutcome = Frozen<z.output<typeof trialOutcome>>;

/** Null for what is none that this version knows. */
export function trialJobIn(value: unknown): TrialJob | null {
  const fit = fitted(trialJob, value);
  return 'problem' in fit ? null : fit.value;
}

/** Null as with `trialJobIn`. */
export function trialOutcomeIn(value: unknown): TrialOutcome | null {
  const fit = fitted(trialOutcome, value);
  return 'problem' in fit ? null : fit.value;
}

/** What the names of all of them begin with. */
export const TRIAL_QUEUES = 'trials-';

/** One for each version and runtime, so that no worker is given what it could not run alike. */
export function trialQueue(version: string, runtime: string): string {
  return `${TRIAL_QUEUES}${version.replaceAll(/[^\w.-]/g, '-')}-${runtime}`;
}

/** Of the same words always the same: to send a job again sends it once. */
export function jobId(...words: readonly string[]): string {
  const hash = sha256(JSON.stringify(words));
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `4${hash.slice(13, 16)}`];
  return [...parts, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join('-');
}
