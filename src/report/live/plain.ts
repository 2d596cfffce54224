// `plain`, for logs and pipes: a line per event worth one, and a heartbeat in between.
import { clockName, promisedBackMs } from '../../drill/plan/clock.ts';
import { formatDuration } from '../../base/units.ts';
import { makePaint, type Style } from '../../screen/paint.ts';
import type { Output } from '../../screen/screen.ts';
import type { Clock } from '../../host/clock.ts';
import type { Weight } from './event-line.ts';
import { advance, rtoSoFar, sampleWords, startProgress, type Progress } from './progress.ts';
import type { Reporter } from '../reporter.ts';

const HEARTBEAT_MS = 10_000;
/** By so much a line may be behind the one above it, which looks like the same time. */
const BEHIND_MS = 100;

export const WEIGHT_STYLE: Readonly<Record<Weight, Style | null>> = {
  quiet: 'dim',
  normal: null,
  good: 'good',
  bad: 'bad',
  warn: 'warn',
};

/** The clock's zero must be that of the events' origin (`hostClock()`). */
export function plainReporter(output: Output, clock: Clock): Reporter {
  const paint = makePaint(output.hasColour);
  let progress: Progress | null = null;
  let heart = new AbortController();
  let lastWrite = 0;
  let latest = 0;
  const say = (t: number, told: string, weight: Weight = 'normal') => {
    const style = WEIGHT_STYLE[weight];
    // What is known only later stands where it was known, with when it was: time never goes back.
    const isLate = t < latest - BEHIND_MS;
    const text = isLate ? `${told} (at ${seconds(t)}, known only now)` : told;
    if (!isLate) latest = Math.max(latest, t);
    const time = paint('dim', seconds(isLate ? latest : t).padStart(9));
    output.write(`${time}  ${style === null ? text : paint(style, text)}\n`);
    lastWrite = clock.now();
  };
  const beat = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      await clock.sleep(Math.max(100, lastWrite + HEARTBEAT_MS - clock.now()), signal);
      if (clock.now() - lastWrite < HEARTBEAT_MS || progress === null) continue;
      const t = clock.now() - (progress.origin_ms ?? clock.now());
      say(t, heartbeatText(progress, t), 'quiet');
    }
  };
  return {
    onPlan: (plan) => {
      progress = startProgress(plan);
      latest = 0;
      const facts = paint('dim', `${plan.strategy} · seed ${plan.seed}`);
      output.write(`${paint('bold', plan.name)}  ${facts}\n`);
      lastWrite = clock.now();
      heart.abort();
      heart = new AbortController();
      beat(heart.signal).catch(() => {}); // ends by its abort
    },
    onEvent: (event) => {
      if (progress === null) return;
      const before = progress.lines;
      progress = advance(progress, event);
      if (event.event === 'phase.started') say(event.t, event.phase, 'quiet');
      const line = progress.lines.at(-1);
      if (progress.lines !== before && line !== undefined) say(line.t, line.text, line.weight);
    },
    onResult: () => heart.abort(),
    onEnd: () => heart.abort(),
  };
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(2)} s`;
}

/** `still in steady, 8.2 s · 199/s served, 0/s failed, p99 5.1 ms, lag 0 B · RTO clock …` */
function heartbeatText(progress: Progress, t: number): string {
  const { plan, phases, sample, rates, failing_per_s, rto } = progress;
  const phase = phases.findLast((each) => each.ms === null);
  const parts = [
    phase === undefined
      ? 'waiting'
      : `still in ${phase.phase}, ${formatDuration(t - phase.started_ms)}`,
  ];
  if (sample !== null) {
    const { p99, lag } = sampleWords(sample);
    const [served, failed] = [rates.at(-1) ?? 0, failing_per_s].map(Math.round);
    parts.push(`${served}/s served, ${failed}/s failed, ${p99}, ${lag}`);
  }
  if (rto !== null && rto.ended === null) {
    const target = formatDuration(promisedBackMs(plan));
    parts.push(`${clockName(plan)} clock ${formatDuration(rtoSoFar(rto, t))} of ${target}`);
  }
  return parts.join(' · ');
}
