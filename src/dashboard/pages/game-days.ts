// Game days: what comes, what was held and what came of it, one record whole.
import { writeMinute } from '../../base/units.ts';
import type { GameDayRecord } from '../../evidence/gameday-form.ts';
import {
  DRILL_HEAD,
  drillRows,
  holderWords,
  stopWords,
  tallyWords,
  whysOf,
} from '../../report/gameday/words.ts';
import { isThere } from '../../host/files.ts';
import { seriesFile } from '../../session/series-files.ts';
import { list, scrolled, section, tableOf } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { verdictStyle, verdictWord } from '../../report/summary/verdict-words.ts';
import type { ComingDay, DayShown } from '../model/game-days.ts';
import { problemList } from './parts.ts';
import { seriesLink } from './series.ts';

export function gameDaysPage(
  { days, problems }: { readonly days: readonly ComingDay[]; readonly problems: readonly string[] },
  records: readonly DayShown[],
): string {
  const rows = records.map((day) => {
    const { id, name, due_at } = day.record;
    const link = `<a href="/gamedays/${id}">${escapeHtml(name)}</a>`;
    const due = writeMinute(due_at);
    const cells = [due, link, standing(day), escapeHtml(tallyWords(day.record))];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = ['due (UTC)', 'game day', 'result', 'drills'];
  const table = `<table class="plain"><thead><tr>${heads
    .map((head) => `<th scope="col">${head}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
  return [
    '<h1>Game days</h1>',
    section('Next', comingTable(days)),
    section('Held', rows.length === 0 ? '<p>None yet.</p>' : scrolled(table, 'Held')),
    problemList(problems),
  ].join('\n');
}

/** The first of them, for the first page. */
export function comingTable(days: readonly ComingDay[]): string {
  if (days.length === 0) {
    return '<p>None is due. Name game-day files: <code>drill serve weekly.yaml</code></p>';
  }
  const rows = days.map(({ name, when, blocked }) => [name, when, blocked ?? '']);
  return tableOf(['game day', 'when', ''], rows);
}

/** The way to the runs of each drill that was begun. */
function runsOf({ drills, runs }: GameDayRecord): string {
  const begun = drills.filter(({ series }) => isThere(seriesFile(runs, series)));
  const links = begun.map(({ name, series }) => seriesLink(series, name));
  return links.length === 0 ? '' : `\n<p>The runs of ${links.join(', ')}</p>`;
}

function standing({ record: { verdict }, isAtWork, isWaiting }: DayShown): string {
  if (verdict !== null) {
    return `<span class="${verdictStyle(verdict)}-word">${verdictWord(verdict)}</span>`;
  }
  if (isWaiting) return '<span class="warn-word">waits for somebody to agree</span>';
  return isAtWork ? 'under way' : '<span class="warn-word">broken off</span>';
}

/** `before` is the game day of the same name before it; `controls` is HTML. */
export function gameDayPage(day: DayShown, before: GameDayRecord | null, controls: string): string {
  const { record } = day;
  const { id, name, description, roles, approved, due_at, began_at, ended_at } = record;
  const people = [
    ['due', due_at],
    ['began', began_at],
    ['ended', ended_at],
    ['owner', roles.owner],
    ['on call', roles.on_call],
    ['observers', roles.observers.join(', ') || null],
    ['agreed', approved && `${approved.by}, ${approved.at}`],
  ].flatMap(([what, value]) => (value === null ? [] : [[what!, value!]]));
  const findings = record.drills.flatMap(({ name: drill, findings: known }) => {
    return Object.entries(known).map(([gate, text]) => `${drill}, ${gate}: ${text}`);
  });
  const stop = stopWords(record);
  const held = holderWords(record);
  return [
    `<h1>${escapeHtml(name)}</h1>`,
    `<p>${standing(day)}, ${escapeHtml(tallyWords(record))}</p>`,
    stop === '' ? '' : `<p class="warn-word">${escapeHtml(stop)}</p>`,
    held.length === 0 ? '' : `<p>${escapeHtml(held.join(' '))}</p>`,
    description === '' ? '' : `<p>${escapeHtml(description)}</p>`,
    controls,
    section('Drills', tableOf(DRILL_HEAD, drillRows(record, before)) + runsOf(record)),
    list('Why', whysOf(record)),
    list('Findings', findings),
    section('Record', tableOf(['what', 'value'], [...people, ['record', id]])),
  ]
    .filter((part) => part !== '')
    .join('\n');
}
