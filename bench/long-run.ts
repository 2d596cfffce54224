// A run like any other, only longer, for benchmarks of what reads it.
import { writeRun } from '../test/support/evidence/run-directory.ts';
import {
  goneFor,
  journal,
  marker,
  rowOf,
  SPACING_MS,
  type Op,
} from '../test/support/evidence/synthetic.ts';

const WRITERS = 16;

/** Every operation but those of an outage of 600 ms survives. */
export function writeLongRun(folder: string, operations: number): void {
  const t = operations * SPACING_MS;
  const cut = { t, event: 'workload.stopped', store: 'orders' } as const;
  const events = journal({ 'workload.stopped': [cut] });
  writeRun(folder, { ops: longDrive(operations), serving: rows(operations), events });
}

/** One after the other: all of them would not fit into memory. */
function* longDrive(operations: number): Generator<Op> {
  const service = goneFor(600);
  for (let index = 0; index < operations; index++) {
    const scheduled_ms = index * SPACING_MS;
    const { after_ms, outcome, ...by } = service(scheduled_ms, index);
    const id = { writer: (index % WRITERS) + 1, sequence: Math.floor(index / WRITERS) + 1 };
    yield { ...id, ...by, outcome, scheduled_ms, done_ms: scheduled_ms + after_ms };
  }
  yield marker;
}

function* rows(operations: number) {
  for (const op of longDrive(operations)) if (op.outcome === 'acknowledged') yield rowOf(op);
}
