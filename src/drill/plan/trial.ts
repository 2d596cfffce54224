// A trial of a series: the same drill with a seed of its own, its faults at another moment. How
// long a recovery takes depends on where in the round of health checks, and of archived segments,
// the fault falls: one moment, however often, would measure one place of it.
import { mix32, randomStream } from '../../base/random.ts';
import type { DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { disasterOf } from './disaster.ts';
import { planDrill, plannedBackup } from './make-plan.ts';
import type { Plan } from './plan.ts';

/** Keeps the stream of the moments apart from the one of the faults' ranges. */
const MOMENTS = 0x6d6f;

/** The seed of each trial, counted from 0; the first has the one of the series. */
export function trialSeed(series: number, number: number): number {
  return number === 0 ? series : mix32(series, number);
}

/** As `planDrill`, for a trial of the series that has the seed `series_seed`. */
export function planTrial(drill: Drill, seed: number, sha256: string, series_seed: number): Plan {
  const within_ms = movedWithinMs(drill);
  const moved_ms = Math.round(randomStream(mix32(seed, MOMENTS))() * within_ms);
  const plan = planDrill({ ...drill, faults: movedFaults(drill, moved_ms) }, seed, sha256);
  return { ...plan, trial: { series_seed, moved_ms, within_ms } };
}

/**
 * The longer of a round of health checks and of what a segment of log waits for its archive; none
 * where the seed draws the moment of the disaster anyway.
 */
function movedWithinMs(drill: Drill): number {
  const { at } = disasterOf(drill).fault;
  if (at.beforehand || at.to_ms > at.from_ms) return 0;
  const backup = plannedBackup(drill);
  const archive_ms = backup?.wal === 'archive' ? backup.archive_timeout_ms : 0;
  return Math.max(drill.topology.gslb.every, archive_ms);
}

/** All by the same time, but for what the seed draws and is over by the disaster. */
function movedFaults(drill: Drill, moved_ms: number): Drill['faults'] {
  const disaster = disasterOf(drill).fault.at;
  return drill.faults.map((fault) => {
    const { at } = fault;
    const isDrawnBefore = at.to_ms > at.from_ms && at.to_ms <= disaster.from_ms;
    if (at.beforehand || isDrawnBefore) return fault;
    const moved = { ...at, from_ms: at.from_ms + moved_ms, to_ms: at.to_ms + moved_ms };
    return { ...fault, at: moved } as DrillFault;
  });
}
