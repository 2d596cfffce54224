// The report of a run as HTML: what somebody in a hurry needs stands first, then the course of the
// run as drawings, then every number with its meaning.
import { formatDuration } from '../../base/units.ts';
import { quantity } from '../../drill/gate/gate.ts';
import { formatBytes, formatCount } from '../../screen/text.ts';
import { gateMargin, gateMeasured, gateTarget } from '../../verdict/gate-words.ts';
import type { Gate, Result } from '../../verdict/result.ts';
import { furtherSentences } from '../summary/further-sections.ts';
import { PHASE_MEANINGS, wholeMeaning } from '../summary/recovery-section.ts';
import { wallWords } from '../summary/fault-words.ts';
import { notProvedBy, surroundingsOf } from '../summary/surroundings-words.ts';
import { headline, verdictWord } from '../summary/verdict-words.ts';
import type { RunView } from '../view/run-view.ts';
import { curvesChart, curvesLegend, type Curve } from './curves.ts';
import { controlLine, details, list, scrolled, section, tableOf } from './parts.ts';
import { escapeHtml } from './style.ts';
import { timeScale, type TimeScale } from './axis.ts';
import { timelineChart } from './timeline-chart.ts';

/** Everything of one run, as an `<article>`. */
export function runArticle(view: RunView): string {
  const { result, span, disaster_ms } = view;
  const scale = timeScale(span.from_ms, span.to_ms, disaster_ms ?? span.from_ms);
  const sections = [
    firstScreen(view),
    list(result.verdict === 'pass' ? 'Remarks' : 'Why', result.reasons),
    list('What was broken', view.story.broken),
    section('Course', `${scrolled(timelineChart(view, scale))}${AXIS_NOTE}`),
    rateSections(view, scale),
    lagSection(view, scale),
    phaseTable(result),
    lossTable(result),
    stepTable(view),
    list('Further', furtherSentences(result)),
    list('Notes', result.notes),
    list('Left behind', result.cleanup?.clean === false ? result.cleanup.left : []),
    list('What one run does not prove', notProvedBy(result)),
    surroundingsTable(view),
    conditionsTable(view),
    details('The plan', JSON.stringify(view.plan, null, 2)),
    footer(view),
  ];
  return `<article>\n${sections.filter((each) => each !== '').join('\n')}\n</article>`;
}

const AXIS_NOTE =
  '<p class="facts">Times count from the disaster. Shaded: while a fault lasted.</p>';

function firstScreen({ result, story }: RunView): string {
  const { drill, verdict } = result;
  const description = story.description === '' ? '' : `<p>${escapeHtml(story.description)}</p>`;
  return `<header>
<p class="badge ${verdict}">${verdictWord(verdict)}</p>
<h1>${escapeHtml(drill.name)}</h1>
<p class="headline">${escapeHtml(headline(result))}</p>
${description}
${controlLine(drill)}
<div class="gates">
${result.gates.map(gateCard).join('\n')}
</div>
</header>`;
}

function gateCard(gate: Gate): string {
  const margin = gateMargin(gate);
  return `<section class="gate ${gate.verdict}">
<h2>${escapeHtml(gate.name)}</h2>
<p class="figure">${escapeHtml(gateMeasured(gate))}</p>
<p class="facts">${escapeHtml(gateTarget(gate))}</p>
${gateBar(gate)}
<p class="facts">${escapeHtml(margin)}</p>
</section>`;
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

function rateSections({ rates, faults }: RunView, scale: TimeScale): string {
  if (rates === null) return '';
  const { from_ms, span_ms } = rates;
  const common = { from_ms, span_ms, faults };
  const per = `each ${formatDuration(span_ms)}`;
  const served: Curve[] = rates.served.map(({ region, per_s }, at) => ({
    name: `served by ${region}`,
    kind: `region-${at % 4}`,
    values: per_s,
  }));
  const failed: Curve = { name: 'not served', kind: 'failed', values: rates.failed_per_s };
  const throughput = [...served.filter(({ values }) => values.some((each) => each)), failed];
  const latency: Curve[] = [
    { name: 'p99', kind: 'p99', values: rates.p99_ms },
    { name: 'p50', kind: 'p50', values: rates.p50_ms },
  ];
  const a = curvesChart(scale, {
    ...common,
    title: 'Throughput and errors',
    curves: throughput,
    words: (value) => `${formatCount(value)}/s`,
  });
  const b = curvesChart(scale, {
    ...common,
    title: 'Latency',
    curves: latency,
    words: formatDuration,
  });
  return [
    section(`Throughput and errors, ${per}`, scrolled(a) + curvesLegend(throughput)),
    section(`Latency of what was served, ${per}`, scrolled(b) + curvesLegend(latency)),
  ].join('\n');
}

function lagSection({ lag, faults, span }: RunView, scale: TimeScale): string {
  if (lag.length < 2) return '';
  const span_ms = (span.to_ms - span.from_ms) / Math.min(300, Math.max(2, lag.length));
  const values = Array.from(
    { length: Math.ceil((span.to_ms - span.from_ms) / span_ms) },
    (_, at) => {
      const from = span.from_ms + at * span_ms;
      const here = lag.filter(({ at_ms }) => at_ms >= from && at_ms < from + span_ms);
      return here.length === 0 ? null : Math.max(...here.map(({ bytes }) => bytes));
    },
  );
  const curves = [{ name: 'log that the other region lacked', kind: 'lag', values }];
  const chart = curvesChart(scale, {
    ...{ title: 'Replication lag', curves, from_ms: span.from_ms, span_ms, faults },
    words: formatBytes,
  });
  return chart === '' ? '' : section('Replication lag', scrolled(chart));
}

function phaseTable({ recovery, verdict }: Result): string {
  if (recovery === null) return '';
  const rows = recovery.phases.map(({ name, ms }) => {
    return [name, ms === null ? '–' : formatDuration(ms), PHASE_MEANINGS[name] ?? ''];
  });
  const { rto_ms } = recovery;
  const error = wholeMeaning(recovery, verdict);
  const whole = ['RTO', rto_ms === null ? 'not measured' : formatDuration(rto_ms), error];
  return section('Recovery', tableOf(['phase', 'took', 'until'], [...rows, whole]));
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
  const rows = CLASSES.filter(([name]) => loss[name] > 0 || name === 'lost').map(
    ([name, meaning]) => [name.replaceAll('_', ' '), formatCount(loss[name]), meaning],
  );
  const ids = loss.lost_ids.length === 0 ? '' : idLine(loss.lost_ids, loss.lost);
  return section('Writes', tableOf(['class', 'writes', 'meaning'], rows) + ids);
}

function idLine(ids: readonly string[], lost: number): string {
  const more = lost > ids.length ? ` and ${formatCount(lost - ids.length)} more` : '';
  const shown = ids.map((id) => `<code>${escapeHtml(id)}</code>`).join(' ');
  return `<p class="facts">The first that were lost: ${shown}${more}</p>`;
}

function stepTable({ steps, disaster_ms }: RunView): string {
  if (steps.length === 0) return '';
  const rows = steps.map(({ name, from_ms, to_ms, failed }) => [
    name,
    formatDuration(to_ms - from_ms),
    failed === null ? `${formatDuration(from_ms - (disaster_ms ?? 0))} after the disaster` : failed,
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
  return section('Settings', tableOf(['what', 'value'], rows));
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
