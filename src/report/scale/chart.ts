// The times of a drill against the size of its data as a static SVG drawing: a dot for each run,
// the RTO with its error bar, and the line of each. Nothing is drawn beyond what was measured.
import { formatDuration, writeSize } from '../../base/units.ts';
import type { Scale, ScaledSize, ScaleFit } from '../../verdict/scale.ts';
import { LEFT, RIGHT, round, valueAxis, valueScale, WIDTH } from '../html/axis.ts';
import { escapeHtml } from '../html/style.ts';

const TOP = 12;
const BOTTOM = 380;
const HEIGHT = 420;
const DOT = 4;
/** So that dots of the largest size, and its label, do not lie on the edge. */
const AIR = 40;
/** What the label of a size takes. */
const LABEL = 64;

interface Place {
  readonly x: (bytes: number) => number;
  readonly y: (ms: number) => number;
}

export const SCALE_STYLE = `
svg .amount { text-anchor: end; fill: var(--soft); }
svg .fit { fill: none; stroke: var(--soft); stroke-width: 2; }
svg .fit.rto { stroke: var(--text); stroke-width: 2.5; }
svg .dot { stroke: var(--ground); }
svg .dot.rto { fill: var(--text); }
.swatch.rto { background: var(--text); }
.facts { margin-top: .4rem; }
td.words { white-space: normal; }
`;

/** The whole `<svg>`; empty where nothing was measured. */
export function scaleChart({ sizes, fits }: Scale): string {
  const all = fits.flatMap(({ points }) => points.map(({ ms }) => ms));
  const highs = sizes.map(({ drill }) => drill.rto_range_ms?.high ?? 0);
  const most = Math.max(0, ...all, ...highs);
  if (!(most > 0)) return '';
  const values = valueScale(most, TOP, BOTTOM);
  const largest = sizes.at(-1)!.bytes;
  const x = (bytes: number) => LEFT + (bytes / largest) * (WIDTH - LEFT - RIGHT - AIR);
  const place = { x, y: values.y };
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Times against topology.data">`,
    valueAxis(values, formatDuration),
    ...sizeTicks(sizes, place),
    ...fits.toReversed().map((fit) => fitPath(fit, place)),
    ...sizes.flatMap((size) => errorBars(size, place)),
    ...fits.toReversed().flatMap((fit) => dots(fit, place)),
    '</svg>',
  ].join('\n');
}

/** What the colours stand for. */
export function scaleLegend({ fits }: Scale): string {
  const items = fits.map(
    ({ name }) => `<li><span class="swatch ${kindOf(name)}"></span>${escapeHtml(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** From the largest: of sizes that lie close together only one has room for its label. */
function sizeTicks(sizes: readonly ScaledSize[], { x }: Place): string[] {
  let taken = Infinity;
  return sizes.toReversed().map(({ bytes }) => {
    const left = round(x(bytes));
    const line = `<line class="grid" x1="${left}" x2="${left}" y1="${TOP}" y2="${BOTTOM}"/>`;
    if (taken - left < LABEL) return line;
    taken = left;
    const label = escapeHtml(writeSize(bytes));
    return `${line}\n<text class="tick" x="${left}" y="${BOTTOM + 18}">${label}</text>`;
  });
}

/** From the smallest to the largest size that was measured. */
function fitPath({ name, line, points }: ScaleFit, { x, y }: Place): string {
  if (line === null) return '';
  const sizes = points.map(({ bytes }) => bytes);
  const end = (bytes: number) => {
    const ms = line.at_zero_ms + (line.per_gb_ms * bytes) / 1e9;
    return `${round(x(bytes))} ${round(y(ms))}`;
  };
  const path = `M${end(Math.min(...sizes))}L${end(Math.max(...sizes))}`;
  return `<path class="fit ${kindOf(name)}" ${lineColour(name)} d="${path}"/>`;
}

function dots({ name, points }: ScaleFit, { x, y }: Place): string[] {
  return points.map(({ bytes, ms }) => {
    const title = escapeHtml(`${name} at ${writeSize(bytes)}: ${formatDuration(ms)}`);
    const place = `cx="${round(x(bytes))}" cy="${round(y(ms))}" r="${DOT}"`;
    const value = `data-bytes="${bytes}" data-ms="${ms}"`;
    return `<circle class="dot ${kindOf(name)}" ${value} ${place}><title>${title}</title></circle>`;
  });
}

function errorBars({ bytes, drill }: ScaledSize, { x, y }: Place): string[] {
  return drill.runs.flatMap(({ rto_ms }) => {
    if (rto_ms === null || rto_ms.low === null || rto_ms.high === null) return [];
    const [left, low, high] = [x(bytes), y(rto_ms.low), y(rto_ms.high)].map(round);
    const across = (at: number) => `M${left! - 5} ${at}h10`;
    const path = `${across(low!)}${across(high!)}M${left} ${low}V${high}`;
    return [`<path class="whisker" d="${path}"/>`];
  });
}

/** A name becomes part of the page only where it can be a class. */
function kindOf(name: string): string {
  if (name === 'RTO') return 'rto';
  return /^[a-z]+$/.test(name) ? `phase-${name}` : 'phase';
}

/** The classes of phases fill; a line has a stroke of the same colour. */
function lineColour(name: string): string {
  return /^[a-z]+$/.test(name) ? `style="fill:none;stroke:var(--${name})"` : '';
}
