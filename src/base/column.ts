// A column of millions of numbers in little memory, each exactly as it came. The last ones stand as
// they are; older ones are packed by blocks.
import { Block, BLOCK, SHIFT, type Reference } from './packed-block.ts';

const WITHIN = BLOCK - 1;
const NO_VALUES = new Float64Array(0);
/** A short column takes only so much room. */
const SMALL = 64;
/** So many of the last blocks stay open: what still changes is there, but for little. */
const OPEN_BLOCKS = 16;
/** So many packed blocks are held as they were before: who reads may go to and fro between some. */
const HELD_BLOCKS = 4;

/** Rows from the first up to the end. */
export type RowSpan = readonly [first: number, end: number];

/** What can be read of a column. */
export interface Numbers extends Iterable<number> {
  /** The number of a row that is there. */
  at(row: number): number;
  /** Ranges of rows, in their order, beyond which no number is in [from, until). */
  spans(from: number, until: number): Iterable<RowSpan>;
}

/**
 * What numbers differ little from, so that a difference takes fewer bits: the numbers of another
 * column, which has each row before this one and never changes it; or the number before.
 */
type ReferenceColumn = Column | 'before' | null;

/** A packed block as it was before. */
interface Held {
  index: number;
  /** What all of its numbers are; NaN: they differ. */
  alike: number;
  readonly values: Float64Array;
}

/** Grows at its end. NaN may stand in it. */
export class Column implements Numbers {
  readonly #reference: ReferenceColumn;
  readonly #blocks: Block[] = [];
  #open: Block[] = [];
  #last: Float64Array = NO_VALUES;
  #length = 0;
  /** The block that was read last, and its numbers. */
  #at = -1;
  #values: Float64Array = NO_VALUES;
  readonly #held: Held[] = [];
  #next = 0;

  constructor(reference: ReferenceColumn = null) {
    this.#reference = reference;
  }

  static from(count: number, valueOf: (row: number) => number): Column {
    const column = new Column();
    for (let row = 0; row < count; row++) column.push(valueOf(row));
    return column;
  }

  push(value: number): void {
    const at = this.#length & WITHIN;
    if (at === 0) this.#begin();
    else if (at === SMALL && this.#length === SMALL) this.#grow();
    this.#last[at] = value;
    this.#length++;
  }

  at(row: number): number {
    const index = row >>> SHIFT;
    if (index !== this.#at) this.#turnTo(index);
    return this.#values[row & WITHIN]!;
  }

  *spans(from: number, until: number): Iterable<RowSpan> {
    for (const [index, block] of this.#blocks.entries()) {
      if (block.values === null && (block.most < from || block.least >= until)) continue;
      yield [index << SHIFT, Math.min((index + 1) << SHIFT, this.#length)];
    }
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let row = 0; row < this.#length; row++) yield this.at(row);
  }

  /** Changes a row that is there. A packed block that it opens is packed when the next begins. */
  set(row: number, value: number): void {
    const index = row >>> SHIFT;
    const block = this.#blocks[index]!;
    if (block.values === null) {
      block.open(this.#blockOf(index).slice());
      this.#open.push(block);
      this.#forget(index);
    }
    block.values![row & WITHIN] = value;
  }

  #blockOf(index: number): Float64Array {
    if (index !== this.#at) this.#turnTo(index);
    return this.#values;
  }

  #turnTo(index: number): void {
    const block = this.#blocks[index]!;
    this.#values = block.values ?? this.#unpacked(block, index);
    this.#at = index;
  }

  #unpacked(block: Block, index: number): Float64Array {
    const known = this.#held.find((held) => held.index === index);
    if (known !== undefined) return known.values;
    const place = this.#next++ % HELD_BLOCKS;
    const held = (this.#held[place] ??= { index, alike: NaN, values: new Float64Array(BLOCK) });
    held.index = index;
    // Many blocks are all of one number, and the same one.
    const alike = block.alike();
    if (held.alike !== alike) block.unpackTo(held.values, this.#referenceOf(index));
    held.alike = alike;
    return held.values;
  }

  #referenceOf(index: number): Reference {
    const reference = this.#reference;
    return reference instanceof Column ? reference.#blockOf(index) : reference;
  }

  /** Its numbers are elsewhere now. */
  #forget(index: number): void {
    if (this.#at === index) this.#at = -1;
    for (const held of this.#held) if (held.index === index) held.index = -1;
  }

  #begin(): void {
    const last = this.#blocks.slice(1 - OPEN_BLOCKS);
    let spare: Float64Array | null = null;
    for (const block of this.#open) if (!last.includes(block)) spare = this.#pack(block) ?? spare;
    this.#last = spare ?? new Float64Array(this.#length === 0 ? SMALL : BLOCK);
    const next = new Block(this.#blocks.length, this.#last);
    this.#blocks.push(next);
    this.#open = [...last.filter(({ values }) => values !== null), next];
  }

  #pack(block: Block): Float64Array | null {
    const spare = block.pack(this.#referenceOf(block.index));
    if (spare !== null) this.#forget(block.index);
    return spare;
  }

  #grow(): void {
    const longer = new Float64Array(BLOCK);
    longer.set(this.#last);
    this.#blocks[0]!.values = longer;
    this.#last = longer;
    this.#forget(0);
  }
}
