// A straight line through observations, by least squares, and how far from it the next one may be.
import { studentLimit } from './student.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LineFit {
  /** Observations, and the distinct places that they were made at. */
  readonly points: number;
  readonly places: number;
  readonly slope: number;
  readonly intercept: number;
  /** Standard errors; null: as many parameters as observations. */
  readonly slope_error: number | null;
  readonly intercept_error: number | null;
  /** The standard deviation of an observation about the line. */
  readonly residual: number | null;
  /** The share of the variance that the line explains; null: there is none. */
  readonly explained: number | null;
  readonly mean_x: number;
  /** The sum of the squared distances from it. */
  readonly spread_x: number;
}

/** Null where all observations were made at one place, or there are none. Pure. */
export function fitLine(points: readonly Point[]): LineFit | null {
  const places = new Set(points.map(({ x }) => x)).size;
  if (places < 2) return null;
  const count = points.length;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const [mean_x, mean_y] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const sum = (of: (point: Point) => number) => points.reduce((all, one) => all + of(one), 0);
  const spread_x = sum(({ x }) => (x - mean_x) ** 2);
  const spread_y = sum(({ y }) => (y - mean_y) ** 2);
  const slope = sum(({ x, y }) => (x - mean_x) * (y - mean_y)) / spread_x;
  const intercept = mean_y - slope * mean_x;
  const left = sum(({ x, y }) => (y - intercept - slope * x) ** 2);
  const residual = count > 2 ? Math.sqrt(left / (count - 2)) : null;
  const error = (factor: number) => (residual === null ? null : residual * Math.sqrt(factor));
  return {
    points: count,
    places,
    slope,
    intercept,
    slope_error: error(1 / spread_x),
    intercept_error: error(1 / count + mean_x ** 2 / spread_x),
    residual,
    explained: spread_y === 0 ? null : 1 - left / spread_y,
    mean_x,
    spread_x,
  };
}

/** What the line says of a place, and within what one more observation there lies. */
export interface Prediction {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Null where the observations tell nothing of how far from the line they lie. Pure. */
export function predict(fit: LineFit, x: number, confidence: number): Prediction | null {
  if (fit.residual === null) return null;
  const value = fit.intercept + fit.slope * x;
  const from_mean = (x - fit.mean_x) ** 2 / fit.spread_x;
  const t = studentLimit(confidence, fit.points - 2);
  const half = t * fit.residual * Math.sqrt(1 + 1 / fit.points + from_mean);
  return { value, low: value - half, high: value + half };
}

/** What doubles leave of a line that fits exactly. */
const ROUNDING = 1e-18;

/**
 * Student's t, with three degrees of freedom less than observations, of a square besides the line:
 * how certainly they lie on a curve. Null where they cannot tell. Pure.
 */
export function curvature(points: readonly Point[]): number | null {
  const fit = fitLine(points);
  if (fit === null || fit.places < 3 || points.length < 4) return null;
  const { mean_x, slope, intercept } = fit;
  const scale = Math.max(...points.map(({ x }) => Math.abs(x - mean_x)));
  const squares = points.map(({ x }) => ({ x, y: ((x - mean_x) / scale) ** 2 }));
  const line = fitLine(squares)!;
  // What of the square, and of the observations, no line explains.
  const bends = squares.map(({ x, y }) => y - line.intercept - line.slope * x);
  const rests = points.map(({ x, y }) => y - intercept - slope * x);
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  const all = sum(points.map(({ y }) => y ** 2));
  const left = sum(rests.map((rest) => rest ** 2));
  if (left <= ROUNDING * all) return null;
  const bend = sum(bends.map((value) => value ** 2));
  const share = sum(bends.map((value, at) => value * rests[at]!)) / Math.sqrt(bend);
  const beside = Math.max(left - share ** 2, ROUNDING * all);
  return share / Math.sqrt(beside / (points.length - 3));
}
