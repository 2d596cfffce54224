// Numbers of a block in as few bits as the range of their differences needs, each as it was.

/** The number of a row's block is the row shifted by so much. */
export const SHIFT = 12;
/** So many numbers are packed together. */
export const BLOCK = 1 << SHIFT;

/** What differences are taken from: as many other numbers, or of each the one before it. */
export type Reference = Float64Array | 'before' | null;

/** Units of 1 / n that are tried, the coarsest first: whole ones, and what clocks tell. */
const PARTS = [0, 4, 8, 16, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42].map(
  (bits) => 2 ** bits,
);
/** Up to this, whole units and their sums are exact. */
const EXACT_UNITS = 2 ** 52;
const HALF = 2 ** 32;
/** For differences while a block is packed. */
const differences = new Float64Array(BLOCK);

/** Packed, a difference is `zero + code * unit`; where one is NaN, code 0 stands for that. */
export class Block {
  readonly index: number;
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
  #first = 0;

  constructor(index: number, values: Float64Array) {
    this.index = index;
    this.values = values;
  }

  unpackTo(values: Float64Array, reference: Reference): void {
    values.fill(0);
    if (this.#low.width > 0) this.#low.addTo(values, 1);
    if (this.#high.width > 0) this.#high.addTo(values, HALF);
    spread(values, this.#zero, this.#unit, this.#hasNaN);
    if (reference === 'before') addUp(values, this.#first);
    else if (reference !== null) addTo(values, reference);
  }

  /** The number that all of them are; NaN: they differ, or one is NaN. */
  alike(): number {
    return this.least === this.most && !this.#hasNaN ? this.least : NaN;
  }

  open(values: Float64Array): void {
    this.values = values;
    this.#low = NO_BITS;
    this.#high = NO_BITS;
  }

  /** Packs a whole block where that loses nothing, and returns the room that it needs no more. */
  pack(reference: Reference): Float64Array | null {
    const values = this.values!;
    if (reference === null && areAlike(values)) {
      this.#keep({ zero: values[0]!, parts: 1, hasNaN: false }, [NO_BITS, NO_BITS]);
      [this.least, this.most] = [values[0]!, values[0]!];
      return values;
    }
    this.#first = values[0]!;
    const found = differ(values, reference) ? rangeOf(differences) : null;
    if (found === null) return null;
    const { parts, hasNaN, most } = found;
    const zero = found.least - (hasNaN ? 1 / parts : 0);
    this.#keep({ zero, parts, hasNaN }, bitsOf(zero, parts, (most - zero) * parts));
    [this.least, this.most] = edgesOf(values);
    return values;
  }

  #keep({ zero, parts, hasNaN }: Codes, [low, high]: readonly [low: Bits, high: Bits]): void {
    this.#zero = zero;
    this.#unit = 1 / parts;
    this.#hasNaN = hasNaN;
    this.#low = low;
    this.#high = high;
    this.values = null;
  }
}

/** How codes are told from differences. */
interface Codes {
  readonly zero: number;
  readonly parts: number;
  readonly hasNaN: boolean;
}

/** Differences of their codes, in place. */
function spread(values: Float64Array, zero: number, unit: number, hasNaN: boolean): void {
  const absent = hasNaN ? 0 : -1;
  for (let at = 0; at < BLOCK; at++) {
    const code = values[at]!;
    values[at] = code === absent ? NaN : zero + code * unit;
  }
}

function addUp(values: Float64Array, first: number): void {
  let sum = first;
  for (let at = 0; at < BLOCK; at++) {
    sum += values[at]!;
    values[at] = sum;
  }
}

function addTo(values: Float64Array, others: Float64Array): void {
  for (let at = 0; at < BLOCK; at++) values[at]! += others[at]!;
}

function areAlike(values: Float64Array): boolean {
  const first = values[0]!;
  for (let at = 0; at < BLOCK; at++) if (values[at] !== first) return false;
  return true;
}

/** Whether the differences, which it makes, lead back to the values exactly. */
function differ(values: Float64Array, reference: Reference): boolean {
  if (reference === null) {
    differences.set(values);
    return true;
  }
  const isBefore = reference === 'before';
  let before = values[0]!;
  for (let at = 0; at < BLOCK; at++) {
    const value = values[at]!;
    const from = isBefore ? before : reference[at]!;
    const difference = value - from;
    differences[at] = difference;
    if (from + difference !== value && (isBefore || !Number.isNaN(value))) return false;
    before = value;
  }
  return true;
}

function edgesOf(values: Float64Array): [least: number, most: number] {
  let least = Infinity;
  let most = -Infinity;
  for (let at = 0; at < BLOCK; at++) {
    const value = values[at]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** Null where they are no whole units of any size, or too far apart for exact sums. */
function rangeOf(values: Float64Array) {
  let hasNaN = false;
  let size = 0;
  let parts = PARTS[0]!;
  for (let at = 0; at < BLOCK; at++) {
    const value = values[at]!;
    if (Number.isNaN(value)) {
      hasNaN = true;
      continue;
    }
    // What is whole in coarser units is so in finer ones, too.
    while (!Number.isInteger(value * parts)) {
      if (++size === PARTS.length) return null;
      parts = PARTS[size]!;
    }
  }
  const [least, most] = edgesOf(values);
  if (least > most) return { parts, hasNaN, least: 0, most: 0 };
  const greatest = Math.max(Math.abs(least), Math.abs(most), most - least) * parts;
  return greatest < EXACT_UNITS ? { parts, hasNaN, least, most } : null;
}

/** The differences as codes: their lower 32 bits, and what is beyond. */
function bitsOf(zero: number, parts: number, greatest: number): [low: Bits, high: Bits] {
  if (greatest === 0) return [NO_BITS, NO_BITS];
  const low = new Bits(Math.min(greatest, HALF - 1));
  const high = greatest < HALF ? NO_BITS : new Bits(Math.floor(greatest / HALF));
  for (let at = 0; at < BLOCK; at++) {
    const code = (differences[at]! - zero) * parts;
    if (code !== code) continue;
    const above = high.width === 0 ? 0 : Math.floor(code / HALF);
    low.set(at, code - above * HALF);
    if (above > 0) high.set(at, above);
  }
  return [low, high];
}

/**
 * A block of whole numbers of up to 32 bits, each in as many as the greatest needs, or a few more
 * where they can be read at a stroke then.
 */
class Bits {
  readonly width: number;
  readonly #mask: number;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(greatest: number) {
    this.width = widthFor(32 - Math.clz32(greatest));
    this.#mask = this.width === 32 ? -1 : (1 << this.width) - 1;
    // One word more, since each number is read together with the word after its first.
    this.#words = new Uint32Array(((BLOCK * this.width) >>> 5) + 2);
    this.#bytes = new Uint8Array(this.#words.buffer);
  }

  /** Adds each number, times `unit`, to the one at its place. */
  addTo(values: Float64Array, unit: number): void {
    const { width } = this;
    const words = this.#words;
    const bytes = this.#bytes;
    if (width === 32) {
      for (let at = 0; at < BLOCK; at++) values[at]! += words[at]! * unit;
    } else if (width === 8) {
      for (let at = 0; at < BLOCK; at++) values[at]! += bytes[at]! * unit;
    } else {
      const mask = this.#mask;
      for (let at = 0, bit = 0; at < BLOCK; at++, bit += width) {
        const word = bit >>> 5;
        // A shift by 32 would be one by nothing, hence in two steps.
        const rest = (words[word + 1]! << 1) << (31 - (bit & 31));
        values[at]! += ((((words[word]! >>> (bit & 31)) | rest) & mask) >>> 0) * unit;
      }
    }
  }

  set(at: number, code: number): void {
    if (this.width === 32) this.#words[at] = code;
    else if (this.width === 8) this.#bytes[at] = code;
    else {
      const bit = at * this.width;
      const word = bit >>> 5;
      this.#words[word]! |= code << (bit & 31);
      this.#words[word + 1]! |= (code >>> 1) >>> (31 - (bit & 31));
    }
  }
}

function widthFor(bits: number): number {
  if (bits > 24) return 32;
  return bits > 4 && bits <= 8 ? 8 : bits;
}

const NO_BITS = new Bits(0);
