// Each target compared with its measurement: inside the whole interval passes, wholly outside
// fails, and everything else is inconclusive. Limits are inclusive.
import type { Targets } from '../drill/plan.ts';
import type { Doubt, Interval, Loss, Measurement, Recovery } from '../measure/measurement.ts';
import type { Gate } from './result.ts';
import { missed, notBack, straddles } from './words.ts';

/** Zero loss proves nothing with fewer acknowledged writes than this just before the disaster. */
export const ZERO_LOSS_WRITES_MIN = 20;

type GateName = 'rto' | 'rpo' | 'lost_writes' | 'split_brain' | 'p99_latency';

interface Claim {
  readonly name: GateName;
  readonly unit: Gate['unit'];
  readonly target: number;
  readonly affectedBy: 'recovery' | 'loss';
  readonly interval: Interval;
  /**
   * Missed whatever the interval says: a loss so recent that its age rounds to nothing is a loss.
   */
  readonly isMissed?: boolean;
  /** Why it cannot be judged, although there may be a number. */
  readonly obstacle: string | null;
}

/** One gate for each target, in the order in which they are shown. */
export function gatesOf(targets: Targets, measurement: Measurement): Gate[] {
  const { recovery, loss, doubts } = measurement;
  const claims = [
    rtoClaim(targets, recovery),
    rpoClaim(targets, loss),
    lostWritesClaim(targets, loss),
    splitBrainClaim(targets, loss),
    p99Claim(targets, recovery),
  ];
  return claims.filter((claim) => claim !== null).map((claim) => decide(claim, doubts));
}

function decide(claim: Claim, doubts: readonly Doubt[]): Gate {
  const { name, unit, target, interval, affectedBy } = claim;
  const { value: measured, low, high } = interval;
  const as = (verdict: Gate['verdict'], reason: string | null): Gate => {
    return { name, unit, target, measured, low, high, verdict, reason };
  };
  const doubt = doubts.find(({ affects }) => affects === 'all' || affects === affectedBy);
  if (doubt !== undefined) return as('inconclusive', doubt.reason);
  if (claim.obstacle !== null) return as('inconclusive', claim.obstacle);
  const facts = { name, unit, target, measured, low, high };
  if (low === null) return as('inconclusive', notBack(facts));
  if (claim.isMissed === true || low > target) return as('fail', missed(facts));
  if (measured === null) return as('inconclusive', notBack(facts));
  return high !== null && high <= target ? as('pass', null) : as('inconclusive', straddles(facts));
}

const NOTHING: Interval = { value: null, low: null, high: null };

function exactly(value: number): Interval {
  return { value, low: value, high: value };
}

function rtoClaim(targets: Targets, recovery: Recovery | null): Claim {
  const claim = {
    name: 'rto',
    unit: 'ms',
    target: targets.rto_ms,
    affectedBy: 'recovery',
  } as const;
  if (recovery === null) {
    return { ...claim, interval: NOTHING, obstacle: 'The recovery time was not measured.' };
  }
  const isFromFault = targets.rto_from === 'fault' || recovery.rto.value === 0;
  if (isFromFault) return { ...claim, interval: recovery.rto, obstacle: null };
  const value = recovery.rto_from_declaration_ms;
  const interval = { value, low: recovery.rto_from_declaration_low_ms, high: value };
  const isUndeclared = recovery.marks.declared === null;
  const obstacle = isUndeclared
    ? 'The disaster was never declared, and the RTO is to be counted from the declaration.'
    : interval.low === null
      ? 'Service was back before the disaster was declared, from which the RTO is to be counted.'
      : null;
  return { ...claim, interval, obstacle };
}

function rpoClaim({ rpo_ms }: Targets, loss: Loss | null): Claim | null {
  if (rpo_ms === null) return null;
  const claim = { name: 'rpo', unit: 'ms', target: rpo_ms, affectedBy: 'loss' } as const;
  if (loss === null) return { ...claim, interval: NOTHING, obstacle: NOT_COUNTED };
  const isMissed = rpo_ms === 0 && loss.classes.lost + loss.classes.late > 0;
  return { ...claim, interval: loss.rpo, isMissed, obstacle: zeroLossObstacle(loss) };
}

function lostWritesClaim({ lost_writes }: Targets, loss: Loss | null): Claim | null {
  if (lost_writes === null) return null;
  const claim = {
    name: 'lost_writes',
    unit: 'writes',
    target: lost_writes,
    affectedBy: 'loss',
  } as const;
  if (loss === null) return { ...claim, interval: NOTHING, obstacle: NOT_COUNTED };
  return { ...claim, interval: exactly(loss.classes.lost), obstacle: zeroLossObstacle(loss) };
}

function splitBrainClaim({ split_brain }: Targets, loss: Loss | null): Claim {
  const claim = {
    name: 'split_brain',
    unit: 'writes',
    target: split_brain,
    affectedBy: 'loss',
  } as const;
  if (loss === null) return { ...claim, interval: NOTHING, obstacle: NOT_COUNTED };
  const { split_brain: value, split_brain_possible: possible } = loss;
  return { ...claim, interval: { value, low: value, high: value + possible }, obstacle: null };
}

function p99Claim({ p99_latency_ms }: Targets, recovery: Recovery | null): Claim | null {
  if (p99_latency_ms === null) return null;
  const claim = {
    name: 'p99_latency',
    unit: 'ms',
    target: p99_latency_ms,
    affectedBy: 'recovery',
  } as const;
  const value = recovery?.p99_after_ms ?? null;
  if (value !== null) return { ...claim, interval: exactly(value), obstacle: null };
  const obstacle = 'Nothing was served after the outage, so there is no latency to judge.';
  return { ...claim, interval: NOTHING, obstacle };
}

const NOT_COUNTED = 'What survived was not counted.';

function zeroLossObstacle(loss: Loss): string | null {
  const lost = loss.classes.lost + loss.classes.late;
  if (lost > 0 || loss.acknowledged_before >= ZERO_LOSS_WRITES_MIN) return null;
  return (
    `Nothing was lost, but only ${loss.acknowledged_before} writes were acknowledged just before ` +
    `the disaster; ${ZERO_LOSS_WRITES_MIN} are needed to say so. Raise workload.rate.`
  );
}
