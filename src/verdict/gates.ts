// Each target compared with its measurement: inside the whole interval passes, wholly outside
// fails, and everything else is inconclusive. Limits are inclusive.
import type { StoreName, Targets } from '../drill/plan/plan.ts';
import { ZERO_LOSS_WRITES_MIN } from '../measure/measurement.ts';
import type { Doubt, Interval, Loss, Measurement, Recovery } from '../measure/measurement.ts';
import type { Gate } from './result.ts';
import { missed, notBack, straddles } from './words.ts';

type GateName =
  | 'rto'
  | 'rpo'
  | 'lost_writes'
  | 'redis.rpo'
  | 'redis.lost_writes'
  | 'split_brain'
  | 'p99_latency'
  | 'failback_rto';

interface Claim {
  readonly name: GateName;
  readonly unit: Gate['unit'];
  readonly target: number;
  /**
   * Whose doubts leave it open: those about the recovery, about the failback, or about the loss of
   * these stores.
   */
  readonly affectedBy: 'recovery' | 'failback' | readonly StoreName[];
  readonly interval: Interval;
  /**
   * Missed whatever the interval says: a loss so recent that its age rounds to nothing is a loss.
   */
  readonly isMissed?: boolean;
  /** Missed whatever is in doubt: what is certain is enough. */
  readonly isProved?: boolean;
  /** Why it cannot be judged, although there may be a number. */
  readonly obstacle: string | null;
}

/** One gate for each target, in the order in which they are shown. */
export function gatesOf(targets: Targets, measurement: Measurement): Gate[] {
  const { recovery, doubts } = measurement;
  const claims = [
    rtoClaim(targets, recovery),
    ...lossClaims('postgres', targets, measurement),
    ...(targets.redis === null ? [] : lossClaims('redis', targets.redis, measurement)),
    splitBrainClaim(targets, measurement),
    p99Claim(targets, recovery),
    failbackClaim(targets, measurement),
  ];
  return claims.filter((claim) => claim !== null).map((claim) => decide(claim, doubts));
}

function decide(claim: Claim, doubts: readonly Doubt[]): Gate {
  const { name, unit, target, interval, affectedBy, isProved = false } = claim;
  const { value: measured, low, high } = interval;
  const as = (verdict: Gate['verdict'], reason: string | null): Gate => {
    return { name, unit, target, measured, low, high, verdict, reason };
  };
  const facts = { name, unit, target, measured, low, high };
  if (isProved) return as('fail', missed(facts));
  const doubt = doubts.find((one) => isAffected(affectedBy, one));
  if (doubt !== undefined) return as('inconclusive', doubt.reason);
  if (claim.obstacle !== null) return as('inconclusive', claim.obstacle);
  if (low === null) return as('inconclusive', notBack(facts));
  if (claim.isMissed === true || low > target) return as('fail', missed(facts));
  if (measured === null) return as('inconclusive', notBack(facts));
  return high !== null && high <= target ? as('pass', null) : as('inconclusive', straddles(facts));
}

function isAffected(by: Claim['affectedBy'], { affects, store }: Doubt): boolean {
  if (affects === 'all') return true;
  if (by === 'recovery' || by === 'failback') return affects === by;
  return affects === 'loss' && (store === undefined || by.includes(store));
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
  const { rto, rto_from_declaration_low_ms: low } = recovery;
  const more = rto.high === null ? null : rto.high - (rto.value ?? 0);
  const high = value === null || more === null ? null : value + more;
  const interval = { value, low, high };
  const isUndeclared = recovery.marks.declared === null;
  const obstacle = isUndeclared
    ? 'The disaster was never declared, and the RTO is to be counted from the declaration.'
    : interval.low === null
      ? 'Service was back before the disaster was declared, from which the RTO is to be counted.'
      : null;
  return { ...claim, interval, obstacle };
}

/** What the file promises of one store. */
function lossClaims(
  store: StoreName,
  { rpo_ms, lost_writes }: Pick<Targets, 'rpo_ms' | 'lost_writes'>,
  { stores }: Measurement,
): (Claim | null)[] {
  const loss = stores.find((one) => one.store === store)?.loss ?? null;
  const prefix = store === 'postgres' ? '' : (`${store}.` as const);
  const about = { affectedBy: [store], obstacle: zeroLossObstacle(store, loss) };
  const lost = loss === null ? 0 : loss.classes.lost + loss.classes.late;
  return [
    rpo_ms === null
      ? null
      : {
          ...{ name: `${prefix}rpo`, unit: 'ms', target: rpo_ms, ...about },
          ...{ interval: loss?.rpo ?? NOTHING, isMissed: rpo_ms === 0 && lost > 0 },
        },
    lost_writes === null
      ? null
      : {
          ...{ name: `${prefix}lost_writes`, unit: 'writes', target: lost_writes, ...about },
          interval: loss === null ? NOTHING : exactly(loss.classes.lost),
        },
  ];
}

function splitBrainClaim({ split_brain: target }: Targets, measurement: Measurement): Claim {
  const { loss, stores, doubts } = measurement;
  const affectedBy = stores.map(({ store }) => store);
  const claim = { name: 'split_brain', unit: 'writes', target, affectedBy } as const;
  // The replies in the ledger prove it: no doubt about what was read afterwards takes it back.
  const isLedgerSound = !doubts.some(({ affects }) => affects === 'all');
  const certain = stores.reduce((sum, each) => sum + (each.loss?.split_brain ?? 0), 0);
  if (isLedgerSound && certain > target) {
    const high = loss === null ? null : loss.split_brain + loss.split_brain_possible;
    const interval = { value: certain, low: certain, high };
    return { ...claim, interval, isProved: true, obstacle: null };
  }
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

/** Service as clients saw it, from the start of the planned move back. */
function failbackClaim({ failback_rto_ms }: Targets, { failback }: Measurement): Claim | null {
  if (failback_rto_ms === null) return null;
  const claim = {
    name: 'failback_rto',
    unit: 'ms',
    target: failback_rto_ms,
    affectedBy: 'failback',
  } as const;
  const interval = failback?.rto ?? NOTHING;
  const obstacle = interval.low === null ? 'The failback was not measured.' : null;
  return { ...claim, interval, obstacle };
}

const NOT_COUNTED = 'What survived was not counted.';

function zeroLossObstacle(store: StoreName, loss: Loss | null): string | null {
  if (loss === null) return NOT_COUNTED;
  const lost = loss.classes.lost + loss.classes.late;
  if (lost > 0 || loss.acknowledged_before >= ZERO_LOSS_WRITES_MIN) return null;
  const writes = store === 'postgres' ? 'writes' : 'Redis writes';
  return (
    `Nothing was lost, but only ${loss.acknowledged_before} ${writes} were acknowledged just ` +
    `before the disaster; ${ZERO_LOSS_WRITES_MIN} are needed to say so. Raise ${RATE_KEYS[store]}.`
  );
}

const RATE_KEYS = { postgres: 'workload.rate', redis: 'workload.carts' } as const;
