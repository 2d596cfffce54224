// The course of a run as a drawing: faults shaded, the phases of the recovery, its steps, the marks
// with their names.
import { hasDisaster } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { truncate } from '../../screen/text.ts';
import type { RunView, PhaseView, StepView } from '../view/run-view.ts';
import { shades } from './curves.ts';
import { faultRows } from './fault-rows.ts';
import { escapeHtml } from './style.ts';
import { LEFT, RIGHT, WIDTH, round, svgHead, timeAxis, type TimeScale } from './axis.ts';
import { momentText } from './value-words.ts';

const TOP = 10;
const BAR = 24;
const STEP_ROW = 22;
const MARK_ROW = 16;
/** A name in a bar needs so much for each of its letters, and some air. */
const LETTER = 7.2;
const AIR = 8;
const LABEL = 40;

const MARK_WORDS: Readonly<Record<string, string>> = {
  fault_started: 'fault',
  detected: 'detected',
  declared: 'declared',
  fenced: 'fenced',
  writable: 'takes writes',
  app_ready: 'app ready',
  redirected: 'redirected',
  first_success: 'first served',
  sustained: 'back for good',
};

/** What is drawn of a run, be it over or not. */
type Drawn = Pick<
  RunView,
  'plan' | 'span' | 'disaster_ms' | 'faults' | 'marks' | 'phases' | 'steps'
>;

/** The whole `<svg>`, and the phases with their times. */
export function timelineChart(view: Drawn, scale: TimeScale): string {
  const rows = markRows(view, scale);
  const faults = faultRows(view, TOP + rows.height, scale);
  const bars = TOP + rows.height + faults.height;
  const steps = bars + BAR + 10;
  const shown = view.steps.filter(({ from_ms, to_ms }) => {
    return from_ms < scale.to_ms && to_ms > scale.from_ms;
  });
  const bottom = steps + shown.length * STEP_ROW + 6;
  return [
    svgHead(scale, bottom + 26, courseTitle(view)),
    shades(view.faults, scale, TOP, bottom),
    timeAxis(scale, TOP, bottom),
    ...rows.parts.map((part) => part(bottom)),
    ...faults.parts,
    ...view.phases.map((phase) => phaseBar(phase, bars, scale)),
    ...shown.map((step, at) => stepBar(step, steps + at * STEP_ROW, scale)),
    '</svg>',
  ].join('\n');
}

/** A run without a disaster, or that ended before it, had no recovery. */
export function courseTitle({ disaster_ms, plan }: Pick<RunView, 'disaster_ms' | 'plan'>): string {
  return disaster_ms === null || !hasDisaster(plan)
    ? 'Course of the run'
    : 'Course of the recovery';
}

/** Which colour is which phase, for those that are too short for their name. */
export function phaseLegend({ phases }: RunView): string {
  if (phases.length === 0) return '';
  const items = phases.map(({ name, from_ms, to_ms }) => {
    const words = escapeHtml(`${name} ${formatDuration(to_ms - from_ms)}`);
    return `<li><span class="swatch ${phaseKind(name)}"></span>${words}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

function phaseKind(name: string): string {
  return /^[a-z]+$/.test(name) ? `phase phase-${name}` : 'phase';
}

/** Names that would overlap stand below each other. */
function markRows({ marks, disaster_ms, span }: Drawn, { x }: TimeScale) {
  const origin_ms = disaster_ms ?? span.from_ms;
  const ends: number[] = [];
  const placed = marks.map(({ name, at_ms }) => {
    // The mark and the moment from which the clock runs are rounded by rules of their own.
    const after_ms = name === 'fault_started' && disaster_ms !== null ? 0 : at_ms - origin_ms;
    const words = `${MARK_WORDS[name] ?? name} ${momentText(after_ms)}`;
    const left = round(x(at_ms));
    const width = words.length * LETTER;
    const isRight = left + width > WIDTH - RIGHT;
    const from = isRight ? left - width : left;
    let row = ends.findIndex((end) => from > end + AIR);
    if (row < 0) row = ends.length;
    ends[row] = isRight ? left : left + width;
    const y = TOP + 12 + row * MARK_ROW;
    const anchor = isRight ? ' text-anchor="end"' : '';
    const shift = isRight ? -4 : 4;
    return (bottom: number) =>
      `<g class="mark" data-mark="${escapeHtml(name)}" data-ms="${round(at_ms)}">` +
      `<line x1="${left}" x2="${left}" y1="${y - 10}" y2="${bottom}"/>` +
      `<text x="${left + shift}" y="${y}"${anchor}>${escapeHtml(words)}</text></g>`;
  });
  return { parts: placed, height: ends.length * MARK_ROW + 8 };
}

function phaseBar({ name, from_ms, to_ms }: PhaseView, y: number, { x }: TimeScale): string {
  const [left, right] = [round(x(from_ms)), round(x(to_ms))];
  if (right <= left) return '';
  const title = escapeHtml(`${name} ${formatDuration(to_ms - from_ms)}`);
  const place = `x="${left}" y="${y}" width="${round(right - left)}" height="${BAR}"`;
  const hasRoom = right - left >= name.length * LETTER + AIR;
  const middle = round((left + right) / 2);
  const label = `<text class="name" x="${middle}" y="${y + 16}">${escapeHtml(name)}</text>`;
  const bar = `<rect class="${phaseKind(name)}" ${place}><title>${title}</title></rect>`;
  return hasRoom ? bar + label : bar;
}

/** Its name stands behind the bar, or before it where there is no room. */
function stepBar({ name, from_ms, to_ms, failed }: StepView, y: number, { x }: TimeScale): string {
  const [left, right] = [round(x(from_ms)), round(x(to_ms))];
  const took = formatDuration(to_ms - from_ms);
  const words = `${truncate(name, LABEL - took.length - 1)} ${took}`;
  const isRight = right + 8 + words.length * LETTER > WIDTH - RIGHT;
  const anchor = isRight ? ' text-anchor="end"' : '';
  const at = isRight ? Math.max(LEFT, left - 6) : right + 6;
  const kind = failed === null ? 'step' : 'step failed';
  const width = Math.max(2, round(right - left));
  const title = escapeHtml(failed === null ? words : `${words}: ${failed}`);
  return (
    `<rect class="${kind}" x="${left}" y="${y}" width="${width}" height="14">` +
    `<title>${title}</title></rect>` +
    `<text class="label" x="${at}" y="${y + 12}"${anchor}>${escapeHtml(words)}</text>`
  );
}
