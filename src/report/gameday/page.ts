// A game day as one HTML page that needs nothing else: what was promised and what was measured,
// what is to be mended, when each drill ran, and who answers for it.
import { writeMinute } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import type { DayOutcome, GameDayRecord } from '../../evidence/gameday-form.ts';
import { htmlDocument } from '../html/document.ts';
import { list, scrolled, section, tableOf } from '../html/parts.ts';
import { RUN_STYLE } from '../html/run-style.ts';
import { escapeHtml } from '../html/style.ts';
import { verdictWord } from '../summary/verdict-words.ts';
import { DAY_STYLE, dayTimeline, type RunOfDay } from './timeline.ts';
import { DRILL_HEAD, drillRows, holderWords, stopWords, tallyWords, whysOf } from './words.ts';

const NOTHING = '–';

interface Day {
  readonly record: GameDayRecord;
  /** The game day of the same name before it; null: there is none. */
  readonly before: GameDayRecord | null;
  /** In the order in which they began. */
  readonly runs: readonly RunOfDay[];
}

export function gameDayPage({ record, before, runs }: Day): string {
  const parts = [
    firstScreen(record),
    section('Drills', tableOf(DRILL_HEAD, drillRows(record, before))),
    section('Promised and measured', gateTable(record)),
    list('To be mended', toMend(record)),
    timeline(runs),
    list('Why', whysOf(record)),
    section('Who answers for it', rolesTable(record)),
    footer(record, before),
  ];
  const body = parts.filter((part) => part !== '').join('\n');
  return htmlDocument({
    title: `Game day ${record.name}, ${dayOf(record)}: ${standingOf(record)}`,
    style: RUN_STYLE + DAY_STYLE,
    body: `<main>\n<article>\n${body}\n</article>\n</main>`,
  });
}

function firstScreen(record: GameDayRecord): string {
  const { name, description, verdict, began_at, ended_at, due_at } = record;
  const stop = stopWords(record);
  const times = [
    `due ${timeWords(due_at)}`,
    ...(began_at === null ? [] : [`began ${timeWords(began_at)}`]),
    ...(ended_at === null ? [] : [`ended ${timeWords(ended_at)}`]),
  ];
  return `<header>
<p class="badge ${verdict ?? 'open'}">${escapeHtml(standingOf(record))}</p>
<h1>Game day ${escapeHtml(name)}</h1>
<p class="headline">${escapeHtml(`${tallyWords(record)}.`)}</p>
${[description, stop, ...holderWords(record)]
  .filter((text) => text !== '')
  .map((text) => `<p>${escapeHtml(text)}</p>`)
  .join('\n')}
<p class="facts">${escapeHtml(times.join(', '))}</p>
</header>`;
}

function standingOf({ verdict }: GameDayRecord): string {
  return verdict === null ? 'UNDER WAY' : verdictWord(verdict);
}

type DayGate = DayOutcome['gates'][number];

function gateTable({ drills }: GameDayRecord): string {
  const rows = drills.flatMap(({ name, outcome }) =>
    (outcome?.gates ?? []).map((gate) => {
      const { decided, unit, verdict, finding } = gate;
      const measured = decided === null ? NOTHING : quantity(decided, unit);
      const known = finding === null ? '' : `known: ${finding}`;
      return [name, gate.name, promised(gate), measured, verdictWord(verdict), known];
    }),
  );
  return tableOf(['drill', 'target', 'promised', 'measured', 'verdict', 'finding'], rows);
}

function promised({ bound, target, unit }: DayGate): string {
  return `${bound} ${quantity(target, unit)}`;
}

/** A gate that failed, known or not; a finding that is one no more; a drill that proved nothing. */
function toMend({ drills }: GameDayRecord): string[] {
  return drills.flatMap(({ name, outcome }) => {
    if (outcome === null) return [`${name}: it did not run.`];
    const gates = outcome.gates.flatMap((gate) => mendWords(gate) ?? []);
    const isOpen = gates.length === 0 && outcome.verdict !== 'pass';
    const rest = isOpen ? [`${verdictWord(outcome.verdict)}: see why`] : [];
    return [...gates, ...rest].map((words) => `${name}: ${words}.`);
  });
}

function mendWords(gate: DayGate): string | null {
  const { name, verdict, finding } = gate;
  if (verdict === 'pass') {
    if (finding === null) return null;
    return `${name} passes now; take its finding away (${finding})`;
  }
  const known = finding === null ? '' : ` (known: ${finding})`;
  const what = verdict === 'fail' ? 'was missed' : 'was not proved';
  return `${name}, promised ${promised(gate)}, ${what}${known}`;
}

function timeline(runs: readonly RunOfDay[]): string {
  if (runs.length === 0) return '';
  const title = `When each ${runs.length === 1 ? 'drill' : 'of its runs'} ran, UTC`;
  return section('Timeline', scrolled(dayTimeline(runs), title));
}

/** Whoever signed, and a line for everybody who has a role and did not. */
function rolesTable({ roles, approved, signed = [] }: GameDayRecord): string {
  const { owner, on_call, observers } = roles;
  const people = [
    ...(owner === null ? [] : [['owner', owner]]),
    ...(on_call === null ? [] : [['on call', on_call]]),
    ...observers.map((name) => ['observer', name]),
  ];
  const rows = [
    ...(approved === null ? [] : [['agreed to it', approved.by, timeWords(approved.at), '']]),
    ...signed.map(({ by, at, note }) => ['signed', by, timeWords(at), note]),
    ...people.map(([role = '', name = '']) => [role, name, '', '']),
  ];
  const line = ['signature', '', '', ''];
  return tableOf(['', 'who', 'when', 'note'], rows.length === 0 ? [line] : rows);
}

function footer({ id, file, runs }: GameDayRecord, before: GameDayRecord | null): string {
  const last = before === null ? 'There is none before it.' : `The one before it: ${before.id}.`;
  return `<footer>
<p>${escapeHtml(`${last} Evidence: the record ${id} of ${file}, runs in ${runs}.`)}</p>
</footer>`;
}

function dayOf({ began_at, due_at }: GameDayRecord): string {
  return (began_at ?? due_at).slice(0, 10);
}

/** `2026-12-01 09:00 UTC` */
function timeWords(at: string): string {
  return `${writeMinute(at)} UTC`;
}
