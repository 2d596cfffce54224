// Runs in the page of a report: zoom and hover for its charts, drawn by uPlot from the same values as
// the static drawings, which stay for paper and wherever scripts are off. Joined into one file by
// bin/build.js; it loads nothing.
import uPlot from 'uplot';
import { VALUE_WORDS, momentText } from '../value-words.ts';

const HEIGHT = 230;
const FONT = '12px system-ui, sans-serif';
const HELP =
  'Drag to zoom, double click to zoom out. Keys: left and right move the cursor, + and − zoom, ' +
  'Escape shows all.';

const data = JSON.parse(document.getElementById('chart-data').textContent);
for (const run of data) {
  const sync = uPlot.sync(`run-${run.id}`);
  for (const chart of run.charts) mount(chart, run, sync);
}
document.documentElement.classList.add('zooms');

function mount(chart, run, sync) {
  const place = document.getElementById(chart.id);
  const drawing = place.querySelector('svg');
  const target = document.createElement('div');
  target.className = 'zoom';
  target.tabIndex = 0;
  target.setAttribute('role', 'group');
  target.setAttribute('aria-label', `${drawing.getAttribute('aria-label')}. ${HELP}`);
  place.append(target);
  const x = chart.curves[0].values.map((_, at) => chart.from_ms + (at + 0.5) * chart.span_ms);
  const values = chart.curves.map((curve) => curve.values);
  const plot = new uPlot(optionsOf(chart, run, drawing, sync, place), [x, ...values], target);
  target.addEventListener('keydown', (event) => onKey(event, plot, sync.plots));
  new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw(false));
}

function optionsOf({ unit, curves }, { from_ms, to_ms, faults, origin }, drawing, sync, place) {
  const words = VALUE_WORDS[unit];
  const style = (selector, key) => getComputedStyle(drawing.querySelector(selector))[key];
  const axis = {
    stroke: () => style('.tick', 'fill'),
    grid: { stroke: () => style('.grid', 'stroke'), width: 1 },
    ticks: { show: false },
    font: FONT,
  };
  return {
    width: Math.max(200, place.clientWidth),
    height: HEIGHT,
    cursor: {
      sync: { key: sync.key, setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false },
    },
    scales: {
      // All of it is alike for all charts, so that one moment is at one place.
      x: {
        time: false,
        range: ({ data: [moments] }, low, high) => {
          const isAll = low <= moments[0] && high >= moments.at(-1);
          return isAll ? [from_ms, to_ms] : [low, high];
        },
      },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
    },
    axes: [
      { ...axis, values: (_, moments) => moments.map(momentText) },
      {
        ...axis,
        ...stepsOf(unit),
        size: 64,
        values: (_, each) => each.map((value) => words(value)),
      },
    ],
    series: [
      { label: origin, value: (_, ms) => (ms === null ? '–' : momentText(ms)) },
      ...curves.map(({ name, kind }) => ({
        label: name,
        stroke: () => style(`.curve.${kind}`, 'stroke'),
        width: 1.6,
        points: { show: false },
        value: (_, value) => (value === null || value === undefined ? '–' : words(value)),
      })),
    ],
    hooks: { drawClear: [(plot) => shade(plot, faults, style)] },
  };
}

/** There is no part of a byte: no two lines may be called the same. */
function stepsOf(unit) {
  if (unit !== 'bytes') return {};
  const powers = Array.from({ length: 15 }, (_, power) => 10 ** power);
  return { incrs: powers.flatMap((power) => [power, 2 * power, 5 * power]) };
}

/** The time of each fault, behind the curves, in the colour of the static drawing. */
function shade(plot, faults, style) {
  const { ctx, bbox } = plot;
  for (const { isDisaster, from_ms, to_ms } of faults) {
    const edge = (ms) => {
      const at = plot.valToPos(ms, 'x', true);
      return Math.min(Math.max(at, bbox.left), bbox.left + bbox.width);
    };
    const [left, right] = [edge(from_ms), edge(to_ms)];
    ctx.save();
    ctx.fillStyle = style('.fault', 'fill');
    ctx.globalAlpha = isDisaster ? 0.2 : 0.1;
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
    ctx.restore();
  }
}

const ZOOMS = { '+': 0.5, '-': 2, '−': 2 };

function onKey(event, plot, all) {
  const { min, max } = plot.scales.x;
  const moments = plot.data[0];
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    const step = event.key === 'ArrowLeft' ? -1 : 1;
    const at = Math.min(Math.max((plot.cursor.idx ?? 0) + step, 0), moments.length - 1);
    plot.setCursor({ left: plot.valToPos(moments[at], 'x'), top: 1 }, true, true);
  } else if (event.key === 'Escape') {
    for (const each of all) each.setData(each.data, true);
  } else if (Object.hasOwn(ZOOMS, event.key)) {
    const middle = plot.cursor.idx === null ? (min + max) / 2 : moments[plot.cursor.idx ?? 0];
    const half = ((max - min) * ZOOMS[event.key]) / 2;
    const shown = {
      min: Math.max(moments[0], middle - half),
      max: Math.min(moments.at(-1), middle + half),
    };
    for (const each of all) each.setScale('x', shown);
  } else {
    return;
  }
  event.preventDefault();
}
