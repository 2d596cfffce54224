// All runs, newest first, a page of them at a time; two of them can be compared.
import { namedBack } from '../../drill/plan/clock.ts';
import { beganAt, nameOf } from '../../archive/run-list.ts';
import type { PastRun } from '../../archive/history/history.ts';
import { formatDuration, writeMinute } from '../../base/units.ts';
import { scrolled } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { verdictStyle, verdictWord } from '../../report/summary/verdict-words.ts';
import { isVerified } from '../../session/history/overview.ts';
import { formatCount } from '../../screen/text.ts';
import type { OpenRun, Overview } from '../model/overview.ts';
import { seriesLink } from './series.ts';

const A_PAGE = 50;

/** Those that are older than `before`; null: the newest. */
export function runsPage(
  { history, ids }: Overview,
  open: readonly OpenRun[],
  before: string | null,
): string {
  const past = new Map(history.runs.map((run) => [run.id, run]));
  const states = new Map(open.map(({ id, state }) => [id, state]));
  const all = [...new Set([...ids, ...past.keys()])].toSorted().toReversed();
  const older = before === null ? all : all.filter((id) => id < before);
  const shown = older.slice(0, A_PAGE);
  if (shown.length === 0) return '<h1>Runs</h1>\n<p>There are none here.</p>';
  const rows = shown.map((id) => rowOf(id, past.get(id), states.get(id)));
  const last = `<p><a href="/runs?before=${shown.at(-1)}">Older runs</a></p>`;
  const next = older.length > shown.length ? last : '';
  const heads = ['before', 'now', 'began (UTC)', 'drill', 'result', 'RTO', 'lost'].map((head) => {
    return `<th scope="col">${head}</th>`;
  });
  const table = `<table class="plain"><thead><tr>${heads.join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
  return `<h1>Runs</h1>
<p class="facts">${formatCount(all.length)} in all.</p>
<form action="/compare">
${scrolled(table, 'Runs')}
<p><button>Compare two</button></p>
</form>
${next}`;
}

function rowOf(id: string, run: PastRun | undefined, state: string | undefined): string {
  const name = run?.drill.name ?? nameOf(id);
  const began = writeMinute(new Date(beganAt(id)).toISOString());
  const isThere = run === undefined || run.standing !== 'gone';
  const report = isThere ? `<a href="/runs/${id}">${escapeHtml(name)}</a>` : escapeHtml(name);
  const series = run?.series ?? null;
  const link =
    series === null || run?.told !== undefined
      ? report
      : `${report}, ${seriesLink(series, 'of a series')}`;
  // What is not as it was written has no numbers.
  const sound = run !== undefined && isVerified(run) ? run : null;
  const rto = sound?.rto_ms ?? null;
  const lost = sound?.lost ?? null;
  const choice = (side: string) => {
    const words = escapeHtml(`${side}: ${name}, ${began}`);
    return `<input type="radio" name="${side}" value="${id}" aria-label="${words}" required>`;
  };
  const cells = [
    ...(run === undefined ? ['', ''] : [choice('before'), choice('now')]),
    began,
    link,
    run === undefined ? escapeHtml(state ?? 'gone') : resultWords(run),
    rto === null ? '–' : namedBack(sound!.drill, formatDuration(rto)),
    lost === null ? '–' : formatCount(lost),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** A line of the history, and a row of a shared one: without the run's folder it proves nothing. */
function resultWords(run: PastRun): string {
  const { verdict, standing } = run;
  const word = verdictWord(verdict).toLowerCase();
  if (!isVerified(run)) return '<span class="warn-word">not as written</span>';
  if (run.told !== undefined) return escapeHtml(`${word}, as told on ${run.told.machine}`);
  if (standing === 'gone') return `${word}, as the history says; the run is gone`;
  return `<span class="${verdictStyle(verdict)}-word">${word}</span>`;
}
