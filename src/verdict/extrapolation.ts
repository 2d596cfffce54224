// What times that were measured at several sizes say of a size that was not: an extrapolation, with
// its interval, or the reason why there is none. Pure.
import {
  curvature,
  fitLine,
  predict,
  type LineFit,
  type Point,
  type Prediction,
} from '../base/line-fit.ts';
import { studentLimit } from '../base/student.ts';

/** The chance that one more recovery of that size lies within the interval, were the line true. */
export const CONFIDENCE = 0.95;
/** Two sizes lie on a line whatever they are. */
const SIZES_LEAST = 3;
/** A line that explains less of what differs is not what makes the difference. */
const EXPLAINED_LEAST = 0.95;
/** An interval that reaches further than this share of the value says nothing. */
const WIDEST = 1;

export type Extrapolation =
  ({ readonly refused: null; readonly times: number } & Prediction) | { readonly refused: string };

/** `x` in bytes, `y` in ms; `times` is how many times the largest measured size `to` is. */
export function extrapolate(points: readonly Point[], to: number): Extrapolation {
  const sizes = new Set(points.map(({ x }) => x)).size;
  if (sizes < SIZES_LEAST) {
    return { refused: `${counted(sizes, 'size')}: a line takes ${SIZES_LEAST} to be tried` };
  }
  const fit = fitLine(points)!;
  const largest = Math.max(...points.map(({ x }) => x));
  const at = predict(fit, to, CONFIDENCE)!;
  const refused = poorness(fit) ?? bent(points) ?? width(at);
  return refused === null ? { refused, times: to / largest, ...at } : { refused };
}

function poorness({ explained, slope }: LineFit): string | null {
  if (explained === null) return null; // all alike: the line is flat and exact
  if (explained < EXPLAINED_LEAST) {
    const share = Math.max(0, Math.floor(100 * explained));
    return `the line explains ${share} % of what differs, ${100 * EXPLAINED_LEAST} % are asked for`;
  }
  return slope < 0 ? 'it took less time with more data' : null;
}

function bent(points: readonly Point[]): string | null {
  const t = curvature(points);
  const freedom = points.length - 3;
  // Of three observations none is left to tell: the interval, of one degree of freedom, is wide.
  if (t === null || Math.abs(t) <= studentLimit(CONFIDENCE, freedom)) return null;
  const how = t > 0 ? 'more' : 'less';
  return `no straight line: it grows ${how} from each size to the next, beyond what is chance`;
}

function width({ value, high }: Prediction): string | null {
  if (high - value <= WIDEST * value) return null;
  const [around, half] = [Math.round(value), Math.round(high - value)];
  return `its interval would be ±${half} ms about ${around} ms: more trials, or larger sizes`;
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
