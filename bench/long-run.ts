// A run like any other, only longer, for benchmarks of what reads it.
import { readFileSync, rmSync } from 'node:fs';
import { createJournal, readJournal } from '../src/evidence/journal.ts';
import { runFile, sealEvidence } from '../src/evidence/run-files.ts';
import { sha256 as sha256Of } from '../src/host/sha256.ts';
import { storeResult, writeRun } from '../test/support/evidence/run-directory.ts';
import {
  goneFor,
  journal,
  marker,
  rowOf,
  SPACING_MS,
  type Op,
} from '../test/support/evidence/synthetic.ts';

const WRITERS = 16;
/** What the host's clock said when the run began, in nanoseconds. */
const ORIGIN_NS = 7_654_321_098_765;
/** Begin and end of an operation vary by so much, all in all and as a clock resolves it. */
const VARIES_NS = 500_000;

/** Every operation but those of an outage of 600 ms survives. */
export function writeLongRun(folder: string, operations: number): void {
  const t = operations * SPACING_MS;
  const cut = { t, event: 'workload.stopped', store: 'orders' } as const;
  const events = journal({ 'workload.stopped': [cut] });
  writeRun(folder, { ops: longDrive(operations), serving: rows(operations), events });
}

/** Gives it what a run has at its end: a result, and the hashes of all files in its journal. */
export function sealRun(folder: string): void {
  const file = runFile(folder, 'journal');
  const { events } = readJournal(file);
  const { t } = events.at(-1)!;
  rmSync(file);
  const lines = createJournal(file);
  for (const event of events) lines.append(event);
  lines.append({ t, event: 'evidence.closed', files: sealEvidence(folder) });
  storeResult(folder);
  const sha256 = sha256Of(readFileSync(runFile(folder, 'result')));
  lines.append({ t, event: 'result.written', sha256 });
  lines.close();
}

/** One after the other: all of them would not fit into memory. */
function* longDrive(operations: number): Generator<Op> {
  const service = goneFor(600);
  const from_ms = asToldAt(0, 0);
  for (let index = 0; index < operations; index++) {
    const scheduled_ms = from_ms + index * SPACING_MS;
    const { after_ms, outcome, ...by } = service(scheduled_ms, index);
    const id = { writer: (index % WRITERS) + 1, sequence: Math.floor(index / WRITERS) + 1 };
    const sent_ms = asToldAt(scheduled_ms, 2 * index);
    const done_ms = asToldAt(sent_ms + after_ms, 2 * index + 1);
    yield { ...id, ...by, outcome, scheduled_ms, sent_ms, done_ms };
  }
  yield marker;
}

/** A time of the run's clock soon after another one, with the fractions that it has in a ledger. */
function asToldAt(ms: number, draw: number): number {
  const later_ns = Math.imul(draw + 1, 0x9e3779b1) >>> 0;
  const now_ns = ORIGIN_NS + Math.round(ms * 1e6) + (later_ns % VARIES_NS);
  return now_ns / 1e6 - ORIGIN_NS / 1e6;
}

function* rows(operations: number) {
  for (const op of longDrive(operations)) if (op.outcome === 'acknowledged') yield rowOf(op);
}
