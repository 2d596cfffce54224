// What a few observations say of all that could be made. Exact, not approximated, so that it holds
// for a handful of trials as well.

/**
 * The least share of successes, 0–1, that `met` of `of` independent trials prove with this
 * confidence: the lower end of the one-sided interval of Clopper and Pearson (1934). Of trials that
 * were all met it is (1 − confidence)^(1 / of).
 */
export function provenShare(met: number, of: number, confidence: number): number {
  if (of === 0 || met === 0) return 0;
  const chance = 1 - confidence;
  if (met === of) return chance ** (1 / of);
  let [low, high] = [0, met / of];
  // The tail grows with the share: halved until a double cannot tell the ends apart.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (atLeast(met, of, middle) > chance) high = middle;
    else low = middle;
  }
  return low;
}

/** How many trials, all of them met, prove this share with this confidence. */
export function trialsToProve(share: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(share));
}

/** The chance of at least `met` successes in `of` trials, each of which succeeds with `share`. */
function atLeast(met: number, of: number, share: number): number {
  let sum = 0;
  let logChoose = 0; // of `of` over `of`
  for (let successes = of; successes >= met; successes--) {
    sum += Math.exp(
      logChoose + successes * Math.log(share) + (of - successes) * Math.log(1 - share),
    );
    logChoose += Math.log(successes) - Math.log(of - successes + 1);
  }
  return sum;
}

/** The value in the middle; of an even number the higher of the two, which one trial measured. */
export function medianOf(sorted: readonly number[]): number | null {
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** How many of `of` are at least this share of them. */
export function rankOf(share: number, of: number): number {
  // 0.9 × 10 is a little more than 9 in binary.
  return Math.max(1, Math.ceil(share * of - 1e-9));
}
