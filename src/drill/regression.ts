// Whether recovery is slower than its own past, by more than a drill file allows and beyond chance.
// Pure.
import { chanceOfSlower, factorOf, leastChance, sizeNeeded } from '../base/rank-test.ts';
import { medianOf } from '../base/statistics.ts';
import { formatDuration, formatShare } from '../base/units.ts';
import type { ChosenBaseline } from './baseline.ts';

/** Where nothing got slower, the chance that this is called a regression is at most this. */
export const REGRESSION_LEVEL = 0.05;

export interface Regression {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** The share by which a trial is slower than a run of the past; null: it cannot be said. */
  readonly slower: number | null;
  /** In the middle; null: never back, or not measured. */
  readonly now_ms: number | null;
  readonly past_ms: number | null;
  readonly now: number;
  readonly past: number;
  /** The chance of such a difference where nothing changed; null: not reckoned. */
  readonly chance: number | null;
  /** Null where it passed. */
  readonly reason: string | null;
}

/**
 * `now` has a value for each run: Infinity where service never came back, null where it was not
 * measured. Those are reckoned as the slowest and as the fastest: a verdict stands where both give
 * it.
 */
export function regressionOf(
  now: readonly (number | null)[],
  baseline: ChosenBaseline | null,
  allowed: number,
): Regression {
  const past = (baseline?.samples ?? []).map(({ rto_ms }) => rto_ms ?? Infinity);
  const as = (unknown: number) =>
    compared(
      now.map((each) => each ?? unknown),
      past,
      allowed,
    );
  const lacks = baseline === null ? UNCHOSEN : baseline.lacks;
  const slowest = as(Infinity);
  if (lacks !== null || past.length === 0) {
    return open(slowest, `There is nothing to compare the RTO with: ${lacks ?? 'no run counts'}`);
  }
  const unknown = now.filter((each) => each === null).length;
  if (unknown === 0 || as(0).verdict === slowest.verdict) return slowest;
  const few = `${unknown} of ${now.length} trials gave no RTO`;
  const some = now.length === 1 ? 'The RTO was not measured' : few;
  return open(slowest, `${some}, so it cannot be told whether it is slower than its past.`);
}

const UNCHOSEN = 'the run was made without its past. Run it again with --baseline last.';

function open(found: Regression, reason: string): Regression {
  return { ...found, verdict: 'inconclusive', slower: null, now_ms: null, chance: null, reason };
}

function compared(now: readonly number[], past: readonly number[], allowed: number): Regression {
  const [middle, before] = [middleOf(now), middleOf(past)];
  // Most of either never came back: no share says by how much that is slower.
  const factor = before === Infinity || middle === Infinity ? Infinity : factorOf(now, past)!;
  const slower = finite(factor - 1);
  const facts = {
    slower,
    now_ms: finite(middle),
    past_ms: finite(before),
    now: now.length,
    past: past.length,
  };
  const undecided = { ...facts, verdict: 'inconclusive', chance: null } as const;
  if (leastChance(now.length, past.length) > REGRESSION_LEVEL) {
    return { ...undecided, reason: tooFew(now.length, past.length) };
  }
  if (before === Infinity) {
    const reason = 'Service never came back in most runs of the past: nothing can be slower.';
    return { ...undecided, reason };
  }
  const chance = chanceOfSlower(now, past);
  if (factor <= 1 + allowed) return { ...facts, verdict: 'pass', chance, reason: null };
  const isProved = chance <= REGRESSION_LEVEL;
  const verdict = isProved ? 'fail' : 'inconclusive';
  const reason = reasonOf({ ...facts, chance, allowed, isProved });
  return { ...facts, verdict, chance, reason };
}

function middleOf(values: readonly number[]): number {
  return medianOf(values.toSorted((a, b) => (a === b ? 0 : a < b ? -1 : 1))) ?? Infinity;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Why so many trials against so many runs can show no slow-down; null: they can. */
export function tooFewFor(now: number, past: number): string | null {
  return leastChance(now, past) > REGRESSION_LEVEL ? tooFew(now, past) : null;
}

function tooFew(now: number, past: number): string {
  const [trials, runs] = [sizeNeeded(past, REGRESSION_LEVEL), sizeNeeded(now, REGRESSION_LEVEL)];
  const few = now === 1 ? 'One run' : `${now} trials`;
  return (
    `${few} against ${past} of the past cannot tell a slow-down from chance: it takes ` +
    `${trials} trials (--repeat ${trials}), or ${runs} runs of the past.`
  );
}

/** Of two the median is the slower one: between them there is nothing. */
function middleOfWords(of: number): string {
  return of === 2 ? 'the slower of 2' : `in the middle of ${of}`;
}

interface Words extends Pick<Regression, 'slower' | 'now_ms' | 'past_ms' | 'now' | 'past'> {
  readonly chance: number;
  readonly allowed: number;
  readonly isProved: boolean;
}

function reasonOf({
  slower,
  now_ms,
  past_ms,
  now,
  past,
  chance,
  allowed,
  isProved,
}: Words): string {
  const middle = now === 1 ? '' : `, ${middleOfWords(now)} trials,`;
  const what = now_ms === null ? 'Service never came back' : `RTO ${formatDuration(now_ms)}`;
  const told = formatDuration(past_ms ?? Infinity);
  const before = `its past (${past === 2 ? `${told},` : told} ${middleOfWords(past)})`;
  const by = slower === null ? 'slower' : `${slowerShare(slower)} slower`;
  const than = now_ms === null ? `; ${before.replace('its', 'the')}` : ` is ${by} than ${before}`;
  const beyond = `${formatShare(allowed)} ${allowed === 0 ? 'is' : 'are'} allowed`;
  const odds = chanceWords(chance);
  const end = isProved
    ? `That is no chance (${odds}).`
    : `That may be chance (${odds}, level ${REGRESSION_LEVEL}): more trials tell.`;
  return `${what}${middle}${than}; ${beyond}. ${end}`;
}

/** `p = 0.012`, `p < 0.001` */
export function chanceWords(chance: number): string {
  return chance < 0.001 ? 'p < 0.001' : `p = ${Number(chance.toPrecision(2))}`;
}

/** `31 %`, of a slow-down; a speed-up is below zero. */
export function slowerShare(share: number): string {
  const value = 100 * Math.abs(share);
  return `${Number(value.toFixed(value < 9.95 ? 1 : 0))} %`;
}

/** `31 % slower`, `4 % faster`, `as fast` */
export function slowerWords(share: number): string {
  const text = slowerShare(share);
  return text === '0 %' ? 'as fast' : `${text} ${share > 0 ? 'slower' : 'faster'}`;
}
