// Times in results are whole eighths of a millisecond: such numbers add up exactly in binary and
// are short in decimal, so that phases can add up to the recovery time to the last digit.

const PER_MS = 8;

/** At most `ms`: for the start of what is measured, and for lower bounds. */
export function floorGrain(ms: number): number {
  return Math.floor(ms * PER_MS) / PER_MS;
}

/** At least `ms`: for the end of what is measured, and for upper bounds. */
export function ceilGrain(ms: number): number {
  return Math.ceil(ms * PER_MS) / PER_MS;
}

export function roundGrain(ms: number): number {
  return Math.round(ms * PER_MS) / PER_MS;
}
