// One drill at several sizes of its data: how each time grows with the size, and what that says of
// a size that nobody measured. A straight line is believed only where its own points bear it out.
import { fitLine, type Point } from '../base/line-fit.ts';
import type { ComparedDrill } from './comparison.ts';
import { CONFIDENCE, extrapolate } from './extrapolation.ts';
import type { Verdict } from './result.ts';

export interface Scale {
  readonly schema: 'drill.scale/1';
  /** The worst of all runs. */
  readonly verdict: Verdict;
  readonly name: string;
  readonly strategy: string;
  /** From small to large; sizes of which no run was made are left out. */
  readonly sizes: readonly ScaledSize[];
  /** Of the RTO, then of each of its phases. */
  readonly fits: readonly ScaleFit[];
  /** The size that was asked for beyond those that were measured; null: none. */
  readonly to_bytes: number | null;
  /** Runs that were asked for and not made. */
  readonly not_made: number;
}

export interface ScaledSize {
  readonly bytes: number;
  readonly drill: ComparedDrill;
}

export interface ScaleFit {
  /** `RTO`, or the name of a phase. */
  readonly name: string;
  /** What was measured, a point for each run. */
  readonly points: readonly { readonly bytes: number; readonly ms: number }[];
  /** Runs without this time, or that were neither passed nor failed. */
  readonly missing: number;
  /** Null: fewer than two sizes have a value. */
  readonly line: ScaleLine | null;
  /** Not measured; null: not asked for, or refused. */
  readonly extrapolated: Extrapolated | null;
  /** Why the line is not followed to the size that was asked for; null: it is, or none was. */
  readonly refused: string | null;
}

/** Errors are standard errors, null where two points leave none. */
export interface ScaleLine {
  readonly at_zero_ms: number;
  readonly at_zero_error_ms: number | null;
  readonly per_gb_ms: number;
  readonly per_gb_error_ms: number | null;
  /** The share of the variation that follows the line, 0–1; null: there is none. */
  readonly r_squared: number | null;
}

/** A prediction interval: one further run of that size lies in it with this confidence. */
export interface Extrapolated {
  readonly value_ms: number;
  readonly low_ms: number;
  readonly high_ms: number;
  readonly confidence: number;
}

const GB = 1e9;

/** `values` of all runs, null where a run has none. */
export function fitOf(
  name: string,
  values: readonly { readonly bytes: number; readonly ms: number | null }[],
  to_bytes: number | null,
): ScaleFit {
  const points = values.flatMap(({ bytes, ms }) => (ms === null ? [] : [{ bytes, ms }]));
  const missing = values.length - points.length;
  const own = points.map(({ bytes, ms }) => ({ x: bytes, y: ms }));
  const asked = to_bytes === null ? NOT_ASKED : followed(own, missing, to_bytes);
  return { name, points, missing, line: lineOf(own), ...asked };
}

const NOT_ASKED = { extrapolated: null, refused: null } as const;

function lineOf(points: readonly Point[]): ScaleLine | null {
  const fit = fitLine(points);
  if (fit === null) return null;
  return {
    at_zero_ms: fit.intercept,
    at_zero_error_ms: fit.intercept_error,
    per_gb_ms: GB * fit.slope,
    per_gb_error_ms: fit.slope_error === null ? null : GB * fit.slope_error,
    r_squared: fit.explained,
  };
}

function followed(
  points: readonly Point[],
  missing: number,
  to: number,
): Pick<ScaleFit, 'extrapolated' | 'refused'> {
  if (missing > 0) {
    const refused = `${missing} of ${points.length + missing} runs have no value`;
    return { extrapolated: null, refused };
  }
  const found = extrapolate(points, to);
  if (found.refused !== null) return { extrapolated: null, refused: found.refused };
  const { value, low, high } = found;
  const extrapolated = { value_ms: value, low_ms: low, high_ms: high, confidence: CONFIDENCE };
  return { extrapolated, refused: null };
}
