// A row of bits that says how many of the first n are set: running sums in a sixteenth of the
// memory that a number each would take.

/** Bits are added one after the other; `rank` takes no loop. */
export class RankedBits {
  readonly #words: Uint32Array;
  /** How many are set before each word. */
  readonly #before: Uint32Array;
  #length = 0;
  #set = 0;

  constructor(capacity: number) {
    this.#words = new Uint32Array((capacity >>> 5) + 1);
    this.#before = new Uint32Array((capacity >>> 5) + 1);
  }

  push(isSet: boolean): void {
    const at = this.#length++;
    if (isSet) {
      this.#words[at >>> 5]! |= 1 << (at & 31);
      this.#set++;
    }
    if ((this.#length & 31) === 0) this.#before[this.#length >>> 5] = this.#set;
  }

  /** How many of the first `count` are set; there must be so many. */
  rank(count: number): number {
    const word = this.#words[count >>> 5]! & ((1 << (count & 31)) - 1);
    return this.#before[count >>> 5]! + ones(word);
  }
}

/** How many bits of a word are set. */
function ones(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
