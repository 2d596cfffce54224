// The page of a run that goes on: its clock against the target, what clients get, its course, and
// what happened last. Each part is made by itself, so that only what changed is sent again.
import { formatDuration } from '../../base/units.ts';
import { clockName, promisedBackMs } from '../../drill/plan/clock.ts';
import { duePerSecond } from '../../drill/plan/plan.ts';
import { PHASES } from '../../evidence/event.ts';
import { timeScale } from '../../report/html/axis.ts';
import { curvesChart, curvesLegend, type Chart } from '../../report/html/curves.ts';
import { scrolled, section } from '../../report/html/parts.ts';
import { escapeHtml } from '../../report/html/style.ts';
import { timelineChart } from '../../report/html/timeline-chart.ts';
import { clockOf, runningDuration } from '../../report/live/clock.ts';
import { fillWords } from '../../report/live/event-line.ts';
import { sampleWords, type Progress } from '../../report/live/progress.ts';
import type { Course } from '../live/course.ts';
import type { LiveRun } from '../live/live-run.ts';

const LINES_SHOWN = 12;

/** Parts of the page by their ids. */
export function stateParts({ course, t }: LiveRun): [string, string][] {
  const { progress, asked, heldBefore } = course;
  // Buttons are for whoever may: the page is asked for again where there are others.
  const marked = `<div data-asked="${escapeHtml(asked?.question ?? '')}"></div>`;
  const waits = [
    ...(asked === null ? [] : [asked.question]),
    ...(heldBefore === null ? [] : [`It is held before: ${heldBefore}`]),
  ].map((text) => `<p class="warn-word" role="status">${escapeHtml(text)}</p>`);
  const cards = [clockCard(progress, t), lossCard(progress), loadCard(progress)];
  return [
    [
      'live-state',
      `${marked}${waits.join('')}<div class="gates">${cards.join('\n')}</div>` +
        phaseList(progress, t),
    ],
    ['live-log', logTable(progress)],
  ];
}

/** What costs more to draw, and to send. */
export function drawnParts({ course, t }: LiveRun): [string, string][] {
  const view = course.viewAt(t);
  const { from_ms, to_ms } = view.span;
  const scale = timeScale(from_ms, to_ms, view.disaster_ms ?? from_ms);
  const drawn = scrolled(timelineChart(view, scale), 'Course of the run');
  return [
    ['live-course', section('Course of the run', drawn)],
    ['live-load', loadCharts(course, view.faults, view.disaster_ms)],
  ];
}

/** `controls` is HTML, for whoever may. */
export function livePage(run: LiveRun, controls: string): string {
  const { plan } = run.course.progress;
  const facts = [plan.strategy, plan.replication.mode, `seed ${plan.seed}`, `run ${run.id}`];
  const parts = [...stateParts(run), ...drawnParts(run)];
  const shown = (id: string) => `<div id="${id}">${parts.find(([own]) => own === id)![1]}</div>`;
  return `<header>
<p class="badge running">RUNNING</p>
<h1>${escapeHtml(plan.name)}</h1>
<p class="facts">${escapeHtml(facts.join(' · '))}</p>
</header>
${shown('live-state')}
${controls}
${shown('live-course')}
${shown('live-load')}
${section('What happened', shown('live-log'))}`;
}

/** For the first page. */
export function liveRow({ id, course, t }: LiveRun): string {
  const { progress } = course;
  const { plan } = progress;
  const phase = progress.phases.findLast(({ ms }) => ms === null)?.phase ?? 'begins';
  return `<li class="row running"><div>
<h3><a href="/runs/${id}">${escapeHtml(plan.name)}</a></h3>
<p><span class="badge small running">running</span> ${phase}</p>
<p class="facts">${escapeHtml(`${plan.strategy} · run ${id}`)}</p>
</div><div>${clockText(progress, t)}
<p class="load">${escapeHtml(loadWords(progress))}</p></div></li>`;
}

function clockText(progress: Progress, t: number): string {
  const name = clockName(progress.plan);
  const target = formatDuration(promisedBackMs(progress.plan));
  const clock = clockOf(progress, t);
  if (clock === null) return `<p>${name} target ${target}, nothing is broken yet</p>`;
  const shown = runningDuration(clock.sofar_ms);
  const words = `<strong class="${clock.tone}-word"${moving(clock)}>${shown}</strong>`;
  return `<p>${name} ${words} of ${target}, ${escapeHtml(clock.state)}</p>`;
}

/** The page lets it go on by itself until the next part comes. */
function moving({ isRunning, sofar_ms }: { isRunning: boolean; sofar_ms: number }): string {
  return isRunning ? ` data-clock="${Math.round(sofar_ms)}"` : '';
}

function clockCard(progress: Progress, t: number): string {
  const name = clockName(progress.plan);
  const target_ms = promisedBackMs(progress.plan);
  const target = `<p class="facts">of ${formatDuration(target_ms)}</p>`;
  const clock = clockOf(progress, t);
  if (clock === null) {
    return `<section class="gate plain"><h2>${name}</h2>
<p class="clock">–</p>
${target}
<p>nothing is broken yet</p></section>`;
  }
  const { sofar_ms, tone, state } = clock;
  const kind = { good: 'pass', warn: 'inconclusive', bad: 'fail' }[tone];
  const ends = `max="${target_ms}" value="${Math.round(sofar_ms)}"`;
  return `<section class="gate ${kind}"><h2>${name}</h2>
<p class="clock"><span${moving(clock)}>${runningDuration(sofar_ms)}</span></p>
${target}
<progress class="${tone}" ${ends}${moving(clock)} aria-label="${name} of its target"></progress>
<p>${escapeHtml(state)}</p></section>`;
}

/** Nothing is known of it before the survivors were read. */
function lossCard({ plan, isRead }: Progress): string {
  const { rpo_ms } = plan.targets;
  const words = isRead ? 'counted; the report says it' : 'not known before verification';
  const target = rpo_ms === null ? '' : `<p class="facts">RPO of ${formatDuration(rpo_ms)}</p>`;
  return `<section class="gate plain"><h2>Loss</h2>
<p class="figure">${words}</p>
${target}</section>`;
}

function loadCard(progress: Progress): string {
  const { sample, rates, failing_per_s, plan, filling } = progress;
  if (filling !== null) {
    const words = escapeHtml(fillWords(filling));
    return `<section class="gate plain"><h2>Filling</h2><p>${words}</p></section>`;
  }
  if (sample === null)
    return '<section class="gate plain"><h2>Load</h2><p>not started</p></section>';
  const failed = Math.round(failing_per_s);
  const { p99, lag } = sampleWords(sample);
  return `<section class="gate plain load"><h2>Load</h2>
<p class="figure">${Math.round(rates.at(-1) ?? 0)}/s</p>
<p class="facts">served, of ${Math.round(duePerSecond(plan))}/s</p>
<p${failed > 0 ? ' class="bad-word"' : ''}>${failed}/s failed</p>
<p class="facts">${escapeHtml(`${p99} · ${lag} · ${sample.in_flight} in flight`)}</p></section>`;
}

function loadWords({ sample, rates, failing_per_s }: Progress): string {
  if (sample === null) return 'load not started';
  return `${Math.round(rates.at(-1) ?? 0)}/s served, ${Math.round(failing_per_s)}/s failed`;
}

function phaseList({ plan, phases }: Progress, t: number): string {
  const shown = PHASES.filter((name) => name !== 'failback' || plan.failback);
  const items = shown.map((name) => {
    const known = phases.findLast(({ phase }) => phase === name);
    if (known === undefined) return `<li class="due">${name}</li>`;
    const took = formatDuration(known.ms ?? Math.max(0, t - known.started_ms));
    if (known.ms === null) return `<li class="now" aria-current="step">▸ ${name} ${took}</li>`;
    return `<li>✓ ${name} ${took}</li>`;
  });
  return `<ol class="phaselist" aria-label="Phases">${items.join('')}</ol>`;
}

function logTable({ lines }: Progress): string {
  const rows = lines.slice(-LINES_SHOWN).map(({ t, text, weight }) => {
    const tone = weight === 'good' || weight === 'bad' || weight === 'warn' ? `${weight}-word` : '';
    const time = `${(t / 1_000).toFixed(2)} s`;
    return `<tr><td>${time}</td><td class="${tone}">${escapeHtml(text)}</td></tr>`;
  });
  return `<table class="log"><tbody>${rows.join('\n')}</tbody></table>`;
}

function loadCharts(
  { rates }: Course,
  faults: Parameters<typeof curvesChart>[2],
  disaster_ms: number | null,
): string {
  if (rates === null) return '';
  const { from_ms, span_ms, served_per_s, failed_per_s, p99_ms } = rates;
  const scale = timeScale(from_ms, from_ms + span_ms * p99_ms.length, disaster_ms ?? from_ms);
  const per = `each ${formatDuration(span_ms)}`;
  const charts: Chart[] = [
    {
      title: 'Throughput and errors',
      heading: `Throughput and errors, ${per}`,
      unit: 'per_s',
      curves: [
        { name: 'served', kind: 'region-0', values: served_per_s },
        { name: 'not served', kind: 'failed', values: failed_per_s },
      ],
      from_ms,
      span_ms,
    },
    {
      title: 'Latency',
      heading: `Latency of what was served, ${per}`,
      unit: 'ms',
      curves: [{ name: 'p99', kind: 'p99', values: p99_ms }],
      from_ms,
      span_ms,
    },
  ];
  return charts
    .map((chart) => {
      const drawn = scrolled(curvesChart(scale, chart, faults), chart.title);
      return section(chart.heading, drawn + curvesLegend(chart.curves));
    })
    .join('\n');
}
