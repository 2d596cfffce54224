// The first page: what runs now, how each drill stands, what comes, the newest runs.
import { DAYS } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import { sparkline } from '../../report/history/sparkline.ts';
import { ageWords, toldWords, trendWords, valueWords } from '../../report/history/words.ts';
import { section } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { verdictStyle, verdictWord } from '../../report/summary/verdict-words.ts';
import { isVerified, type GateHistory } from '../../session/history/overview.ts';
import { STANDING_TONES, type Standing } from '../../session/history/status.ts';
import type { LiveRun } from '../live/live-run.ts';
import type { ComingDay } from '../model/game-days.ts';
import type { DrillSeen, OpenRun, Overview } from '../model/overview.ts';
import { nameOf } from '../../archive/run-list.ts';
import { comingTable } from './game-days.ts';
import { liveRow } from './live.ts';
import { problemList } from './parts.ts';
import { seriesLink } from './series.ts';

const SPARKS = 24;
const COMING_SHOWN = 5;

export interface FirstPage {
  readonly overview: Overview;
  readonly open: readonly OpenRun[];
  /** HTML: what runs now. */
  readonly now: string;
  readonly now_ms: number;
  readonly coming: readonly ComingDay[];
}

export function firstPage({ overview, open, now, now_ms, coming }: FirstPage): string {
  const { drills, problems } = overview;
  const others = open.filter(({ state }) => state !== 'running');
  return [
    '<h1>Disaster-recovery drills</h1>',
    `<div id="now">${now}</div>`,
    `<div id="drills">${drillSection(drills, now_ms)}</div>`,
    section('Next game days', comingTable(coming.slice(0, COMING_SHOWN))),
    problemList([...others.map(openWords), ...problems]),
  ].join('\n');
}

/** What a run is that did not end as runs end. */
function openWords({ id, state }: OpenRun): string {
  switch (state) {
    case 'kept':
      return `${id} is up, as asked: drill down ${id} takes it away`;
    case 'stopped':
      return `${id} was broken off: drill clean removes what it left`;
    case 'unreadable':
      return `${id} cannot be read here: it may belong to another user`;
    case 'unseen':
      return `${id}: whether it still runs cannot be seen from here`;
    case 'running':
      return `${id} is running`;
    case 'finished':
      return `${id} has no result that can be read: drill judge ${id} makes one of its files`;
  }
}

export function drillSection(drills: readonly DrillSeen[], now_ms: number): string {
  const rows = drills.map((drill) => drillRow(drill, now_ms));
  const example = '<code>drill run drills/region-outage.yaml</code>';
  const none = `<p>No run has ended yet. Try: ${example}</p>`;
  const body = rows.length === 0 ? none : `<ul class="rows">\n${rows.join('\n')}\n</ul>`;
  return section('Drills', body);
}

function drillRow({ history, status }: DrillSeen, now_ms: number): string {
  const { name, strategy, runtime, data, executions, runs, unverified } = history;
  const { runs: own, isSeries, id } = executions.at(-1)!;
  const newest = own.at(-1)!;
  const { told } = newest;
  const isSound = told === undefined && own.every(isVerified);
  const { standing, last, passed, max_age_ms, changed } = status;
  const size = data === null ? '' : `, ${data} of data`;
  const isProved = told === undefined;
  const ran =
    last === null ? '' : resultWords(last.verdict, now_ms - Date.parse(last.at), isProved);
  const words = `a series of ${own.length} runs`;
  const trials = isSeries ? `, ${isProved ? seriesLink(id, words) : words}` : '';
  const facts = [
    `${strategy} on ${runtime}${size}`,
    `${runs} ${runs === 1 ? 'run' : 'runs'}`,
    ...(max_age_ms === null ? [] : [`a pass stands ${DAYS.write(max_age_ms)}`]),
  ];
  const doubts = [
    ...(told === undefined ? [] : [toldWords(told)]),
    ...(unverified === 0 ? [] : [`${unverified} not as written: counted for nothing`]),
    ...(changed === null || changed.length === 0
      ? []
      : [`changed since it passed: ${changed.map(({ key }) => key).join(', ')}`]),
  ];
  const title = told === undefined ? name : `${name} on ${told.machine}`;
  const age = passed === null ? '' : ageWords(passed.age_ms);
  const pass = age === '' || standing === 'passed' ? age : `passed ${age}`;
  return `<li class="row ${STANDING_TONES[standing]}">
<div>
<h3><a href="/runs/${newest.id}">${escapeHtml(title)}</a></h3>
<p><span class="badge small ${kindOf(standing)}">${standing}</span> ${pass}</p>
<p>last result: ${ran}${trials}</p>
<p class="facts">${escapeHtml(facts.join(' · '))}</p>
${doubts.map((doubt) => `<p class="warn-word">${escapeHtml(doubt)}</p>`).join('\n')}
</div>
<ul class="gatelist">
${history.gates.map((gate) => gateLine(gate, isSound)).join('\n')}
</ul>
</li>`;
}

function kindOf(standing: Standing): string {
  return standing.replace(' ', '-');
}

/** What is only told has no colour. */
function resultWords(
  verdict: Parameters<typeof verdictWord>[0],
  age_ms: number,
  isProved: boolean,
): string {
  const word = verdictWord(verdict);
  const shown = isProved ? `<span class="${verdictStyle(verdict)}-word">${word}</span>` : word;
  return `${shown}, ${ageWords(age_ms)}`;
}

/** Of a run that is not as it was written, or only told, nothing is good, whatever it says. */
function gateLine(gate: GateHistory, isSound: boolean): string {
  const { name, unit, bound, target, values, last, verdict, trend } = gate;
  const most = `${bound === 'at least' ? 'at least' : 'of'} ${quantity(target, unit)}`;
  const drawn = sparkline(values.slice(-SPARKS), true);
  const isKnown = isSound && last !== null;
  const tone = isKnown ? { pass: 'good', fail: 'bad', inconclusive: 'warn' }[verdict] : 'warn';
  const parts = [
    `<span>${escapeHtml(name)}</span>`,
    `<strong class="${tone}-word">${escapeHtml(valueWords(last, gate))}</strong>`,
    `<span class="facts">${escapeHtml(most)}</span>`,
    `<span class="spark" aria-hidden="true">${escapeHtml(drawn)}</span>`,
    `<span>${escapeHtml(trendWords({ name, trend }, false))}</span>`,
  ];
  return `<li>${parts.join('')}</li>`;
}

/** Runs that go on; `liveOf` is null of one that tells nothing yet. */
export function nowSection(
  open: readonly OpenRun[],
  liveOf: (id: string) => LiveRun | null,
): string {
  const running = open.filter(({ state }) => state === 'running');
  const rows = running.map(({ id }) => {
    const live = liveOf(id);
    if (live !== null) return liveRow(live);
    return `<li class="row running"><h3><a href="/runs/${id}">${nameOf(id)}</a></h3></li>`;
  });
  const body =
    rows.length === 0 ? '<p>Nothing runs.</p>' : `<ul class="rows">${rows.join('')}</ul>`;
  return section('Now running', body);
}
