// Numbers that give no more than `Numbers` promises: a row that is not there throws, and spans have
// just the rows whose numbers were asked for.
import type { Numbers, RowSpan } from '../../../src/base/column.ts';
import type { Operations } from '../../../src/evidence/ledger/operation.ts';

class StrictNumbers implements Numbers {
  readonly #values: readonly number[];

  constructor(values: readonly number[]) {
    this.#values = values;
  }

  at(row: number): number {
    const value = this.#values[row];
    if (value === undefined) throw new RangeError(`no row ${row} of ${this.#values.length}`);
    return value;
  }

  *spans(from: number, until: number): Iterable<RowSpan> {
    const isIn = (row: number) => this.#values[row]! >= from && this.#values[row]! < until;
    for (let row = 0; row < this.#values.length; row++) if (isIn(row)) yield [row, row + 1];
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#values.values();
  }
}

/** The same operations. */
export function strictly({ count, ...columns }: Operations): Operations {
  const strict = Object.entries(columns).map(([name, values]) => {
    return [name, new StrictNumbers([...values])];
  });
  return { count, ...(Object.fromEntries(strict) as Omit<Operations, 'count'>) };
}
