// What is signed: an in-toto statement (v1) whose subjects are the files of a pack with their
// SHA-256, and whose predicate says what drill judged of them.
import * as z from 'zod';
import { fitted, type Fit } from '../../drill/misfit.ts';
import type { Frozen } from '../../drill/planned.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'urn:dr-drill:evidence:v1';

const text = z.string();
const measured = z.number().nullable();
const whole = z.int().nonnegative();

const gate = {
  name: text,
  unit: z.enum(['ms', 'writes', 'share']),
  bound: z.enum(['at most', 'at least']),
  target: z.number(),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
};

const drill = {
  drill: text,
  strategy: text,
  /** SHA-256 of the drill file. */
  drill_sha256: text,
  controls: z.array(text),
  verdict: text,
};

const runPredicate = z.strictObject({
  run: text,
  ...drill,
  seed: z.number(),
  started_at: text,
  wall_ms: measured,
  drill_version: text.nullable(),
  system: z.strictObject({ runtime: text, postgres: text, proxy: text }).nullable(),
  gates: z.array(z.strictObject({ ...gate, measured, low: measured, high: measured })),
  rto_ms: measured,
  rpo_ms: measured,
  /** Acknowledged writes that are gone. */
  lost_writes: whole.nullable(),
});
export type RunPredicate = Frozen<z.output<typeof runPredicate>>;

const drillOfSeries = z.strictObject({
  ...drill,
  planned: whole,
  made: whole,
  /** How many of the planned trials have to meet a target. */
  needed: whole,
  gates: z.array(z.strictObject({ ...gate, met: whole, missed: whole, open: whole })),
});

const seriesPredicate = z.strictObject({
  series: text,
  /** Of each drill with several trials. */
  drills: z.array(drillOfSeries),
  /** Of all of the series, as an exit code of drill. */
  exit_code: whole,
});
export type SeriesPredicate = Frozen<z.output<typeof seriesPredicate>>;

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(
      z.strictObject({
        name: text,
        digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
      }),
    )
    .min(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    packed_at: z.iso.datetime(),
    /** The version of drill that packed it. */
    packed_by: text,
    runs: z.array(runPredicate).min(1),
    /** Null: it is one run. */
    series: seriesPredicate.nullable(),
  }),
});
export type Statement = Frozen<z.output<typeof statementSchema>>;
export type Predicate = Statement['predicate'];

/** A file by its path in the pack. */
export interface Subject {
  readonly path: string;
  readonly sha256: string;
}

export function statementText(subjects: readonly Subject[], predicate: Predicate): string {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: subjects.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate,
  };
  return JSON.stringify(statement);
}

/** A statement as drill writes it: a key twice, or one that drill does not know, is none. */
export function readStatement(payload: Uint8Array): Fit<Statement> {
  let value: unknown;
  const bytes = Buffer.from(payload);
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return { problem: `it is not JSON: ${(error as Error).message}` };
  }
  const read = fitted(statementSchema, value);
  if ('problem' in read) return read;
  const isAsWritten = Buffer.from(JSON.stringify(value)).equals(bytes);
  return isAsWritten ? read : { problem: 'something in it is said twice' };
}
