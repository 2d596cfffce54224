// A series of trials: what they say together, as `drill report` writes it, and each trial with its
// run, those that are still to come too.
import { namedBack } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { scrolled, section } from '../../report/html/parts.ts';
import { seriesArticle } from '../../report/html/series-article.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { verdictStyle, verdictWord } from '../../report/summary/verdict-words.ts';
import { count, formatCount } from '../../screen/text.ts';
import { isSeriesRunning, readSeries, type Trial } from '../../session/series-files.ts';
import { judgedOf, readTrials, type SeriesRead } from '../../session/series-results.ts';
import { runPlace } from '../model/run-place.ts';
import type { Frame } from './frame.ts';

/** A name of a file, which lies in no other folder. */
const SERIES_ID = /^[a-z0-9][a-z0-9._-]{0,199}$/i;

/** HTML: the way to the page of a series. */
export function seriesLink(id: string, words: string): string {
  return `<a href="/series/${encodeURIComponent(id)}">${escapeHtml(words)}</a>`;
}

/** Null where there is none that can be read. */
export function seriesPage(runs: string, id: string): Frame | null {
  const file = SERIES_ID.test(id) ? readSeries(runs, id) : null;
  if (file === null) return null;
  const read = readTrials(file);
  const isRunning = isSeriesRunning(runs, id);
  const judged = judgedOf(read);
  const title = `Series of ${[...new Set(file.drills.map(({ name }) => name))].join(', ')}`;
  const head = judged.length === 1 ? '' : `<h1>${escapeHtml(title)}</h1>\n`;
  const standing = `<p class="facts">${escapeHtml(standingWords(read, isRunning))}</p>`;
  const body = `${head}${judged.map((each) => seriesArticle(each)).join('\n')}
${section('Each run', `${standing}\n${trialTable(read, isRunning)}`)}`;
  return { title, body, room: '/runs' };
}

function standingWords({ file: { id, trials } }: SeriesRead, isRunning: boolean): string {
  const ended = trials.filter(({ state }) => state === 'ended').length;
  const isOpen = trials.some(({ state }) => state === 'due' || state === 'running');
  const made = `${formatCount(ended)} of ${count(trials.length, 'trial')} made`;
  if (isRunning) return `${id}: ${made}, it goes on`;
  return `${id}: ${made}${isOpen ? `; go on with: drill run --resume ${id}` : ''}`;
}

function trialTable({ file, results }: SeriesRead, isRunning: boolean): string {
  const heads = ['#', 'drill', 'result', 'RTO', 'lost', 'run'].map((head) => {
    return `<th scope="col">${head}</th>`;
  });
  const rows = file.trials.map((trial, at) => {
    const result = results[at] ?? null;
    const rto = result?.recovery?.rto_ms ?? null;
    const lost = result?.loss?.lost ?? null;
    const cells = [
      String(at + 1),
      escapeHtml(file.drills[trial.drill]!.name),
      result === null ? unmadeWords(trial, isRunning) : verdictHtml(result.verdict),
      rto === null ? '–' : namedBack(result!.drill, formatDuration(rto)),
      lost === null ? '–' : formatCount(lost),
      runCell(file.runs, trial.run),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const table = `<table class="plain"><thead><tr>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
  return scrolled(table, 'Each run');
}

function verdictHtml(verdict: Parameters<typeof verdictWord>[0]): string {
  return `<span class="${verdictStyle(verdict)}-word">${verdictWord(verdict)}</span>`;
}

/** Of a trial without a result that counts. */
function unmadeWords({ state }: Trial, isRunning: boolean): string {
  switch (state) {
    case 'due':
      return 'due';
    case 'skipped':
      return 'skipped';
    case 'running':
      return isRunning ? 'running' : '<span class="warn-word">broken off</span>';
    case 'ended':
      return '<span class="warn-word">gone, or not as written</span>';
  }
}

function runCell(runs: string, run: string | null): string {
  if (run === null) return '–';
  if (runPlace(runs, run) === null) return `${escapeHtml(run)}, gone`;
  return `<a href="/runs/${run}">${run}</a>`;
}
