// Finds the write of an id. Seed rows and markers are writes; a read names no row of its own.
import { OPERATION_KIND } from '../../evidence/ledger/operation.ts';
import type { Operations } from '../../evidence/ledger/operation.ts';
import { SequenceIndex } from '../../evidence/ledger/sequence-index.ts';

export class IdTable {
  readonly #byWriter = new Map<number, SequenceIndex>();

  constructor(operations: Operations) {
    const { count, kind, writer, sequence } = operations;
    for (let row = 0; row < count; row++) {
      if (kind[row] === OPERATION_KIND.read) continue;
      let index = this.#byWriter.get(writer[row]!);
      if (index === undefined) this.#byWriter.set(writer[row]!, (index = new SequenceIndex()));
      index.set(sequence[row]!, row);
    }
  }

  /** The row of the operation, or -1. */
  rowOf(writer: number, sequence: number): number {
    return this.#byWriter.get(writer)?.get(sequence) ?? -1;
  }
}
