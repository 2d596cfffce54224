// Operations in columns that grow: send records add rows, outcome records complete them.
import { Column } from '../../base/column.ts';
import { NO_NODE, OPERATION_KIND, OUTCOME } from './operation.ts';
import type { OperationOutcome, Operations, SentOperation } from './operation.ts';
import { RowIndex } from './row-index.ts';

type ColumnName = Exclude<keyof Operations, 'count'>;

const COLUMN_NAMES = [
  ...(['kind', 'writer', 'sequence', 'scheduled_ms', 'sent_ms', 'done_ms'] as const),
  ...(['outcome', 'node', 'timeline', 'flags', 'ledger'] as const),
] as const satisfies readonly ColumnName[];

const LARGEST_KIND = Math.max(...Object.values(OPERATION_KIND));

/** Collects a ledger's operations. Methods return what is wrong with a record, or null. */
export class OperationColumns {
  readonly #columns = newColumns();
  #count = 0;
  #changed_ms = Infinity;
  readonly #rows = new RowIndex();

  addSent(operation: SentOperation, isSent: boolean, flags: number): string | null {
    if (operation.kind > LARGEST_KIND || !Number.isFinite(operation.scheduled_ms)) {
      return 'a send record that makes no sense';
    }
    const space = spaceOf(operation);
    if (this.#rows.get(space, operation.sequence) >= 0) return 'an operation that was sent twice';
    this.#rows.set(space, operation.sequence, this.#count++);
    const columns = this.#columns;
    columns.kind.push(operation.kind);
    columns.writer.push(operation.writer);
    columns.sequence.push(operation.sequence);
    columns.scheduled_ms.push(operation.scheduled_ms);
    columns.sent_ms.push(isSent ? operation.sent_ms : NaN);
    columns.done_ms.push(NaN);
    columns.outcome.push(isSent ? OUTCOME.unknown : OUTCOME.unsent);
    columns.node.push(NO_NODE);
    columns.timeline.push(0);
    columns.flags.push(flags);
    columns.ledger.push(0);
    this.#changed_ms = Math.min(this.#changed_ms, operation.scheduled_ms);
    return null;
  }

  addOutcome(outcome: OperationOutcome): string | null {
    const row = this.#rows.get(spaceOf(outcome), outcome.sequence);
    if (row < 0) return 'an outcome without a send';
    const columns = this.#columns;
    if (columns.outcome.at(row) === OUTCOME.unsent || !Number.isNaN(columns.done_ms.at(row))) {
      return 'a second outcome of one operation';
    }
    if (outcome.outcome >= OUTCOME.unsent || !Number.isFinite(outcome.done_ms)) {
      return 'an outcome record that makes no sense';
    }
    columns.done_ms.set(row, outcome.done_ms);
    columns.outcome.set(row, outcome.outcome);
    columns.node.set(row, outcome.node);
    columns.timeline.set(row, outcome.timeline);
    columns.flags.set(row, outcome.flags);
    this.#changed_ms = Math.min(this.#changed_ms, columns.scheduled_ms.at(row));
    return null;
  }

  /** When the earliest was due of the rows that changed since this was last asked; or Infinity. */
  changedSince(): number {
    const changed_ms = this.#changed_ms;
    this.#changed_ms = Infinity;
    return changed_ms;
  }

  /** The rows so far, as they become: the collection may go on. */
  operations(): Operations {
    return { count: this.#count, ...this.#columns };
  }
}

/** Sequences are counted for each kind and writer. */
function spaceOf({ kind, writer }: { readonly kind: number; readonly writer: number }): number {
  return (kind << 16) | writer;
}

function newColumns(): Record<ColumnName, Column> {
  // Operations are sent in the order in which they are due, and end soon.
  const scheduled_ms = new Column('before');
  return {
    kind: new Column(),
    writer: new Column(),
    sequence: new Column(),
    scheduled_ms,
    sent_ms: new Column(scheduled_ms),
    done_ms: new Column(scheduled_ms),
    outcome: new Column(),
    node: new Column(),
    timeline: new Column(),
    flags: new Column(),
    ledger: new Column(),
  };
}

/** A copy of `count` rows: of one after the other, which `rowAt` names. */
export function pickRows(
  whole: Operations,
  count: number,
  rowAt: (at: number) => number,
): Operations {
  const columns = newColumns();
  for (const name of COLUMN_NAMES) {
    for (let at = 0; at < count; at++) columns[name].push(whole[name].at(rowAt(at)));
  }
  return { count, ...columns };
}

/**
 * The operations of several ledgers as one, each row with the number of its ledger, to which the
 * numbers of its nodes belong. Clients that write to all stores see one service.
 */
export function mergeOperations(ledgers: readonly Operations[]): Operations {
  if (ledgers.length === 1) return ledgers[0]!;
  const columns = newColumns();
  ledgers.forEach((operations, ledger) => {
    for (const name of COLUMN_NAMES) {
      const from = operations[name];
      for (let row = 0; row < operations.count; row++) {
        columns[name].push(name === 'ledger' ? ledger : from.at(row));
      }
    }
  });
  return { count: ledgers.reduce((sum, { count }) => sum + count, 0), ...columns };
}
