// Finds the row of a sequence number: a typed array while sequences are dense, as those of a
// workload are, and a map for stragglers, so that one wild number cannot ask for gigabytes.

const ROOM = 1024;

/** Rows by id space and sequence number. Row numbers are from 0. */
export class RowIndex {
  readonly #spaces = new Map<number, SequenceIndex>();

  set(space: number, sequence: number, row: number): void {
    let index = this.#spaces.get(space);
    if (index === undefined) this.#spaces.set(space, (index = new SequenceIndex()));
    index.set(sequence, row);
  }

  /** The row, or -1. */
  get(space: number, sequence: number): number {
    return this.#spaces.get(space)?.get(sequence) ?? -1;
  }
}

/** Rows by sequence number of one id space. */
class SequenceIndex {
  #rows = new Int32Array(ROOM);
  #size = 0;
  readonly #stragglers = new Map<number, number>();

  set(sequence: number, row: number): void {
    this.#size++;
    if (sequence >= this.#rows.length && sequence < 4 * this.#size + ROOM) {
      const longer = new Int32Array(Math.max(sequence + 1, 2 * this.#rows.length));
      longer.set(this.#rows);
      this.#rows = longer;
    }
    if (sequence < this.#rows.length) this.#rows[sequence] = row + 1;
    else this.#stragglers.set(sequence, row);
  }

  /** The row, or -1. */
  get(sequence: number): number {
    const row = sequence < this.#rows.length ? this.#rows[sequence]! : 0;
    if (row !== 0) return row - 1;
    return this.#stragglers.size === 0 ? -1 : (this.#stragglers.get(sequence) ?? -1);
  }
}
