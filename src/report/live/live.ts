// `live`: one screen on a terminal, redrawn in place; `plain` where the terminal cannot show it. A
// frame says where the run is, the recovery clock against its target, the load, and what happened
// last; the same progress at the same time draws the same frame.
import { formatDuration } from '../../base/units.ts';
import { clockName, promisedBackMs } from '../../drill/plan/clock.ts';
import { duePerSecond } from '../../drill/plan/plan.ts';
import { PHASES, type EventBodies } from '../../evidence/event.ts';
import type { Clock } from '../../host/clock.ts';
import { makePaint, type Paint } from '../../screen/paint.ts';
import type { LiveArea, Output } from '../../screen/screen.ts';
import { displayWidth, NO_BREAK, padEnd, truncate, wrap } from '../../screen/text.ts';
import { fillWords } from './event-line.ts';
import { plainReporter, WEIGHT_STYLE } from './plain.ts';
import { clockOf, runningDuration } from './clock.ts';
import { advance, sampleWords, startProgress, type Progress } from './progress.ts';
import type { Reporter } from '../reporter.ts';

const REDRAW_MS = 100;
const NARROWEST = 60;
const LOWEST = 14;

/** The clock's zero must be that of the events' origin (`hostClock()`). */
export function liveReporter(output: Output, clock: Clock): Reporter {
  const { openArea } = output;
  if (openArea === undefined || output.columns() < NARROWEST || output.rows() < LOWEST) {
    return plainReporter(output, clock);
  }
  const paint = makePaint(output.hasColour);
  let progress: Progress | null = null;
  let area: LiveArea | null = null;
  let redrawing = new AbortController();
  const draw = () => {
    if (area === null || progress === null) return;
    const t = progress.origin_ms === null ? 0 : clock.now() - progress.origin_ms;
    area.draw(liveFrame(progress, { t, columns: output.columns(), rows: output.rows(), paint }));
  };
  const redraw = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      draw();
      await clock.sleep(REDRAW_MS, signal);
    }
  };
  const close = () => {
    redrawing.abort();
    area?.close();
    area = null;
  };
  return {
    onPlan: (plan) => {
      close();
      progress = startProgress(plan);
      area = openArea();
      redrawing = new AbortController();
      redraw(redrawing.signal).catch(() => close()); // its abort, or an output that is gone
    },
    onEvent: (event) => {
      if (progress !== null) progress = advance(progress, event);
    },
    onResult: close,
    onEnd: close,
  };
}

const SHOWN_PHASES = PHASES.filter((phase) => phase !== 'report');
const SPARKS = '▁▂▃▄▅▆▇█';
const WIDEST = 100;
/** Lines of the frame that are no events: title, phases (up to two), clock, loss, load, blanks. */
const FIXED_LINES = 12;

interface FrameOptions {
  readonly t: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

export function liveFrame(progress: Progress, options: FrameOptions): string {
  const width = Math.min(WIDEST, options.columns - 1);
  const lines = [
    '',
    titleLine(progress, options, width),
    '',
    ...phaseLines(progress, options, width),
    '',
    clockLine(progress, options, width),
    lossLine(progress, options, width),
    ...loadLines(progress, options, width),
    '',
    ...recentLines(progress, options, width),
  ];
  return lines.join('\n');
}

function titleLine({ plan }: Progress, { t, paint }: FrameOptions, width: number): string {
  const facts = `${plan.strategy} · ${plan.replication.mode} · seed ${plan.seed}`;
  const elapsed = `${(Math.max(0, t) / 1000).toFixed(1)} s`;
  const name = truncate(plan.name, width - facts.length - elapsed.length - 6);
  const left = `${paint('bold', name)}  ${paint('dim', facts)}`;
  return `  ${padEnd(left, width - 4 - elapsed.length)}  ${paint('dim', elapsed)}`;
}

function phaseLines(
  { plan, phases }: Progress,
  { t, paint }: FrameOptions,
  width: number,
): string[] {
  const shown = SHOWN_PHASES.filter((name) => name !== 'failback' || plan.failback);
  const words = shown.map((name) => {
    const known = phases.findLast((each) => each.phase === name);
    if (known === undefined) return paint('dim', `·${NO_BREAK}${name}`);
    const time = formatDuration(known.ms ?? Math.max(0, t - known.started_ms)).replace(
      ' ',
      NO_BREAK,
    );
    if (known.ms === null) return paint('accent', `▸${NO_BREAK}${name}${NO_BREAK}${time}`);
    const shown = known.ms < 100 ? '' : NO_BREAK + paint('dim', time);
    return `${paint('good', '✓')}${NO_BREAK}${name}${shown}`;
  });
  return wrap(words.join(`${NO_BREAK} `), width - 2).map((line) => `  ${line}`);
}

function clockLine({ rto, plan }: Progress, { t, paint }: FrameOptions, width: number): string {
  const target = formatDuration(promisedBackMs(plan));
  const name = clockName(plan).padEnd(6);
  const clock = clockOf({ rto, plan }, t);
  if (clock === null) return `  ${paint('dim', `${name} target ${target}, nothing is broken yet`)}`;
  const { sofar_ms, share, state, tone: style } = clock;
  const words = `${runningDuration(sofar_ms)} of ${target}`;
  const barWidth = Math.max(8, width - 9 - 18 - Math.max(16, state.length + 4));
  const filled = Math.min(barWidth, Math.max(1, Math.round(share * barWidth)));
  const bar = paint(style, '━'.repeat(filled)) + paint('dim', '─'.repeat(barWidth - filled));
  const shown = padEnd(paint(style, words), 18);
  return `  ${paint('bold', name)} ${shown}  ${bar}  ${state}`.trimEnd();
}

/** Nothing is known of it before the survivors were read. */
function lossLine({ plan, isRead }: Progress, { paint }: FrameOptions, width: number): string {
  const { rpo_ms } = plan.targets;
  const target = rpo_ms === null ? '' : `target ${formatDuration(rpo_ms)}, `;
  const known = isRead ? 'counted; the report says it' : 'not known yet, counted at the end';
  return `  ${paint('dim', truncate(`RPO    ${target}${known}`, width - 2))}`;
}

function loadLines(progress: Progress, { paint }: FrameOptions, width: number): string[] {
  const { sample, rates, failing_per_s, plan, filling } = progress;
  if (filling !== null) return fillLines(filling, paint, width);
  if (sample === null) return [`  ${paint('dim', 'load   not started')}`, ''];
  const { p99, lag } = sampleWords(sample);
  const failed = Math.round(failing_per_s);
  const asked = duePerSecond(plan);
  const rate = `${Math.round(rates.at(-1) ?? 0)}/s of ${Math.round(asked)}/s served`;
  const failures = `${failed}/s failed`;
  const parts = [
    rate,
    failed > 0 ? paint('bad', failures) : failures,
    p99,
    lag,
    `${sample.in_flight} in flight`,
  ];

  // What matters most stands first.
  const fitting = parts.filter((_, at) => {
    return displayWidth(parts.slice(0, at + 1).join('   ')) <= width - 9;
  });
  const text = fitting.join('   ');
  return [
    `  ${paint('bold', 'load')}   ${text}`,
    `         ${paint('accent', sparkline(rates.slice(-(width - 10)), asked))}`,
  ];
}

/** The bar of a template that is being filled, before there is any load. */
function fillLines(filling: EventBodies['data.filling'], paint: Paint, width: number): string[] {
  const room = Math.max(8, width - 10);
  const filled = Math.round((room * filling.bytes) / filling.of_bytes);
  const bar = paint('accent', '━'.repeat(filled)) + paint('dim', '─'.repeat(room - filled));
  return [`  ${paint('bold', 'fill')}   ${truncate(fillWords(filling), room)}`, `         ${bar}`];
}

/** One character per sample, to scale with the asked rate; a blank is no acknowledgement at all. */
function sparkline(rates: readonly number[], asked: number): string {
  const top = Math.max(asked, ...rates);
  return rates
    .map((rate) => {
      if (rate <= 0 || top <= 0) return ' ';
      return SPARKS[Math.min(SPARKS.length - 1, Math.floor((rate / top) * (SPARKS.length - 0.01)))];
    })
    .join('');
}

function recentLines({ lines }: Progress, { rows, paint }: FrameOptions, width: number): string[] {
  const room = Math.max(2, Math.min(10, rows - FIXED_LINES));
  return lines.slice(-room).map(({ t, text, weight }) => {
    const style = WEIGHT_STYLE[weight];
    const fitted = truncate(text, width - 13);
    const time = paint('dim', `${(t / 1000).toFixed(2).padStart(7)} s`);
    return `  ${time}  ${style === null ? fitted : paint(style, fitted)}`;
  });
}
