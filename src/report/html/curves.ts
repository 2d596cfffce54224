// Drawings of values over time: a curve for each series, all on the time axis of the run, the
// faults shaded behind them.
import type { FaultView } from '../view/run-view.ts';
import { escapeHtml } from './style.ts';
import { VALUE_WORDS, type ChartUnit } from './value-words.ts';
import {
  round,
  svgHead,
  timeAxis,
  valueAxis,
  valueScale,
  type TimeScale,
  type ValueScale,
} from './axis.ts';

/** One value for each span of time; null leaves a gap. */
export interface Curve {
  readonly name: string;
  /** A class of the style sheet. */
  readonly kind: string;
  readonly values: readonly (number | null)[];
}

export interface Chart {
  /** For whoever cannot see the drawing; unique within the run. */
  readonly title: string;
  readonly heading: string;
  readonly unit: ChartUnit;
  readonly curves: readonly Curve[];
  /** Where the first span begins. */
  readonly from_ms: number;
  readonly span_ms: number;
}

const HEIGHT = 190;
const TOP = 10;
const BOTTOM = 160;

/** The whole `<svg>`. */
export function curvesChart(scale: TimeScale, chart: Chart, faults: readonly FaultView[]): string {
  const { title, curves, unit } = chart;
  const known = curves.flatMap(({ values }) => values.filter((value) => value !== null));
  const most = known.reduce((highest, value) => Math.max(highest, value), 0);
  const values = valueScale(most, TOP, BOTTOM);
  return [
    svgHead(scale, HEIGHT, title),
    shades(faults, scale, TOP, BOTTOM),
    timeAxis(scale, TOP, BOTTOM),
    valueAxis(values, VALUE_WORDS[unit]),
    ...curves.map((curve) => pathOf(curve, chart, scale, values)),
    '</svg>',
  ].join('\n');
}

/** The time of each fault, behind what is drawn. */
export function shades(
  faults: readonly FaultView[],
  { x, ...shown }: TimeScale,
  top: number,
  bottom: number,
): string {
  return faults
    .filter(({ from_ms, to_ms }) => from_ms < shown.to_ms && to_ms > shown.from_ms)
    .map(({ name, isDisaster, from_ms, to_ms }) => {
      const left = round(x(from_ms));
      const width = Math.max(1, round(x(to_ms) - left));
      const place = `x="${left}" y="${top}" width="${width}" height="${bottom - top}"`;
      const kind = isDisaster ? 'fault disaster' : 'fault';
      return `<rect class="${kind}" ${place}><title>${escapeHtml(name)}</title></rect>`;
    })
    .join('\n');
}

/** A line through the middle of each span. */
function pathOf(
  { kind, name, values }: Curve,
  { from_ms, span_ms }: Chart,
  { x }: TimeScale,
  { y }: ValueScale,
): string {
  let isOpen = false;
  const parts = values.flatMap((value, at) => {
    if (value === null) {
      isOpen = false;
      return [];
    }
    const command = isOpen ? 'L' : 'M';
    isOpen = true;
    return [`${command}${round(x(from_ms + (at + 0.5) * span_ms))} ${round(y(value))}`];
  });
  const title = `<title>${escapeHtml(name)}</title>`;
  return `<path class="curve ${kind}" d="${parts.join('')}">${title}</path>`;
}

/** Which colour is which curve. */
export function curvesLegend(curves: readonly Curve[]): string {
  const items = curves.map(({ kind, name }) => {
    return `<li><span class="swatch line ${kind}"></span>${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}
