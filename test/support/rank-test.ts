// Whether two samples may come from one distribution, by their ranks (Mann and Whitney, 1947), and
// how far one lies from the other (Hodges and Lehmann, 1963).

/** The median of all differences between one of `these` and one of `those`. */
export function shiftOf(these: readonly number[], those: readonly number[]): number {
  const differences = these.flatMap((one) => those.map((other) => one - other));
  const sorted = differences.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/**
 * The two-sided probability of ranks as uneven as these where both come from one distribution; by
 * the normal approximation with its correction for continuity, good from eight of each on.
 */
export function rankProbability(these: readonly number[], those: readonly number[]): number {
  const [n, m] = [these.length, those.length];
  const wins = these.flatMap((one) =>
    those.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)),
  );
  const u = wins.reduce<number>((sum, each) => sum + each, 0);
  const deviation = Math.sqrt((n * m * (n + m + 1)) / 12);
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / deviation;
  return Math.min(1, 2 * upperTail(z));
}

/** Abramowitz and Stegun 26.2.17, wrong by 7.5e-8 at most. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((rest, term) => t * (term + rest), 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
