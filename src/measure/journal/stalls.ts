// When drill itself, or one of its programs, did not get to run: what that delayed is told, and
// decides no gate.
import { worstDetectionOf } from '../../drill/plan/gslb.ts';
import { hits, type PlannedFault } from '../../drill/fault/registry.ts';
import type { Doubt, Recovery } from '../../drill/measurement.ts';

import { doubts } from '../measured.ts';
import type { Disaster, Span, Timeline } from '../timeline.ts';
import { capital, formatDuration } from '../words.ts';

/** A stall that is part of what is measured and too long to be passed over. */
const STALL_MS = 500;
const RUNNER = 'drill itself';
/** Its own ledger shows where it stood still, to the operation. */
const WORKLOADS = 'the workload';

/** What says when service was back. */
type Seen = Pick<Recovery, 'rto' | 'outages'>;

export interface Stalled extends Span {
  /** `drill itself`, `the gslb` */
  readonly who: string;
  readonly isRunner: boolean;
}

/** All of them, by their ends; what a fault let stand still is the fault, from when it came. */
export function stallsOf(run: Timeline): Stalled[] {
  const runner = run.all('runner.stalled').map(({ t, ms }) => {
    return { who: RUNNER, isRunner: true, from_ms: t - ms, to_ms: t };
  });
  const frozen = standstills(run);
  const programs = run.all('program.stalled').flatMap(({ program, t, ms }): Stalled[] => {
    const span = { from_ms: t - ms, to_ms: t };
    const fault = frozen.find(({ by, ...time }) => hits(by, program) && overlaps(span, time));
    const who = program.includes('/') ? program : `the ${program}`;
    if (fault === undefined) return [{ who, isRunner: false, ...span }];
    const before = { from_ms: span.from_ms, to_ms: Math.min(span.to_ms, fault.from_ms) };
    return before.to_ms - before.from_ms < STALL_MS ? [] : [{ who, isRunner: false, ...before }];
  });
  return [...runner, ...programs].sort((a, b) => a.to_ms - b.to_ms);
}

/** Those that are too long to be passed over and reach into the span; not the clients'. */
export function stallsIn(run: Timeline, span: Span): Stalled[] {
  const isLong = ({ from_ms, to_ms }: Span) => to_ms - from_ms >= STALL_MS;
  const isClients = ({ who }: Stalled) => who.startsWith(WORKLOADS);
  return stallsOf(run).filter((one) => isLong(one) && overlaps(one, span) && !isClients(one));
}

/**
 * Before the disaster a program may have kept clients from writing what could be lost, or the
 * health checks from an answer, so that it was detected sooner; until service was back it delayed
 * that.
 */
export function stallDoubts(run: Timeline, disaster: Disaster, recovery: Seen | null): Doubt[] {
  const { started_ms, injected_ms } = disaster;
  const before = { from_ms: started_ms - worstDetectionOf(run.plan), to_ms: injected_ms };
  const hidden = stallsIn(run, before)
    .filter(({ isRunner, from_ms }) => !isRunner && from_ms < started_ms)
    .map((one) => {
      const what = 'what the disaster met was not the system at work';
      return `${stoodStill(one)} just before the fault: ${what}.`;
    });
  const to_ms = recovery === null ? endOf(run) : backAt(run, recovery, started_ms);
  const delayed = stallsIn(run, { from_ms: started_ms, to_ms })
    .filter(({ isRunner, from_ms }) => isRunner || from_ms >= started_ms)
    .map((one) => {
      const what = 'so the recovery took longer than the system needs';
      return `${stoodStill(one)} after the fault, ${what}.`;
    });
  return [...doubts('recovery', [...hidden, ...delayed]), ...doubts('loss', hidden)];
}

/** Why service once it was back is not the system's alone; null: it is. */
export function stalledAfter(run: Timeline, from_ms: number): string | null {
  const found = stallsIn(run, { from_ms, to_ms: endOf(run) }).find(({ isRunner }) => !isRunner);
  return found === undefined ? null : `${stoodStill(found)} while service was watched.`;
}

/** When service was back; the cut, where it was not; the start, where it never went away. */
function backAt(run: Timeline, { rto, outages }: Seen, started_ms: number): number {
  if (rto.value === 0) return started_ms;
  return outages.at(-1)?.closed_ms ?? endOf(run);
}

function endOf(run: Timeline): number {
  return run.cut() ?? Infinity;
}

/** `The gslb stood still for 3 s` */
export function stoodStill({ who, isRunner, from_ms, to_ms }: Stalled): string {
  const what = isRunner ? 'did not get to run' : 'stood still';
  return `${capital(who)} ${what} for ${formatDuration(to_ms - from_ms)}`;
}

function overlaps(one: Span, other: Span): boolean {
  return one.to_ms >= other.from_ms && one.from_ms <= other.to_ms;
}

/** What a fault let stand still, and when. */
function standstills(run: Timeline): (Span & { readonly by: PlannedFault })[] {
  return run.plan.faults.flatMap((by) => {
    const started = run.all('fault.started').find(({ index }) => index === by.index);
    if (started === undefined || by.effect.region !== 'frozen') return [];
    return [{ by, from_ms: started.t, to_ms: run.healed(by.index)?.t ?? Infinity }];
  });
}
