// The trials of a drill as HTML: the verdict over all of them, the recovery times as dots on one
// scale, what so many trials prove, and a row for each.
import { backName, hasDisaster } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import type { SeriesGate, SeriesResult } from '../../verdict/series.ts';
import { headOfSeries, provedBy } from '../series/text.ts';
import { brokenAt, brokenInSeries, commonestCause, notProvedInSeries } from '../series/story.ts';
import { gateRange, metWords, regionWords, targetWords, valueWords } from '../series/words.ts';
import { workerCells, workerWords } from '../series/workers.ts';
import { phasesShown } from '../summary/recovery-section.ts';
import { surroundingsOf } from '../summary/surroundings-words.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { RIGHT, WIDTH, LEFT, niceStep, round } from './axis.ts';
import { drillLines, list, scrolled, section, tableOf } from './parts.ts';
import { NO_BREAK } from '../../screen/text.ts';
import { escapeHtml } from './style.ts';

export function seriesArticle(series: SeriesResult): string {
  const { drill, verdict, reasons } = series;
  const sections = [
    `<header>
<p class="badge ${verdict}">${verdictWord(verdict)}</p>
<h1>${escapeHtml(drill.name)}</h1>
<p class="headline">${escapeHtml(headOfSeries(series))}</p>
<div class="gates">
${series.gates.map((gate) => gateCard(gate, series)).join('\n')}
</div>
${drillLines(drill)}
</header>`,
    list(verdict === 'pass' ? 'Remarks' : 'Why', reasons),
    list('What was broken', brokenInSeries(series)),
    dotSection(series),
    section('Targets', gateTable(series)),
    list('What it proves', provedBy(series)),
    list('What it does not prove', notProvedInSeries(series)),
    phaseSection(series),
    section('Trials', trialTable(series)),
    section(
      'Machine and versions',
      tableOf(['what', 'value'], surroundingsOf(series.surroundings)),
    ),
    list(
      'Workers',
      [workerWords(series)].filter((words) => words !== ''),
    ),
    list(
      'Regions',
      [regionWords(series)].filter((words) => words !== ''),
    ),
    `<footer><p>${escapeHtml(`series ${series.id} · ${drill.strategy}`)}</p></footer>`,
  ];
  return `<article>\n${sections.filter((each) => each !== '').join('\n')}\n</article>`;
}

function gateCard(gate: SeriesGate, { planned, made }: SeriesResult): string {
  return `<section class="gate ${gate.verdict}">
<h2>${escapeHtml(gate.name)}</h2>
<p class="figure">${metFigure(gate, planned)}</p>
<p class="facts">${escapeHtml(targetWords(gate))}</p>
<p class="facts">${escapeHtml(gateRange(gate, made))}</p>
</section>`;
}

/** What all trials meet as one has no count. */
function metFigure({ met, verdict, regression }: SeriesGate, planned: number): string {
  return regression === undefined ? `${met} of ${planned} met` : verdict;
}

function gateTable({ gates, planned, made }: SeriesResult): string {
  const rows = gates.map((gate) => [
    gate.name,
    gate.verdict,
    metWords(gate, planned),
    gateRange(gate, made),
    targetWords(gate),
    gate.proves === null ? '–' : `${Math.floor(100 * gate.proves)} %`,
  ]);
  const head = ['target', 'verdict', 'met by', 'measured', 'promised', 'proved share'];
  return tableOf(head, rows);
}

const TOP = 14;
const DOT = 5;
const ROW = 16;
/** With more trials than have room their rows stand closer. */
const ROWS_MAX = 420;

/** Each trial a dot at its recovery time in a row of its own, with its error bar. */
function dotSection(series: SeriesResult): string {
  const points = series.trials.flatMap(({ rto_ms: ms, verdict, gates }, at) => {
    if (ms === null) return [];
    const gate = gates.find(({ name }) => name === 'rto');
    return [{ ms, verdict, number: at + 1, low: gate?.low ?? ms, high: gate?.high ?? ms }];
  });
  if (points.length < 2) return '';
  const target = series.gates.find(({ name }) => name === 'rto')?.target ?? null;
  const most = Math.max(...points.map(({ high }) => high), 1);
  const isNear = target !== null && target <= 3 * most;
  const end = 1.05 * (isNear ? Math.max(most, target) : most);
  const x = (ms: number) => round(LEFT + (ms / end) * (WIDTH - LEFT - RIGHT));
  const row = Math.min(ROW, ROWS_MAX / points.length);
  const bottom = TOP + points.length * row + 6;
  const rows = points.map((point, at) => dotRow(point, x, round(TOP + (at + 0.5) * row), row));
  const step = niceStep(end / 8);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => {
    const left = x(at * step);
    return (
      `<line class="grid" x1="${left}" x2="${left}" y1="${TOP}" y2="${bottom}"/>` +
      `<text class="tick" x="${left}" y="${bottom + 16}">${formatDuration(at * step)}</text>`
    );
  });
  const { min, median, max } = series.rto_ms ?? { min: null, median: null, max: null };
  const spread =
    min === null || max === null
      ? ''
      : `<rect class="spread" x="${x(min)}" y="${TOP}" width="${round(x(max) - x(min))}" ` +
        `height="${bottom - TOP}"/>`;
  const middle = median === null ? '' : `<path class="median" d="M${x(median)} ${TOP}V${bottom}"/>`;
  const line = isNear ? `<path class="target" d="M${x(target)} ${TOP}V${bottom}"/>` : '';
  const drawing = `<svg viewBox="0 0 ${WIDTH} ${bottom + 26}" role="img" aria-label="${DOTS}">
${[spread, ...ticks, middle, line, ...rows].join('\n')}
</svg>`;
  const note = isNear ? 'The dashed line is the target.' : `The target is ${words(target)}.`;
  const facts = `${DOT_WORDS} ${note}`;
  return section(
    'Recovery times',
    `${scrolled(drawing, DOTS)}<p class="facts">${escapeHtml(facts)}</p>`,
  );
}

const DOTS = 'Recovery time of each trial';
const DOT_WORDS =
  'A dot for each trial, in their order, with its own error bar. Shaded: the spread of all of ' +
  'them; the line in it is their median.';

interface Point {
  readonly ms: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: string;
  readonly number: number;
}

function dotRow(
  { ms, low, high, verdict, number }: Point,
  x: (ms: number) => number,
  y: number,
  row: number,
): string {
  const kind = verdict === 'pass' ? 'dot' : 'dot failed';
  const title = escapeHtml(`trial ${number}: ${formatDuration(ms)}`);
  const label =
    row < 12 ? '' : `<text class="amount" x="${LEFT - 8}" y="${y + 4}">${number}</text>`;
  const size = Math.max(2, Math.min(DOT, row / 2));
  const ends = [low, high].map((ms) => `M${x(ms)} ${y - size}v${2 * size}`);
  const bar = `${ends.join('')}M${x(low)} ${y}H${x(high)}`;
  return (
    `${label}<path class="whisker" d="${bar}"/>` +
    `<circle class="${kind}" data-ms="${round(ms)}" cx="${x(ms)}" cy="${y}" r="${size}">` +
    `<title>${title}</title></circle>`
  );
}

function words(target: number | null): string {
  return target === null ? 'not stated' : formatDuration(target);
}

function phaseSection(series: SeriesResult): string {
  const rows = series.phases.flatMap(({ name, ms }) => {
    if (ms === null) return [];
    const numbers = [ms.min, ms.median, ms.max].map((value) => valueWords(value, 'ms'));
    return [[name, ...numbers, String(ms.of), commonestCause(series, name)]];
  });
  if (rows.length === 0) return '';
  const head = ['phase', 'min', 'median', 'max', 'trials', 'commonest cause'];
  return section('Phases', tableOf(head, rows));
}

function trialTable(series: SeriesResult): string {
  const began = `${hasDisaster(series.drill) ? 'disaster' : 'first fault'} at`;
  const { trials } = series;
  const workers = workerCells(series);
  const shown = trials.flatMap(({ phases }) => phasesShown(phases, series.drill));
  const names = [...new Set(shown.map(({ name }) => name))];
  const rows = trials.map((trial, at) => [
    String(at + 1),
    verdictWord(trial.verdict),
    trial.rto_ms === null ? '–' : formatDuration(trial.rto_ms),
    trial.lost === null ? '–' : String(trial.lost),
    ...names.map((name) => {
      const ms = trial.phases.find((phase) => phase.name === name)?.ms ?? null;
      return ms === null ? '–' : formatDuration(ms);
    }),
    String(trial.seed),
    formatDuration(trial.moved_ms),
    brokenAt(series, at).replaceAll(' ', NO_BREAK),
    ...(workers === null ? [] : [workers[at]!]),
    trial.run,
  ]);
  return tableOf(
    [
      ...['#', 'verdict', backName(series.drill), 'lost', ...names, 'seed', 'moved', began],
      ...(workers === null ? [] : ['worker']),
      'run',
    ],
    rows,
  );
}
