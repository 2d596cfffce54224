// The recovery clock against its target, for whoever draws it. Pure.
import { formatDuration } from '../../base/units.ts';
import { promisedBackMs } from '../../drill/plan/clock.ts';
import { rtoSoFar, type Progress } from './progress.ts';

export interface RecoveryClock {
  readonly sofar_ms: number;
  /** Of its target. */
  readonly share: number;
  readonly isRunning: boolean;
  readonly state: string;
  readonly tone: 'good' | 'warn' | 'bad';
}

/** At `t`, milliseconds; null: nothing is broken yet. */
export function clockOf(
  { rto, plan }: Pick<Progress, 'rto' | 'plan'>,
  t: number,
): RecoveryClock | null {
  if (rto === null) return null;
  const target_ms = promisedBackMs(plan);
  const sofar_ms = rtoSoFar(rto, t);
  const share = target_ms > 0 ? sofar_ms / target_ms : Infinity;
  const isRunning = rto.ended === null;
  const isGone = !isRunning && rto.ended.rto_ms === null;
  const state = isGone ? 'not recovered' : isRunning ? stateWords(rto, plan) : 'recovered';
  // What service has to hold for is no part of the RTO in the end.
  const isOver = share > 1 && (!isRunning || rto.state !== 'confirming');
  const tone = isOver || isGone ? 'bad' : share > 0.8 ? 'warn' : 'good';
  return { sofar_ms, share, isRunning, state, tone };
}

function stateWords(
  { state }: NonNullable<Progress['rto']>,
  { sustain }: Progress['plan'],
): string {
  switch (state) {
    case 'unnoticed':
      return 'not noticed yet';
    case 'confirming':
      return `has to hold ${formatDuration(sustain.for_ms)}`;
    default:
      return state;
  }
}

/** One decimal while it runs, so that the line does not jump about. */
export function runningDuration(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms);
}
