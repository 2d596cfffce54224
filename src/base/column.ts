// A column of millions of numbers in little memory, each exactly as it came. The last ones stand as
// they are; older ones are packed by blocks, each in as few bits as the range of its block needs.

const SHIFT = 12;
/** So many numbers are packed together. */
const BLOCK = 1 << SHIFT;
const WITHIN = BLOCK - 1;
/** A short column takes only so much room. */
const SMALL = 64;
/** So many of the last blocks stay open: what still changes is there, but for little. */
const OPEN_BLOCKS = 16;

/** What can be read of a column. */
export interface Numbers extends Iterable<number> {
  /** The number of a row that is there. */
  at(row: number): number;
  /** Ranges of rows, in their order, beyond which no number is in [from, until). */
  spans(from: number, until: number): Iterable<readonly [first: number, end: number]>;
}

/** Grows at its end. NaN may stand in it. */
export class Column implements Numbers {
  readonly #blocks: Block[] = [];
  #open: Block[] = [];
  #last = new Block(null);
  #length = 0;
  /** A packed block as it was before: whoever reads row by row finds the next ones here. */
  #read: Float64Array | null = null;
  #readAt = -1;

  static from(count: number, valueOf: (row: number) => number): Column {
    const column = new Column();
    for (let row = 0; row < count; row++) column.push(valueOf(row));
    return column;
  }

  push(value: number): void {
    const at = this.#length++ & WITHIN;
    if (at === 0) this.#begin();
    else if (at === SMALL && this.#blocks.length === 1) this.#last.grow();
    this.#last.values![at] = value;
  }

  at(row: number): number {
    const index = row >>> SHIFT;
    if (index === this.#readAt) return this.#read![row & WITHIN]!;
    const block = this.#blocks[index]!;
    if (block.values !== null) return block.values[row & WITHIN]!;
    if ((row & WITHIN) !== 0) return block.at(row & WITHIN);
    this.#readAt = index;
    this.#read ??= new Float64Array(BLOCK);
    block.unpackTo(this.#read);
    return this.#read[0]!;
  }

  *spans(from: number, until: number): Iterable<readonly [first: number, end: number]> {
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
      block.open();
      this.#open.push(block);
      if (this.#readAt === index) this.#readAt = -1;
    }
    block.values![row & WITHIN] = value;
  }

  #begin(): void {
    const last = this.#blocks.slice(1 - OPEN_BLOCKS);
    let spare: Float64Array | null = null;
    for (const block of this.#open) if (!last.includes(block)) spare = block.pack() ?? spare;
    this.#last = new Block(spare ?? new Float64Array(this.#length === 1 ? SMALL : BLOCK));
    this.#blocks.push(this.#last);
    this.#open = [...last.filter(({ values }) => values !== null), this.#last];
  }
}

/** Units of 1 / n that are tried, the coarsest first: whole ones, and what clocks tell. */
const PARTS = [0, 8, 16, 26, 30, 34, 38, 42].map((bits) => 2 ** bits);
/** Up to this, whole units and their sums are exact. */
const EXACT_UNITS = 2 ** 52;
const HALF = 2 ** 32;

/** Packed, a number is `zero + code * unit`; where one is NaN, code 0 stands for that. */
class Block {
  /** Null where they are packed. */
  values: Float64Array | null;
  /** The range of a packed block, but for NaN. */
  least = 0;
  most = 0;
  #low = NO_BITS;
  /** What codes have beyond 32 bits. */
  #high = NO_BITS;
  #zero = 0;
  #unit = 1;
  #hasNaN = false;

  constructor(values: Float64Array | null) {
    this.values = values;
  }

  grow(): void {
    const values = new Float64Array(BLOCK);
    values.set(this.values!);
    this.values = values;
  }

  /** Of a packed block. */
  at(at: number): number {
    const code = this.#high.at(at) * HALF + this.#low.at(at);
    return code === 0 && this.#hasNaN ? NaN : this.#zero + code * this.#unit;
  }

  unpackTo(values: Float64Array): void {
    values.fill(this.#zero);
    this.#low.addTo(values, this.#unit);
    this.#high.addTo(values, this.#unit * HALF);
    if (!this.#hasNaN) return;
    for (let at = 0; at < BLOCK; at++) if (values[at] === this.#zero) values[at] = NaN;
  }

  open(): void {
    const values = new Float64Array(BLOCK);
    this.unpackTo(values);
    this.values = values;
    this.#low = NO_BITS;
    this.#high = NO_BITS;
  }

  /** Packs a whole block where that loses nothing, and returns the room that it needs no more. */
  pack(): Float64Array | null {
    const values = this.values!;
    const found = rangeOf(values);
    if (found === null) return null;
    const { unit, hasNaN } = found;
    const zero = found.least - (hasNaN ? unit : 0);
    const greatest = (found.most - zero) / unit;
    const low = greatest === 0 ? NO_BITS : new Bits(Math.min(greatest, HALF - 1));
    const high = greatest < HALF ? NO_BITS : new Bits(Math.floor(greatest / HALF));
    for (let at = 0; at < BLOCK; at++) {
      const code = (values[at]! - zero) / unit;
      if (Number.isNaN(code)) continue;
      low.set(at, code);
      if (high.width > 0) high.set(at, code / HALF);
    }
    this.#low = low;
    this.#high = high;
    this.least = found.least;
    this.most = found.most;
    this.#zero = zero;
    this.#unit = unit;
    this.#hasNaN = hasNaN;
    this.values = null;
    return values;
  }
}

/** Null where they are no whole units of any size, or too far apart for exact sums. */
function rangeOf(values: Float64Array) {
  let least = Infinity;
  let most = -Infinity;
  let hasNaN = false;
  let size = 0;
  for (const value of values) {
    if (Number.isNaN(value)) {
      hasNaN = true;
      continue;
    }
    // What is whole in coarser units is so in finer ones, too.
    while (size < PARTS.length && !Number.isInteger(value * PARTS[size]!)) size++;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (size === PARTS.length) return null;
  const unit = 1 / PARTS[size]!;
  if (least > most) return { unit, hasNaN, least: 0, most: 0 };
  const greatest = Math.max(Math.abs(least), Math.abs(most), most - least) / unit;
  return greatest < EXACT_UNITS ? { unit, hasNaN, least, most } : null;
}

/** A block of whole numbers of up to 32 bits, each in as many as the greatest needs. */
class Bits {
  readonly width: number;
  readonly #mask: number;
  readonly #words: Uint32Array;

  constructor(greatest: number) {
    this.width = 32 - Math.clz32(greatest);
    this.#mask = this.width === 32 ? -1 : (1 << this.width) - 1;
    // One word more, since each number is read together with the word after its first.
    this.#words = new Uint32Array(((BLOCK * this.width) >>> 5) + 2);
  }

  at(at: number): number {
    const bit = at * this.width;
    const word = bit >>> 5;
    // A shift by 32 would be one by nothing, hence in two steps.
    const rest = (this.#words[word + 1]! << 1) << (31 - (bit & 31));
    return (((this.#words[word]! >>> (bit & 31)) | rest) & this.#mask) >>> 0;
  }

  /** Adds each number, times `unit`, to the one at its place. */
  addTo(values: Float64Array, unit: number): void {
    const { width } = this;
    if (width === 0) return;
    const mask = this.#mask;
    const words = this.#words;
    for (let at = 0, bit = 0; at < BLOCK; at++, bit += width) {
      const word = bit >>> 5;
      const rest = (words[word + 1]! << 1) << (31 - (bit & 31));
      values[at]! += ((((words[word]! >>> (bit & 31)) | rest) & mask) >>> 0) * unit;
    }
  }

  set(at: number, code: number): void {
    const bit = at * this.width;
    const word = bit >>> 5;
    this.#words[word]! |= code << (bit & 31);
    this.#words[word + 1]! |= (code >>> 1) >>> (31 - (bit & 31));
  }
}

const NO_BITS = new Bits(0);
