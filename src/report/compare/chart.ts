// The RTO of each drill as a static SVG drawing: one bar for each, cut into its phases, all on one
// time axis, with the error bar below the end. Colours are classes of the page's style sheet.
import { formatDuration } from '../../base/units.ts';
import { truncate } from '../../screen/text.ts';
import type { ComparedDrill } from '../../verdict/comparison.ts';
import { errorBarText, figureText, phaseNames, timeText } from './sheet.ts';
import { niceStep, round } from '../html/axis.ts';
import { escapeHtml } from '../html/style.ts';

const WIDTH = 960;
const LEFT = 210;
/** Room for the figure behind the longest bar. */
const RIGHT = 130;
const TOP = 12;
const ROW = 56;
const BAR = 26;
const AXIS = 34;
/** A name in a segment needs so much for each of its letters, and some air. */
const LETTER = 7.2;
/** Letters of a drill's name that have room on the left. */
const LABEL = 30;
const AIR = 10;
const TICKS_ABOUT = 6;
/** One that never came back is drawn so far beyond the longest that did. */
const BEYOND = 1.12;

/** The whole `<svg>`; empty where no drill has an RTO. */
export function compareChart(drills: readonly ComparedDrill[]): string {
  const scale = scaleOf(drills);
  if (scale === null) return '';
  const height = TOP + drills.length * ROW + AXIS;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="chart-title">`,
    '<title id="chart-title">RTO of each drill, split into its phases</title>',
    HATCH,
    axis(scale, TOP + drills.length * ROW),
    ...drills.map((drill, at) => barRow(drill, TOP + at * ROW, scale)),
    '</svg>',
  ].join('\n');
}

/** What the colours of the chart stand for. */
export function compareLegend(drills: readonly ComparedDrill[]): string {
  const items = phaseNames(drills).map(
    (name) => `<li><span class="swatch ${phaseClass(name)}"></span>${escapeHtml(name)}</li>`,
  );
  if (drills.some(({ rto_ms }) => rto_ms?.median.value === null)) {
    items.push('<li><span class="swatch waiting"></span>waited, in vain</li>');
  }
  return items.length === 0 ? '' : `<ul class="legend">${items.join('')}</ul>`;
}

const HATCH =
  '<defs><pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" ' +
  'patternTransform="rotate(45)"><rect class="hatch" width="3" height="8"/></pattern></defs>';

interface Scale {
  /** Milliseconds at the right end. */
  readonly end_ms: number;
  readonly step_ms: number;
  readonly x: (ms: number) => number;
}

/** One that never came back does not squeeze the others, unless there are none. */
function scaleOf(drills: readonly ComparedDrill[]): Scale | null {
  const measured = drills.filter(({ rto_ms }) => rto_ms !== null);
  const ends = measured.flatMap(({ rto_ms, rto_range_ms }) =>
    [rto_ms!.median.value, rto_ms!.max.value, rto_range_ms!.high].filter((one) => one !== null),
  );
  const waits = measured.map(({ rto_ms }) => rto_ms!.median.low ?? 0);
  const longest = ends.length > 0 ? Math.max(...ends) : Math.max(0, ...waits);
  if (!(longest > 0)) return null;
  const hasOpen = measured.some(({ rto_range_ms }) => rto_range_ms!.high === null);
  const end_ms = longest * (hasOpen ? BEYOND : 1);
  const x = (ms: number) => LEFT + (Math.min(ms, end_ms) / end_ms) * (WIDTH - LEFT - RIGHT);
  return { end_ms, step_ms: niceStep(end_ms / TICKS_ABOUT), x };
}

function axis({ end_ms, step_ms, x }: Scale, y: number): string {
  const ticks: string[] = [];
  for (let at = 0; at * step_ms <= end_ms; at++) {
    const [left, text] = [round(x(at * step_ms)), tickText(at * step_ms, end_ms)];
    ticks.push(`<line class="grid" x1="${left}" x2="${left}" y1="${TOP}" y2="${y}"/>`);
    ticks.push(`<text class="tick" x="${left}" y="${y + 18}">${text}</text>`);
  }
  return ticks.join('\n');
}

/** In one unit along the axis, up to a minute. */
function tickText(ms: number, end_ms: number): string {
  const isSeconds = end_ms >= 1000 && ms < 60_000;
  return isSeconds ? `${Number((ms / 1000).toPrecision(3))} s` : timeText(ms);
}

function barRow(drill: ComparedDrill, top: number, scale: Scale): string {
  const { strategy, label, rto_ms } = drill;
  const y = top + (ROW - BAR) / 2;
  const middle = y + BAR / 2;
  const isNamed = label !== strategy;
  const parts = [text('strategy', 0, middle + (isNamed ? -3 : 5), strategy)];
  if (isNamed) parts.push(text('label', 0, middle + 14, truncate(label, LABEL)));
  const bar = errorBarText(rto_ms?.median);
  const figure = figureText(rto_ms?.median);
  if (rto_ms === null) {
    parts.push(text('value', LEFT + 6, middle + 5, 'not measured'));
  } else {
    const drawn = segments(drill, y, scale);
    const value = text('value', drawn.end + 12, middle + 5, figure);
    parts.push(...drawn.parts, ...whisker(drill, y + BAR + 7, scale), value);
  }
  const words = [label, figure, bar && `error bar ${bar}`].filter((part) => part !== '');
  return `<g><title>${escapeHtml(words.join(', '))}</title>\n${parts.join('\n')}\n</g>`;
}

/** One after the other; those of an RTO that never ended go on as waiting, to the right end. */
function segments(drill: ComparedDrill, y: number, { x, end_ms }: Scale) {
  const parts: string[] = [];
  let before = 0;
  for (const { name, ms } of drill.phases) {
    if (ms === null || ms <= 0) continue;
    const [from, to] = [x(before), x(before + ms)];
    before += ms;
    parts.push(rect(phaseClass(name), from, to, y, `${name} ${formatDuration(ms)}`));
    if (to - from >= name.length * LETTER + AIR) {
      parts.push(text('name', (from + to) / 2, y + BAR / 2 + 4, name));
    }
  }
  const median = drill.rto_ms?.median;
  if (median?.value !== null) return { parts, end: x(median?.value ?? 0) };
  parts.push(rect('waiting', x(before), x(end_ms), y, errorBarText(median)));
  return { parts, end: x(end_ms) };
}

function rect(kind: string, from: number, to: number, y: number, title: string): string {
  const place = `x="${round(from)}" y="${y}" width="${round(to - from)}" height="${BAR}"`;
  return `<rect class="${kind}" ${place}><title>${escapeHtml(title)}</title></rect>`;
}

/** The RTO over all runs; it leaves the drawing where one of them never came back. */
function whisker(drill: ComparedDrill, y: number, { x, end_ms }: Scale): string[] {
  const { rto_ms, rto_range_ms: range } = drill;
  if (rto_ms === null || rto_ms.median.value === null || range === null) return [];
  const from = range.low ?? 0;
  const isOpen = range.high === null;
  const to = range.high ?? end_ms;
  if (from === to) return [];
  const [left, right] = [round(x(from)), round(x(to))];
  const end = isOpen ? `M${right - 6} ${y - 4}L${right} ${y}l-6 4` : `M${right} ${y - 4}v8`;
  return [`<path class="whisker" d="M${left} ${y - 4}v8M${left} ${y}H${right}${end}"/>`];
}

function text(kind: string, x: number, y: number, words: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escapeHtml(words)}</text>`;
}

/** A name becomes part of the page only where it can be a class. */
function phaseClass(name: string): string {
  return /^[a-z]+$/.test(name) ? `phase phase-${name}` : 'phase';
}
