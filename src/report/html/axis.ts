// Scales and axes of the drawings: where a value lies, and which values are written beside it.
import { escapeHtml } from './style.ts';
import { momentText } from './value-words.ts';

/** Drawings are as wide as this, whatever the page makes of it. */
export const WIDTH = 960;
/** Room for the values beside a drawing, and for the last label. */
export const LEFT = 70;
export const RIGHT = 20;

/** 1, 2 or 5 times a power of ten, the first that is no less; 1 where there is nothing to part. */
export function niceStep(about: number): number {
  if (!(about > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(about));
  return [1, 2, 5, 10].map((each) => each * power).find((step) => step >= about)!;
}

/** To a tenth of a unit of the drawing. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export interface TimeScale {
  readonly from_ms: number;
  readonly to_ms: number;
  /** Which moment is written as 0. */
  readonly zero_ms: number;
  /** Of a moment within the drawing. */
  readonly x: (at_ms: number) => number;
}

export function timeScale(from_ms: number, to_ms: number, zero_ms: number): TimeScale {
  const length = Math.max(1, to_ms - from_ms);
  const x = (at_ms: number) => {
    const share = (Math.min(Math.max(at_ms, from_ms), to_ms) - from_ms) / length;
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  };
  return { from_ms, to_ms, zero_ms, x };
}

/** Its ends are said in milliseconds since zero. */
export function svgHead({ from_ms, to_ms, zero_ms }: TimeScale, height: number, title: string) {
  const ends = `data-from="${round(from_ms - zero_ms)}" data-to="${round(to_ms - zero_ms)}"`;
  const box = `viewBox="0 0 ${WIDTH} ${height}"`;
  return `<svg ${box} role="img" aria-label="${escapeHtml(title)}" ${ends}>`;
}

const TICKS_ABOUT = 8;

/** Lines from `top` to `bottom` at round times since zero, with their labels below. */
export function timeAxis(scale: TimeScale, top: number, bottom: number): string {
  const { from_ms, to_ms, zero_ms, x } = scale;
  const step = niceStep((to_ms - from_ms) / TICKS_ABOUT);
  const first = Math.ceil((from_ms - zero_ms) / step);
  const last = Math.floor((to_ms - zero_ms) / step);
  const ticks: string[] = [];
  for (let at = first; at <= last; at++) {
    const left = round(x(zero_ms + at * step));
    ticks.push(`<line class="grid" x1="${left}" x2="${left}" y1="${top}" y2="${bottom}"/>`);
    const label = escapeHtml(momentText(at * step));
    ticks.push(`<text class="tick" x="${left}" y="${bottom + 16}">${label}</text>`);
  }
  return ticks.join('\n');
}

export interface ValueScale {
  readonly most: number;
  readonly step: number;
  readonly y: (value: number) => number;
}

/** From nothing at `bottom` to a round value that is no less than `most` at `top`. */
export function valueScale(most: number, top: number, bottom: number): ValueScale {
  const step = niceStep(most / 4);
  const end = Math.ceil(most / step) * step || step;
  const y = (value: number) => bottom - (Math.min(value, end) / end) * (bottom - top);
  return { most: end, step, y };
}

/** Lines across at round values, with their labels on the left. */
export function valueAxis({ most, step, y }: ValueScale, words: (value: number) => string): string {
  const ticks: string[] = [];
  for (let at = 0; at * step <= most + step / 2; at++) {
    const top = round(y(at * step));
    ticks.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top}" y2="${top}"/>`);
    const label = escapeHtml(words(at * step));
    ticks.push(`<text class="amount" x="${LEFT - 8}" y="${round(top + 4)}">${label}</text>`);
  }
  return ticks.join('\n');
}
