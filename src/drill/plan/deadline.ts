// How long a run waits for service: later counts as never.
import type { Drill } from '../file/schema.ts';
import { hasDisaster } from './clock.ts';
import { passesMs } from './data.ts';
import { beginsByMs } from './disaster.ts';
import { STRATEGY_FACTS } from './strategies.ts';

const DEADLINE_LEAST_MS = 30_000;
/** What a drill without a disaster promises at least. */
const STEADY_WITHIN_MS = 30_000;

/** The targets of a drill file, with the one that is always there. */
export function targetsOf({ targets, disaster }: Drill): Drill['targets'] {
  if (hasDisaster({ disaster })) return targets;
  return { ...targets, steady_within: targets.steady_within ?? STEADY_WITHIN_MS };
}

/** After the fault at which the clock starts. */
export function deadlineMs(drill: Drill): number {
  const { recover, targets, topology } = drill;
  if (!hasDisaster(drill)) return faultsLastMs(drill) + waitMs(targetsOf(drill).steady_within);
  const usual = waitMs(targets.rto);
  return recover.deadline ?? usual + (isRestored(drill) ? restoreMs(topology.data) : 0);
}

/** Twice what is promised: later counts as never. */
function waitMs(target = 0): number {
  return Math.max(2 * target, DEADLINE_LEAST_MS);
}

/** From the first fault after the steady state to the end of the last, or its start if it stays. */
function faultsLastMs({ faults }: Drill): number {
  const later = faults.filter(({ at }) => !at.beforehand);
  if (later.length === 0) return 0;
  const ends = later.map((fault) => beginsByMs(fault) + (fault.for ?? 0));
  return Math.max(0, ...ends) - Math.min(...later.map(({ at }) => at.from_ms), ...ends);
}

function isRestored(drill: Drill): boolean {
  return STRATEGY_FACTS[drill.topology.strategy].hasBackups;
}

/** It is copied and checked, and read again where the log is replayed. */
function restoreMs(data_bytes = 0): number {
  return passesMs({ data_bytes }, 3);
}
