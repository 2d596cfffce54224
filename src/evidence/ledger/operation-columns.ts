// Operations in columns that grow: send records add rows, outcome records complete them.
import { NO_NODE, OPERATION_KIND, OUTCOME } from './operation.ts';
import type { OperationOutcome, Operations, SentOperation } from './operation.ts';
import { SequenceIndex } from './sequence-index.ts';

export type Columns = { -readonly [K in Exclude<keyof Operations, 'count'>]: Operations[K] };

const LARGEST_KIND = Math.max(...Object.values(OPERATION_KIND));

/**
 * Collects the operations of one ledger. Its methods return what is wrong with a record, or null.
 */
export class OperationColumns {
  #columns: Columns;
  #count = 0;
  readonly #rows = new Map<number, SequenceIndex>();

  /** Room for `capacity` rows at first; pages that are never touched take no memory. */
  constructor(capacity: number) {
    this.#columns = allocateColumns(Math.max(16, capacity));
  }

  addSent(operation: SentOperation, isSent: boolean, flags: number): string | null {
    if (operation.kind > LARGEST_KIND || !Number.isFinite(operation.scheduled_ms)) {
      return 'a send record that makes no sense';
    }
    const index = this.#index(operation.kind, operation.writer);
    if (index.get(operation.sequence) >= 0) return 'an operation that was sent twice';
    if (this.#count === this.#columns.kind.length) this.#columns = grown(this.#columns);
    const row = this.#count++;
    index.set(operation.sequence, row);
    const columns = this.#columns;
    columns.kind[row] = operation.kind;
    columns.writer[row] = operation.writer;
    columns.sequence[row] = operation.sequence;
    columns.scheduled_ms[row] = operation.scheduled_ms;
    columns.sent_ms[row] = isSent ? operation.sent_ms : NaN;
    columns.done_ms[row] = NaN;
    columns.outcome[row] = isSent ? OUTCOME.unknown : OUTCOME.unsent;
    columns.node[row] = NO_NODE;
    columns.flags[row] = flags;
    return null;
  }

  addOutcome(outcome: OperationOutcome): string | null {
    const row = this.#rows.get((outcome.kind << 16) | outcome.writer)?.get(outcome.sequence) ?? -1;
    if (row < 0) return 'an outcome without a send';
    const columns = this.#columns;
    if (columns.outcome[row] === OUTCOME.unsent || !Number.isNaN(columns.done_ms[row]!)) {
      return 'a second outcome of one operation';
    }
    if (outcome.outcome >= OUTCOME.unsent || !Number.isFinite(outcome.done_ms)) {
      return 'an outcome record that makes no sense';
    }
    columns.done_ms[row] = outcome.done_ms;
    columns.outcome[row] = outcome.outcome;
    columns.node[row] = outcome.node;
    columns.timeline[row] = outcome.timeline;
    columns.flags[row] = outcome.flags;
    return null;
  }

  /** The rows so far; they share memory with the collection, which may go on growing. */
  operations(): Operations {
    const columns = this.#columns;
    return { count: this.#count, ...sliced(columns, this.#count) };
  }

  #index(kind: number, writer: number): SequenceIndex {
    const key = (kind << 16) | writer;
    let index = this.#rows.get(key);
    if (index === undefined) this.#rows.set(key, (index = new SequenceIndex()));
    return index;
  }
}

export function allocateColumns(capacity: number): Columns {
  return {
    kind: new Uint8Array(capacity),
    writer: new Uint16Array(capacity),
    sequence: new Uint32Array(capacity),
    scheduled_ms: new Float64Array(capacity),
    sent_ms: new Float64Array(capacity),
    done_ms: new Float64Array(capacity),
    outcome: new Uint8Array(capacity),
    node: new Uint8Array(capacity),
    timeline: new Uint16Array(capacity),
    flags: new Uint8Array(capacity),
    ledger: new Uint8Array(capacity),
  };
}

function grown(old: Columns): Columns {
  const columns = allocateColumns(2 * old.kind.length);
  for (const name of Object.keys(old) as (keyof Columns)[]) columns[name].set(old[name]);
  return columns;
}

function sliced(columns: Columns, count: number): Columns {
  return {
    kind: columns.kind.subarray(0, count),
    writer: columns.writer.subarray(0, count),
    sequence: columns.sequence.subarray(0, count),
    scheduled_ms: columns.scheduled_ms.subarray(0, count),
    sent_ms: columns.sent_ms.subarray(0, count),
    done_ms: columns.done_ms.subarray(0, count),
    outcome: columns.outcome.subarray(0, count),
    node: columns.node.subarray(0, count),
    timeline: columns.timeline.subarray(0, count),
    flags: columns.flags.subarray(0, count),
    ledger: columns.ledger.subarray(0, count),
  };
}
