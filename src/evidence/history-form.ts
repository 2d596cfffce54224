// The forms of the lines of `history.ndjson`, and of what goes to a shared history, as it waits on
// the disk until it is there. All are checked when they are read. A key that a later version has
// added is left out.
import * as z from 'zod';
import { fitted, type Fit } from '../drill/misfit.ts';
import type { Frozen } from '../drill/planned.ts';
import { gateForm, VERDICTS } from './result-form.ts';

const text = z.string();
const words = z.record(text, text);
const measured = z.number().nullable();

/** What can change between two runs of a drill. */
const runFacts = z.object({
  /** By the keys of the drill file, without its seed. */
  conditions: words,
  /** Of the runtime, drill, PostgreSQL, the proxy and images. */
  versions: words,
  /** Settings of the system that change the numbers. */
  settings: words,
  machine: text.nullable(),
});

const { name, unit, bound, target, verdict, ...ofGate } = gateForm.shape;
const gate = z.object({
  name,
  unit,
  bound: bound.unwrap(),
  target,
  measured: ofGate.measured,
  verdict,
});

export const historyEntry = z.object({
  schema: z.literal('drill.history/1'),
  id: text,
  /** The series that it was a trial of; null: of none, or of none that is known. */
  series: text.nullable(),
  /** When it began, UTC. */
  at: z.iso.datetime(),
  drill: z.object({
    name: text,
    sha256: text,
    strategy: text,
    /** Nothing was to be recovered from; absent too in a line of before it was told. */
    disaster: z.literal('none').exactOptional(),
  }),
  /** Null where nothing was brought up. */
  runtime: text.nullable(),
  seed: z.number(),
  verdict: z.enum(VERDICTS),
  gates: z.array(gate),
  /** Whether nothing speaks against its recovery time. */
  counts: z.boolean(),
  /** From the fault; null: never back, or not measured. */
  rto_ms: measured,
  rto_from_declaration_ms: measured,
  /** From when the fault was seen to bite; absent: nobody looked for that. */
  rto_from_effect_ms: measured.exactOptional(),
  rpo_ms: measured,
  lost: measured,
  phases: z.record(text, measured),
  /** The hash of its `RunFacts`. */
  facts: text,
  /** Whether its result was the one that its journal names. */
  verified: z.boolean(),
  result: z.object({ sha256: text, bytes: z.number(), mtime_ms: z.number() }),
});

export const factsLine = z.object({
  schema: z.literal('drill.history-facts/1'),
  hash: text,
  facts: runFacts,
});

export type RunFacts = z.output<typeof factsLine>['facts'];
export type HistoryEntry = Readonly<z.output<typeof historyEntry>>;
export type HistoryLine = HistoryEntry | z.output<typeof factsLine>;

const from = {
  schema: z.literal('drill.upload/1'),
  /** The machine on which it was made. */
  machine: text,
  who: text,
  /** When it was so, in milliseconds since 1970: a later state takes the place of an earlier. */
  changed_ms: z.number(),
};

const runUpload = z.object({
  ...from,
  kind: z.literal('run'),
  id: text,
  /** Its line of the history. */
  entry: historyEntry,
  facts: factsLine.shape.facts,
  /** Its `result.json`, byte by byte. */
  result: text,
});

const seriesUpload = z.object({
  ...from,
  kind: z.literal('series'),
  id: text,
  /** What its trials came to, of each drill that has several, as JSON. */
  results: text,
});

const uploadForm = z.discriminatedUnion('kind', [runUpload, seriesUpload]);

export type Upload = Frozen<z.output<typeof uploadForm>>;
export type RunUpload = Extract<Upload, { kind: 'run' }>;

export function uploadIn(written: string): Fit<Upload> {
  try {
    return fitted(uploadForm, JSON.parse(written));
  } catch {
    return { problem: 'it is no JSON' };
  }
}

/** What of the results of a series says how it went; there is more in them. */
export const seriesVerdicts = z.array(
  z.object({
    verdict: historyEntry.shape.verdict,
    trials: z.array(z.object({ run: text })),
  }),
);
