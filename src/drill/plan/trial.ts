// A trial of a series: the same drill with a seed of its own, its faults at another moment. How
// long a recovery takes depends on where in the round of health checks, and of archived segments,
// the fault falls: one moment, however often, would measure one place of it.
import { mix32, randomStream } from '../../base/random.ts';
import type { PlannedFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { planDrill } from './make-plan.ts';
import type { Plan } from './plan.ts';

/** Keeps the stream of the moments apart from the one of the faults' ranges. */
const MOMENTS = 0x6d6f;

/** The seed of each trial, counted from 0; the first has the one of the series. */
export function trialSeed(series: number, number: number): number {
  return number === 0 ? series : mix32(series, number);
}

type PlannedTrial = NonNullable<Plan['trial']>;

/** Where a trial stands among those of its drill: it is sealed with it what all of them were. */
export type TrialPlace = Required<Pick<PlannedTrial, 'number' | 'of' | 'needed' | 'series'>> &
  Pick<PlannedTrial, 'worker' | 'lost'>;

/** As `planDrill`, for a trial of the series that has the seed `series_seed`. */
export function planTrial(
  drill: Drill,
  seed: number,
  sha256: string,
  series_seed: number,
  place: TrialPlace | null = null,
): Plan {
  const plan = planDrill(drill, seed, sha256);
  const within_ms = movedWithinMs(plan);
  const moved_ms = Math.round(randomStream(mix32(seed, MOMENTS))() * within_ms);
  // All alike: their order and what lies between them is what `check` looked at.
  const faults = plan.faults.map((fault) => {
    return fault.beforehand ? fault : { ...fault, at_ms: fault.at_ms + moved_ms };
  });
  return { ...plan, faults, trial: { series_seed, moved_ms, within_ms, ...place } };
}

/**
 * The longer of a round of health checks and of what a segment of log waits for its archive; none
 * where the seed draws the moment of the disaster anyway.
 */
function movedWithinMs({ faults, gslb, backup }: Plan): number {
  if (disasterIn(faults).drawn_from !== undefined) return 0;
  const archive_ms = backup?.wal === 'archive' ? backup.archive_timeout_ms : 0;
  return Math.max(gslb?.every_ms ?? 0, archive_ms);
}

function disasterIn(faults: readonly PlannedFault[]): PlannedFault {
  return faults.find(({ disaster }) => disaster)!;
}
