// Whether one sample lies above another beyond chance: the rank-sum test of Mann and Whitney
// (1947), one-sided and exact, with ties. Nothing is assumed of how the values spread; a value that
// is only known to be the longest (Infinity) has a rank like any other.

/** Counting sums beyond this much work is left to the normal distribution, with its correction. */
const EXACT_STEPS_MAX = 5e7;

/**
 * The chance that `now` ranks as high as it does, or higher, where both samples come from one
 * source. 1 where a sample is empty: nothing is shown by nothing.
 */
export function chanceOfSlower(now: readonly number[], past: readonly number[]): number {
  const [n, m] = [now.length, past.length];
  if (n === 0 || m === 0) return 1;
  const ranked = wholeRanks(now, past);
  // The same sums seen from the other side: the fewer values are counted, the less there is to do.
  const isNowCounted = n <= m;
  const few = Math.min(n, m);
  const ranks = ranked.map(({ rank }) => rank);
  const sum = sumOf(ranked.filter(({ isNow }) => isNow === isNowCounted).map(({ rank }) => rank));
  const most = sumOf(ranks.toSorted((a, b) => b - a).slice(0, few));
  if ((n + m) * few * most > EXACT_STEPS_MAX) return normalChance(ranked, n, m);
  const ways = waysToSum(ranks, few, most);
  const asExtreme = isNowCounted ? ways.subarray(sum) : ways.subarray(0, sum + 1);
  return Math.min(1, sumOf(asExtreme) / sumOf(ways));
}

/**
 * By what factor `now` is longer: the median of the ratios of all pairs, which is the estimate of
 * Hodges and Lehmann (1963) that belongs to this test. It uses every value, so that a few coarse
 * ones move it less than they move the medians. Null where a sample is empty.
 */
export function factorOf(now: readonly number[], past: readonly number[]): number | null {
  const ratios = now.flatMap((one) => past.map((other) => (one === other ? 1 : one / other)));
  const sorted = Float64Array.from(ratios).sort();
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** The least chance that any two samples of these sizes can give: all of `now` above all others. */
export function leastChance(now: number, past: number): number {
  let chance = 1;
  const [few, many] = [Math.min(now, past), Math.max(now, past)];
  for (let each = 1; each <= few; each++) chance *= each / (many + each);
  return chance;
}

/** The least size of one sample with which the other can ever show something at this level. */
export function sizeNeeded(other: number, level: number): number | null {
  if (other === 0) return null;
  let size = 1;
  // 1 against 1 / level − 1 is the most that it can take.
  while (leastChance(size, other) > level) size++;
  return size;
}

interface Ranked {
  readonly isNow: boolean;
  /** From 1, ties in the middle of theirs; doubled where that gives halves. */
  readonly rank: number;
}

function wholeRanks(now: readonly number[], past: readonly number[]): Ranked[] {
  const all = [
    ...now.map((value) => ({ value, isNow: true })),
    ...past.map((value) => ({ value, isNow: false })),
  ].toSorted((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -1 : 1));
  const ranked: Ranked[] = [];
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    for (const { isNow } of all.slice(from, to)) ranked.push({ isNow, rank: from + to + 1 });
    from = to;
  }
  // Without ties no rank needs to be doubled.
  if (ranked.some(({ rank }) => rank % 2 === 1)) return ranked;
  return ranked.map(({ isNow, rank }) => ({ isNow, rank: rank / 2 }));
}

/** In how many ways `few` of the ranks come to each sum, up to `most`. */
function waysToSum(ranks: readonly number[], few: number, most: number): Float64Array {
  const ways = Array.from({ length: few + 1 }, () => new Float64Array(most + 1));
  ways[0]![0] = 1;
  // Ascending, so that the last ones seen have the largest sum that can be reached by now.
  ranks.forEach((rank, seen) => {
    for (let taken = Math.min(seen + 1, few); taken > 0; taken--) {
      const [to, from] = [ways[taken]!, ways[taken - 1]!];
      const reached = sumOf(ranks.slice(seen + 1 - taken, seen + 1));
      for (let sum = reached; sum >= rank; sum--) to[sum]! += from[sum - rank]!;
    }
  });
  return ways[few]!;
}

function normalChance(ranked: readonly Ranked[], n: number, m: number): number {
  const all = n + m;
  const halves = ranked.some(({ rank }) => rank > all) ? 2 : 1;
  const own = ranked.filter(({ isNow }) => isNow).map(({ rank }) => rank / halves);
  const u = sumOf(own) - (n * (n + 1)) / 2;
  const sizes = new Map<number, number>();
  for (const { rank } of ranked) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  const ties = sumOf([...sizes.values()].map((size) => size ** 3 - size));
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  return upperTail((u - (n * m) / 2 - 0.5) / Math.sqrt(variance));
}

/** Of the normal distribution; by the fraction of Abramowitz and Stegun 7.1.26, exact to 1e-7. */
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const terms = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const series = terms.reduceRight((sum, term) => (sum + term) * t, 0);
  const tail = (series * Math.exp(-x * x)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
