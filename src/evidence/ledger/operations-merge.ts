// One set of operations out of the ledgers of several stores: clients that write to all of them see
// one service.
import { allocateColumns } from './operation-columns.ts';
import type { Columns } from './operation-columns.ts';
import type { Operations } from './operation.ts';

/**
 * The operations of one list after the other, each row with the number of its ledger. The numbers
 * of nodes stay those of the row's own ledger. A single ledger is returned as it is.
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
