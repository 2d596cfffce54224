// The report of a run as HTML: what somebody in a hurry needs stands first, then the course of the
// run as drawings, then every number with its meaning.
import { backName, clockStart } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import { formatCount } from '../../screen/text.ts';
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Gate, Result } from '../../verdict/result.ts';
import { BY_FAULT, byFaultNotes, byFaultRows, MISSES } from '../summary/by-fault-words.ts';
import { causeOfPhase } from '../summary/cause-words.ts';
import {
  phaseMeaning,
  phasesShown,
  recoveryTitle,
  wholeMeaning,
} from '../summary/recovery-section.ts';
import { wallWords } from '../summary/fault-words.ts';
import { sectionsOf } from '../summary/further-sections.ts';
import { FURTHER, saidOf } from '../summary/said.ts';
import { surroundingsOf } from '../summary/surroundings-words.ts';
import { headline, verdictWord } from '../summary/verdict-words.ts';
import type { RunView } from '../view/run-view.ts';
import { chartsOf } from './charts.ts';
import { curvesChart, curvesLegend, type Chart } from './curves.ts';
import { drillLines, details, list, scrolled, section, tableOf } from './parts.ts';
import { escapeHtml } from './style.ts';
import { timeScale, type TimeScale } from './axis.ts';
import { chartId } from './zoom.ts';
import { courseTitle, phaseLegend, timelineChart } from './timeline-chart.ts';

/** Everything of one run, as an `<article>`. */
export function runArticle(view: RunView, number = 0): string {
  const { result, span, disaster_ms } = view;
  const scale = timeScale(span.from_ms, span.to_ms, disaster_ms ?? span.from_ms);
  const sections = [
    firstScreen(view),
    list(result.verdict === 'pass' ? 'Remarks' : 'Why', result.reasons),
    list('What was broken', view.story.broken),
    courseSection(view),
    ...chartsOf(view).map((chart, at) => {
      return chartSection(view, chart, scale, chartId(number, at));
    }),
    phaseTable(result),
    byFaultTable(result),
    lossTable(result),
    stepTable(view),
    ...furtherTables(result),
    // What has a table says it there.
    ...saidOf(result).flatMap(({ title, sentences }) => {
      return title === BY_FAULT || title === FURTHER ? [] : [list(title, sentences)];
    }),
    surroundingsTable(view),
    conditionsTable(view),
    details('The plan', JSON.stringify(view.plan, null, 2)),
    footer(view),
  ];
  return `<article>\n${sections.filter((each) => each !== '').join('\n')}\n</article>`;
}

function courseSection(view: RunView): string {
  const { course, disaster_ms } = view;
  const scale = timeScale(course.from_ms, course.to_ms, disaster_ms ?? course.from_ms);
  const title = courseTitle(view);
  const drawn = scrolled(timelineChart(view, scale), title);
  return section(title, drawn + phaseLegend(view) + axisNote(view));
}

/** A run that ended before its disaster, or had none, counts from something else. */
function axisNote({ disaster_ms, faults, plan }: RunView): string {
  const origin = disaster_ms === null ? 'the beginning of what is shown' : clockStart(plan);
  const shaded = faults.length === 0 ? '' : ' Shaded: while a fault lasted.';
  return `<p class="facts">Times count from ${origin}.${shaded}</p>`;
}

function firstScreen({ result, story }: RunView): string {
  const { drill, verdict } = result;
  const description = story.description === '' ? '' : `<p>${escapeHtml(story.description)}</p>`;
  return `<header>
<p class="badge ${verdict}">${verdictWord(verdict)}</p>
<h1>${escapeHtml(drill.name)}</h1>
<p class="headline">${escapeHtml(headline(result))}</p>
${description}
${drillLines(drill)}
<div class="gates">
${result.gates.map(gateCard).join('\n')}
</div>
</header>`;
}

function gateCard(gate: Gate): string {
  const margin = gateMargin(gate);
  const interval = intervalWords(gate);
  return `<section class="gate ${gate.verdict}">
<h2>${escapeHtml(gate.name)}</h2>
<p class="figure">${escapeHtml(gateMeasured(gate))}</p>
<p class="facts">${escapeHtml(gateTarget(gate))}</p>
${gateBar(gate)}
<p class="facts">${escapeHtml(margin.includes(interval) ? '' : interval)}</p>
<p class="facts">${escapeHtml(margin)}</p>
</section>`;
}

/** The error bar in words. */
function intervalWords({ measured, low, high, unit }: Gate): string {
  if (measured === null || low === null || low === high) return '';
  if (high === null) return `the truth is ${quantity(low, unit)} or more`;
  const [from, to] = [quantity(low, unit), quantity(high, unit)];
  return from === to ? '' : `the truth lies between ${from} and ${to}`;
}

const BAR_WIDTH = 240;

/** What was measured against its target, to scale, with the interval in which the truth lies. */
function gateBar(gate: Gate): string {
  const { measured, low, high, target, unit } = gate;
  const value = measured ?? low;
  const most = Math.max(value ?? 0, high ?? 0, target) * 1.08;
  if (value === null || !(most > 0)) return '';
  const x = (at: number) => Math.round((at / most) * BAR_WIDTH * 10) / 10;
  // Without an upper end it goes on to the edge.
  const [from, to] = [x(low ?? value), x(high ?? most)];
  const words = `${gateMeasured(gate)}, target ${quantity(target, unit)}`;
  const label = escapeHtml(words);
  return `<svg class="bar" viewBox="0 0 ${BAR_WIDTH} 26" role="img" aria-label="${label}">
<rect class="track" x="0" y="8" width="${BAR_WIDTH}" height="10"/>
<rect class="value" x="0" y="8" width="${x(value)}" height="10"/>
<path class="whisker" d="M${from} 4v18M${from} 13H${to}M${to} 4v18"/>
<path class="target" d="M${x(target)} 0v26"/>
</svg>`;
}

/** Zoom and hover take the place of the drawing where scripts run; not on paper. */
function chartSection(view: RunView, chart: Chart, scale: TimeScale, id: string): string {
  const drawn = scrolled(curvesChart(scale, chart, view.faults), chart.title);
  const fixed = `<div class="static">${drawn}${curvesLegend(chart.curves)}</div>`;
  return section(chart.heading, `<div class="chart" id="${id}">${fixed}</div>`);
}

/** The way back, what the recovery region uses, and the like. */
function furtherTables(result: Result): string[] {
  return sectionsOf(result).map(({ title, facts }) => {
    const rows = facts.map(([name, text]) => [name, text]);
    return section(title, tableOf(['what', 'value'], rows));
  });
}

function phaseTable({ recovery, verdict, drill }: Result): string {
  if (recovery === null) return '';
  const rows = phasesShown(recovery.phases, drill).map(({ name, ms }) => {
    const took = ms === null ? '–' : formatDuration(ms);
    return [name, took, phaseMeaning(recovery, name), causeOfPhase(recovery, name)];
  });
  const { rto_ms } = recovery;
  const error = wholeMeaning({ recovery, verdict, drill });
  const whole = [
    backName(drill),
    rto_ms === null ? 'not measured' : formatDuration(rto_ms),
    error,
    '',
  ];
  if (rows.length === 0) {
    const [name, took] = whole;
    return section(
      recoveryTitle(drill),
      tableOf(['', 'time', 'error bar'], [[name!, took!, error]]),
    );
  }
  const head = ['phase', 'took', 'until', 'largest cause'];
  return section(recoveryTitle(drill), tableOf(head, [...rows, whole]));
}

function byFaultTable(result: Result): string {
  const rows = byFaultRows(result).map(([name, { due, served, p99_ms, ...met }]) => [
    name,
    ...[due, served, ...MISSES.map((key) => met[key])].map(formatCount),
    p99_ms === null ? '–' : formatDuration(p99_ms),
  ]);
  if (rows.length === 0) return '';
  const head = ['while it lasted', 'operations', 'in time', ...MISSES, 'p99 latency'];
  const notes = byFaultNotes(result).map((text) => `<p class="facts">${escapeHtml(text)}</p>`);
  return section(BY_FAULT, tableOf(head, rows) + notes.join('\n'));
}

const CLASSES = [
  ['acknowledged', 'the client was told that it is stored'],
  ['lost', 'acknowledged, and gone'],
  ['unknown', 'no answer came: never counted as loss'],
  ['recovered', 'unknown, and there'],
  ['refused', 'the client was told that it is not stored'],
  ['unsent', 'no region would take it'],
  ['late', 'acknowledged before the point to which was restored'],
  ['intended', 'undone on purpose'],
  ['diverged', 'serving databases differ'],
  ['unexpected', 'refused or unsent, and there'],
  ['corrupt', 'there with another payload'],
  ['duplicated', 'there more than once'],
  ['split_brain', 'acknowledged by the old side after the new one took a write'],
] as const;

function lossTable({ loss }: Result): string {
  if (loss === null) return '';
  const shown = CLASSES.filter(([name]) => name === 'lost' || (loss[name] ?? 1) > 0);
  const rows = shown.map(([name, meaning]) => {
    return [name.replaceAll('_', ' '), ...writesIn(loss, name, meaning)];
  });
  const ids = loss.lost_ids.length === 0 ? '' : idLine(loss.lost_ids, loss.lost);
  return section('Writes', tableOf(['class', 'writes', 'meaning'], rows) + ids);
}

/** How many, and what that means; where it is not known, why. */
function writesIn(
  loss: NonNullable<Result['loss']>,
  name: (typeof CLASSES)[number][0],
  meaning: string,
): [string, string] {
  const writes = loss[name];
  if (writes !== null) return [formatCount(writes), meaning];
  const { split_brain_low: least = 0, split_brain_missing: why = '' } = loss;
  return [least === 0 ? 'not measured' : `${formatCount(least)} at least`, why];
}

function idLine(ids: readonly string[], lost: number): string {
  const more = lost > ids.length ? ` and ${formatCount(lost - ids.length)} more` : '';
  const shown = ids.map((id) => `<code>${escapeHtml(id)}</code>`).join(' ');
  return `<p class="facts">The first that were lost: ${shown}${more}</p>`;
}

function stepTable({ steps, disaster_ms, span }: RunView): string {
  if (steps.length === 0) return '';
  const origin_ms = disaster_ms ?? span.from_ms;
  const after = disaster_ms === null ? '' : ' after the disaster';
  const rows = steps.map(({ name, from_ms, to_ms, failed }) => [
    name,
    formatDuration(to_ms - from_ms),
    failed === null ? `${formatDuration(from_ms - origin_ms)}${after}` : failed,
  ]);
  return section('Steps of the recovery', tableOf(['step', 'took', 'began'], rows));
}

function surroundingsTable({ result }: RunView): string {
  const { started_at, machine = null } = result;
  const began = started_at === '' ? [] : [['began', wallWords(started_at, machine)] as const];
  return section(
    'Machine and versions',
    tableOf(['what', 'value'], [...began, ...surroundingsOf(result)]),
  );
}

function conditionsTable({ conditions, result }: RunView): string {
  const settings = Object.entries(result.runtime?.settings ?? {});
  const rows = [['strategy', result.drill.strategy] as const, ...conditions, ...settings];
  const table = `<div class="conditions">${tableOf(['what', 'value'], rows)}</div>`;
  return section('Settings', table);
}

function footer({ result, story }: RunView): string {
  const parts = [
    `run ${result.id}`,
    result.started_at,
    ...(story.version === null ? [] : [`drill ${story.version}`]),
    `seed ${result.drill.seed}`,
    ...(result.wall_ms === null ? [] : [`took ${formatDuration(result.wall_ms)}`]),
  ];
  return `<footer><p>${escapeHtml(parts.join(' · '))}</p></footer>`;
}
