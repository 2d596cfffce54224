// The trials of a drill as HTML: the verdict over all of them, the recovery times as dots on one
// scale, what so many trials prove, and a row for each.
import { formatDuration } from '../../base/units.ts';
import type { SeriesResult } from '../../verdict/series.ts';
import { headOfSeries, provedBy } from '../series/text.ts';
import { gateRange, targetWords, valueWords } from '../series/words.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { RIGHT, WIDTH, LEFT, niceStep, round } from './axis.ts';
import { controlLine, list, scrolled, section, tableOf } from './parts.ts';
import { escapeHtml } from './style.ts';

export function seriesArticle(series: SeriesResult): string {
  const { drill, verdict, reasons } = series;
  const sections = [
    `<header>
<p class="badge ${verdict}">${verdictWord(verdict)}</p>
<h1>${escapeHtml(drill.name)}</h1>
<p class="headline">${escapeHtml(headOfSeries(series))}</p>
${controlLine(drill)}
</header>`,
    list(verdict === 'pass' ? 'Remarks' : 'Why', reasons),
    section('Targets', gateTable(series)),
    dotSection(series),
    list('What it proves', provedBy(series)),
    phaseSection(series),
    section('Trials', trialTable(series)),
    `<footer><p>${escapeHtml(`series ${series.id} · ${drill.strategy}`)}</p></footer>`,
  ];
  return `<article>\n${sections.filter((each) => each !== '').join('\n')}\n</article>`;
}

function gateTable({ gates, planned, made }: SeriesResult): string {
  const rows = gates.map((gate) => [
    gate.name,
    gate.verdict,
    `${gate.met} of ${planned}`,
    gateRange(gate, made),
    targetWords(gate),
    gate.proves === null ? '–' : `${Math.floor(100 * gate.proves)} %`,
  ]);
  const head = ['target', 'verdict', 'met by', 'measured', 'promised', 'proved share'];
  return tableOf(head, rows);
}

const TOP = 14;
const DOT = 6;
const AXIS = 150;

/** Each trial a dot at its recovery time; those that would overlap stand on each other. */
function dotSection(series: SeriesResult): string {
  const points = series.trials.flatMap((trial, at) => {
    const { rto_ms, verdict } = trial;
    return rto_ms === null ? [] : [{ ms: rto_ms, verdict, number: at + 1 }];
  });
  if (points.length < 2) return '';
  const target = series.gates.find(({ name }) => name === 'rto')?.target ?? null;
  const most = Math.max(...points.map(({ ms }) => ms), 1);
  const isNear = target !== null && target <= 3 * most;
  const end = 1.05 * (isNear ? Math.max(most, target) : most);
  const x = (ms: number) => LEFT + (ms / end) * (WIDTH - LEFT - RIGHT);
  const stacks = new Map<number, number>();
  const dots = points.map(({ ms, verdict, number }) => {
    const place = Math.round(x(ms) / (2 * DOT));
    const height = stacks.get(place) ?? 0;
    stacks.set(place, height + 1);
    // More than have room stand closer.
    const y = AXIS - DOT - 2 - (height * 2 * DOT) / Math.max(1, points.length / 11);
    const kind = verdict === 'pass' ? 'dot' : 'dot failed';
    const title = `trial ${number}: ${formatDuration(ms)}`;
    return (
      `<circle class="${kind}" data-ms="${round(ms)}" cx="${round(x(ms))}" ` +
      `cy="${Math.max(TOP, y)}" r="${DOT - 1}"><title>${escapeHtml(title)}</title></circle>`
    );
  });
  const step = niceStep(end / 8);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => {
    const left = round(x(at * step));
    return (
      `<line class="grid" x1="${left}" x2="${left}" y1="${TOP}" y2="${AXIS}"/>` +
      `<text class="tick" x="${left}" y="${AXIS + 16}">${formatDuration(at * step)}</text>`
    );
  });
  const line = isNear ? `<path class="target" d="M${round(x(target))} ${TOP}V${AXIS}"/>` : '';
  const note = isNear ? 'The dashed line is the target.' : `The target is ${words(target)}.`;
  return section(
    'Recovery times',
    `${scrolled(
      `<svg viewBox="0 0 ${WIDTH} ${AXIS + 26}" role="img" aria-label="Recovery time of each trial">
${[...ticks, line, ...dots].join('\n')}
</svg>`,
    )}<p class="facts">A dot for each trial. ${escapeHtml(note)}</p>`,
  );
}

function words(target: number | null): string {
  return target === null ? 'not stated' : formatDuration(target);
}

function phaseSection({ phases }: SeriesResult): string {
  const rows = phases.flatMap(({ name, ms }) => {
    if (ms === null) return [];
    return [
      [name, ...[ms.min, ms.median, ms.max].map((value) => valueWords(value, 'ms')), String(ms.of)],
    ];
  });
  if (rows.length === 0) return '';
  return section('Phases', tableOf(['phase', 'min', 'median', 'max', 'trials'], rows));
}

function trialTable({ trials }: SeriesResult): string {
  const names = [...new Set(trials.flatMap(({ phases }) => phases.map(({ name }) => name)))];
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
    trial.run,
  ]);
  return tableOf(['#', 'verdict', 'RTO', 'lost', ...names, 'seed', 'moved', 'run'], rows);
}
