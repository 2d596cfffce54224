// Operations in columns that grow: send records add rows, outcome records complete them.
import { NO_NODE, OPERATION_KIND, OUTCOME } from './operation.ts';
import type { OperationOutcome, Operations, SentOperation } from './operation.ts';
import { RowIndex } from './row-index.ts';

export type Columns = { -readonly [K in Exclude<keyof Operations, 'count'>]: Operations[K] };

const LARGEST_KIND = Math.max(...Object.values(OPERATION_KIND));

/** Collects a ledger's operations. Methods return what is wrong with a record, or null. */
export class OperationColumns {
  #columns: Columns;
  #count = 0;
  #changed_ms = Infinity;
  readonly #rows = new RowIndex();

  /** Room for `capacity` rows at first; pages that are never touched take no memory. */
  constructor(capacity: number) {
    this.#columns = allocateColumns(Math.max(16, capacity));
  }

  addSent(operation: SentOperation, isSent: boolean, flags: number): string | null {
    if (operation.kind > LARGEST_KIND || !Number.isFinite(operation.scheduled_ms)) {
      return 'a send record that makes no sense';
    }
    const space = spaceOf(operation);
    if (this.#rows.get(space, operation.sequence) >= 0) return 'an operation that was sent twice';
    if (this.#count === this.#columns.kind.length) this.#columns = grown(this.#columns);
    const row = this.#count++;
    this.#rows.set(space, operation.sequence, row);
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
    this.#changed_ms = Math.min(this.#changed_ms, operation.scheduled_ms);
    return null;
  }

  addOutcome(outcome: OperationOutcome): string | null {
    const row = this.#rows.get(spaceOf(outcome), outcome.sequence);
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
    this.#changed_ms = Math.min(this.#changed_ms, columns.scheduled_ms[row]!);
    return null;
  }

  /** When the earliest was due of the rows that changed since this was last asked; or Infinity. */
  changedSince(): number {
    const changed_ms = this.#changed_ms;
    this.#changed_ms = Infinity;
    return changed_ms;
  }

  /** The rows so far; they share memory with the collection, which may go on growing. */
  operations(): Operations {
    return { count: this.#count, ...firstRows(this.#columns, this.#count) };
  }
}

/** Sequences are counted for each kind and writer. */
function spaceOf({ kind, writer }: { readonly kind: number; readonly writer: number }): number {
  return (kind << 16) | writer;
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

/** The rows from `first` on; they share memory with all of them. */
export function rowsSince({ count, ...columns }: Operations, first: number): Operations {
  const entries = Object.entries(columns).map(([name, all]) => [name, all.subarray(first)]);
  return { count: count - first, ...(Object.fromEntries(entries) as Columns) };
}

/** The first `count` values of each column; they share its memory. */
export function firstRows<C extends object>(columns: C, count: number): C {
  const entries = Object.entries(columns as Record<string, Uint8Array>);
  return Object.fromEntries(entries.map(([name, all]) => [name, all.subarray(0, count)])) as C;
}

/**
 * The operations of several ledgers as one, each row with the number of its ledger, to which the
 * numbers of its nodes belong. Clients that write to all stores see one service.
 */
export function mergeOperations(ledgers: readonly Operations[]): Operations {
  const [first] = ledgers;
  if (first !== undefined && ledgers.length === 1) return first;
  const count = ledgers.reduce((sum, operations) => sum + operations.count, 0);
  const columns = allocateColumns(count);
  const names = Object.keys(columns) as (keyof Columns)[];
  let at = 0;
  ledgers.forEach((operations, ledger) => {
    for (const name of names) columns[name].set(operations[name], at);
    columns.ledger.fill(ledger, at, at + operations.count);
    at += operations.count;
  });
  return { count, ...columns };
}
