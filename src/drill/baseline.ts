// The past that a drill's recovery time is held against: samples of earlier runs, as they stand in
// the journal of the run that is compared with them, and in a file that is committed.
import * as z from 'zod';
import { ms, name, share, type Frozen } from './planned.ts';

const text = z.string();

/** What was asked for: the last run or series, the last so many runs, or a file. */
export const BASELINE_USUAL = 'median:20';
/** The most runs of the past that are compared with. */
export const BASELINE_MOST = 100;

/** The past of one run, chosen before it began. */
export const chosenBaseline = {
  /** `last`, `median:20`, or the file. */
  from: text,
  /** A trial is not held against it alone: all trials of its series are, together. */
  judged: z.enum(['run', 'series']),
  /** So much slower is allowed, 0–1. */
  allowed: share,
  /** From what the file’s `rto_from` says; null: service never came back. */
  samples: z.array(z.strictObject({ run: text, rto_ms: ms.nullable() })),
  /** In what the past was made otherwise, a sentence each. */
  unlike: z.array(text),
  /** Why there is nothing to compare with; null: there is. */
  lacks: text.nullable(),
};

export type ChosenBaseline = Frozen<z.output<z.ZodObject<typeof chosenBaseline>>>;

const sample = z.strictObject({
  run: name,
  /** From the fault; null: service never came back. */
  rto_ms: ms.nullable(),
  /** From the declaration; null: nobody declared a disaster, or service never came back. */
  rto_from_declaration_ms: ms.nullable(),
  /** From when the fault was seen to bite; absent: nobody looked for that. */
  rto_from_effect_ms: ms.nullable().exactOptional(),
  phases: z.record(text, ms.nullable()),
});

/** What `drill baseline save` writes: the samples, and under which conditions they were made. */
export const baselineFile = z.strictObject({
  schema: z.literal('drill.baseline/1'),
  drill: name,
  strategy: name,
  runtime: name,
  saved_at: text,
  /** By the keys of the drill file: what changes the numbers. */
  conditions: z.record(text, text),
  /** Of drill, PostgreSQL, the proxy, images; and the machine. */
  versions: z.record(text, text),
  samples: z.array(sample).min(1).max(BASELINE_MOST),
});

export type BaselineFile = Frozen<z.output<typeof baselineFile>>;
export type BaselineSample = BaselineFile['samples'][number];
