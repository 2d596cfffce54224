// Order among millions of numbers in little memory: rows that are nearly sorted, the n-th smallest
// of many values, and the longest gap between them.

/** A row may be moved back by so many places before it counts as the beginning of another run. */
const SHIFT_MAX = 64;
/** So many values are held and sorted at a time. */
const ROOM = 1024 * 1024;
const BUCKETS = 64 * 1024;

/** Calls `visit` with each of the same values, in any order, as often as it is called. */
export type Each = (visit: (value: number) => void) => void;

/** The same; it may leave out what is not in [low, high]. */
export type EachWithin = (visit: (value: number) => void, low: number, high: number) => void;

/** Sorts in place. What is in order already, or nearly, costs one look; runs are merged. */
export function sortRuns(rows: Uint32Array, compare: (a: number, b: number) => number): void {
  const starts = runsOf(rows, compare);
  if (starts.length === 1) return;
  let from = rows;
  let to: Uint32Array = new Uint32Array(rows.length);
  let runs = starts;
  while (runs.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < runs.length; run += 2) {
      const start = runs[run]!;
      const middle = runs[run + 1] ?? rows.length;
      mergeRuns(from, to, [start, middle, runs[run + 2] ?? rows.length], compare);
      merged.push(start);
    }
    runs = merged;
    [from, to] = [to, from];
  }
  if (from !== rows) rows.set(from);
}

/** Where runs that are in order begin, after rows that are a little late were moved back. */
function runsOf(rows: Uint32Array, compare: (a: number, b: number) => number): number[] {
  const starts = [0];
  let start = 0;
  for (let at = 1; at < rows.length; at++) {
    const row = rows[at]!;
    if (compare(rows[at - 1]!, row) <= 0) continue;
    const least = Math.max(start, at - SHIFT_MAX);
    let place = at - 1;
    while (place > least && compare(rows[place - 1]!, row) > 0) place--;
    if (place > start && place === least && compare(rows[place - 1]!, row) > 0) {
      starts.push(at);
      start = at;
    } else {
      rows.copyWithin(place + 1, place, at);
      rows[place] = row;
    }
  }
  return starts;
}

function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  [start, middle, end]: readonly [number, number, number],
  compare: (a: number, b: number) => number,
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const isLeft = right >= end || (left < middle && compare(from[left]!, from[right]!) <= 0);
    to[at] = from[isLeft ? left++ : right++]!;
  }
}

/**
 * The `rank`-th smallest (from 1) of the values, where `rankOf` tells the rank from how many there
 * are; null without any. `room`: so many are held at a time.
 */
export function nthSmallest(
  each: Each,
  rankOf: (count: number) => number,
  room = ROOM,
): number | null {
  const counts = new Uint32Array(ranked(Infinity) + 2);
  let all = 0;
  each((value) => {
    counts[ranked(value)]!++;
    all++;
  });
  if (all === 0) return null;
  let rank = rankOf(all);
  let bucket = 0;
  while (rank > counts[bucket]!) rank -= counts[bucket++]!;
  const inBucket: Each = (visit) =>
    each((value) => void (ranked(value) === bucket && visit(value)));
  if (counts[bucket]! > room) return nthByRange(inBucket, rank, room);
  return sortedWithin(inBucket, -Infinity, Infinity, counts[bucket]!)[rank - 1]!;
}

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** The place of a number among all doubles, by its first 18 bits. */
function ranked(value: number): number {
  double[0] = value;
  const high = halves[1]!;
  return (high >>> 31 === 1 ? ~high >>> 0 : (high | 0x8000_0000) >>> 0) >>> 14;
}

function nthByRange(each: Each, n: number, room: number): number {
  let { low, high, count } = rangeOf(each, -Infinity, Infinity);
  let rank = n;
  while (count > room && low < high) {
    const width = (high - low) / BUCKETS;
    const [from, to] = [low, high];
    const bucketOf = (value: number) => Math.floor((value - from) / width);
    const counts = new Uint32Array(BUCKETS + 2);
    each((value) => {
      if (value >= from && value <= to) counts[bucketOf(value)]!++;
    });
    let bucket = 0;
    while (rank > counts[bucket]!) rank -= counts[bucket++]!;
    ({ low, high, count } = rangeOf(each, from, to, (value) => bucketOf(value) === bucket));
  }
  if (low === high) return low;
  return sortedWithin(each, low, high, count)[rank - 1]!;
}

/** The least and the greatest of the values in [from, to], and how many they are. */
function rangeOf(each: Each, from: number, to: number, is: (value: number) => boolean = isAny) {
  let low = Infinity;
  let high = -Infinity;
  let count = 0;
  each((value) => {
    if (value < from || value > to || !is(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
    count++;
  });
  return { low, high, count };
}

function isAny(): boolean {
  return true;
}

function sortedWithin(each: Each, from: number, to: number, count: number): Float64Array {
  const values = new Float64Array(count);
  let at = 0;
  each((value) => {
    if (value >= from && value <= to) values[at++] = value;
  });
  return values.sort();
}

/**
 * The longest gap in [from, to], whose edges count too. Null: no value in it. About `room` values
 * are held at a time, where they are spread evenly.
 */
export function longestGap(
  within: EachWithin,
  from: number,
  to: number,
  room = ROOM,
): number | null {
  const each: Each = (visit) => within(visit, from, to);
  const { low, high, count } = rangeOf(each, from, to);
  if (count === 0) return null;
  const edges = Math.max(low - from, to - high);
  if (low === high) return edges;
  const buckets = Math.min(count, room);
  const found = Math.max(edges, gapBetween(each, { low, high, buckets }));
  // A gap within a bucket is no longer than the bucket; a little more, for what was rounded.
  if (found > (1 + 1e-6) * ((high - low) / buckets)) return found;
  return Math.max(edges, gapBySorting(within, { low, high, count }, room));
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Which of `count` equal parts of the range a value in it falls into. */
function partIn({ low, high }: Range, count: number): (value: number) => number {
  return (value) => Math.min(count - 1, Math.floor(((value - low) / (high - low)) * count));
}

/** The longest gap whose ends fall into different buckets. */
function gapBetween(each: Each, range: Range & { readonly buckets: number }): number {
  const { low, high, buckets } = range;
  const bucketOf = partIn(range, buckets);
  const least = new Float64Array(buckets).fill(Infinity);
  const greatest = new Float64Array(buckets).fill(-Infinity);
  each((value) => {
    if (value < low || value > high) return;
    const bucket = bucketOf(value);
    if (value < least[bucket]!) least[bucket] = value;
    if (value > greatest[bucket]!) greatest[bucket] = value;
  });
  let before = low;
  let longest = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (least[bucket] === Infinity) continue;
    longest = Math.max(longest, least[bucket]! - before);
    before = greatest[bucket]!;
  }
  return longest;
}

function gapBySorting(
  within: EachWithin,
  range: Range & { readonly count: number },
  room: number,
): number {
  const { low, high, count } = range;
  const parts = Math.ceil(count / room);
  const partOf = partIn(range, parts);
  const counts = new Uint32Array(parts);
  const inRange = (value: number) => value >= low && value <= high;
  within((value) => void (inRange(value) && counts[partOf(value)]!++), low, high);
  const part_ms = (high - low) / parts;
  let before = low;
  let longest = 0;
  for (let part = 0; part < parts; part++) {
    const values = new Float64Array(counts[part]!);
    let at = 0;
    const take = (value: number) => {
      if (inRange(value) && partOf(value) === part) values[at++] = value;
    };
    // A little more on either side, for what was rounded.
    within(take, low + (part - 0.5) * part_ms, low + (part + 1.5) * part_ms);
    for (const value of values.sort()) {
      longest = Math.max(longest, value - before);
      before = value;
    }
  }
  return longest;
}
