// Each target compared with its measurement: inside the whole interval passes, wholly outside
// fails, and everything else is inconclusive. Limits are inclusive. A gate that did not pass says
// why in one sentence that a tired person understands.
import { distance, quantity } from '../drill/gate/gate.ts';
import type { Claim, GateDefinition, Unit } from '../drill/gate/gate.ts';
import { GATES } from '../drill/gate/registry.ts';
import { targetOf, type Targets } from '../drill/gate/targets.ts';
import { hasDisaster } from '../drill/plan/clock.ts';
import type { Plan } from '../drill/plan/plan.ts';
import type { Doubt, Figures } from '../drill/measurement.ts';
import { capital } from '../measure/words.ts';
import { decidingEnd, marginOf, withEnd } from './gate-words.ts';
import type { Gate, ResultRecovery, Verdict } from './result.ts';

/** One gate for each target, in the order in which they are shown. */
export function gatesOf(
  targets: Targets,
  figures: Figures,
  plan: Pick<Plan, 'disaster'> = {},
): Gate[] {
  return GATES.flatMap((gate: GateDefinition) => {
    const target = targetOf(gate, targets);
    if (target === null) return [];
    const claim = gate.measure(figures, target, targets);
    if (claim === null) return [];
    const when = hasDisaster(plan) ? undefined : gate.when?.(plan);
    const decided = decide(gate, target, claim, figures.doubts);
    return [when === undefined ? decided : { ...decided, when }];
  });
}

function decide(
  gate: GateDefinition,
  target: number,
  claim: Claim,
  doubts: readonly Doubt[],
): Gate {
  const { interval, obstacle, needs, decided } = claim;
  const { isMissed = false, isProved = false, isStopped = false } = claim;
  const { name, title, unit, bound, isWait = false } = gate;
  const { value: measured, low, high } = interval;
  const as = (verdict: Gate['verdict'], why: (facts: Facts) => string | null): Gate => {
    const judged = { name, unit, bound, target, measured, low, high, verdict };
    return { ...judged, margin: marginOf(judged), reason: why({ ...judged, title }) };
  };
  if (isProved) return as('fail', missed);
  const [best, worst] = bound === 'at most' ? [low, high] : [high, low];
  const isMet = (end: number) => (bound === 'at most' ? end <= target : end >= target);
  const isOver = (end: number) => (bound === 'at most' ? end > target : end < target);
  // Clients that waited longer than the target by then: how the run ended takes nothing of it back.
  const isTooLong = isWait && isOver(best ?? NaN);
  const found = doubts.filter((one) => isAffected(gate, one));
  const doubt = isTooLong ? found.find(({ endsEarly }) => !endsEarly) : found[0];
  if (doubt !== undefined) {
    const open = as('inconclusive', () => doubt.reason);
    // That it took longer than until the run was stopped goes without saying.
    return isStopped ? { ...open, low: null } : open;
  }
  if (obstacle !== null) {
    const open = as('inconclusive', () => obstacle);
    return needs === undefined ? open : { ...open, needs };
  }
  if (decided !== undefined) return as(decided.verdict, () => decided.reason);
  if (best === null) return as('inconclusive', notBack);
  if (isMissed || isOver(best)) return as('fail', missed);
  if (measured === null) return as('inconclusive', notBack);
  // Both ends and the value, so that none that is no number (NaN) passes.
  const isPass = worst !== null && [best, measured, worst].every(isMet);
  return isPass ? as('pass', () => null) : as('inconclusive', straddles);
}

function isAffected({ affectedBy }: GateDefinition, { affects, store }: Doubt): boolean {
  if (affects === 'all' || affects === affectedBy) return true;
  if (affects !== 'loss') return false;
  return store === undefined
    ? !['recovery', 'failback'].includes(affectedBy)
    : store === affectedBy;
}

/** What a sentence about a gate is made of. */
type Facts = Omit<Gate, 'reason' | 'margin'> & Pick<GateDefinition, 'title'>;

/** `RTO 2.31 s, at least 2.3 s, is 1.3 s over its target of 1 s.` */
function missed(facts: Facts): string {
  const { title, unit, bound, target, low } = facts;
  const end = decidingEnd(facts)!;
  const measured = facts.measured ?? (bound === 'at least' ? facts.high : null);
  if (measured === null) {
    const limit = `the ${title} target of ${quantity(target, unit)}`;
    return `Service was not back after ${quantity(low!, unit)}, over ${limit}.`;
  }
  if (unit === 'writes') {
    const allowed = target === 0 ? 'none is allowed' : `${target} are allowed`;
    return `${capital(title)}: ${measured}, and ${allowed}.`;
  }
  if (bound === 'at most' && end <= target) {
    return `${title}: acknowledged writes were lost, and the target of 0 s allows none.`;
  }
  const off = distance(end, target, unit);
  const way = bound === 'at most' ? 'over its target of' : 'under its target of at least';
  // Two values that must not look alike are exact where rounding would make them so.
  const say = quantity(end, unit) === quantity(target, unit) ? exactQuantity : quantity;
  const words = withEnd({ ...facts, measured }, '', (value) => say(value, unit));
  const comma = words.includes(', ') ? ',' : '';
  return `${capital(title)} ${words}${comma} is ${off} ${way} ${say(target, unit)}.`;
}

/** The interval reaches over the target. */
export function straddles({ title, unit, target, measured, low, high }: Facts): string {
  const limit = quantity(target, unit);
  const to = high === null ? 'no upper bound' : quantity(high, unit);
  const from = low === null ? 'no lower bound' : quantity(low, unit);
  const shown = quantity(measured!, unit);
  return (
    `${capital(title)} ${shown} cannot be told from its target of ${limit}: ` +
    `the truth lies between ${from} and ${to}.`
  );
}

/** No value at all, and no bound that is beyond the target. */
function notBack({ title, unit, target, low }: Facts): string {
  if (low === null || unit !== 'ms') return `${capital(title)} was not measured.`;
  return (
    `Service did not come back while it was watched (${quantity(low, unit)}), ` +
    `which is less than the target of ${quantity(target, unit)}.`
  );
}

function exactQuantity(value: number, unit: Unit): string {
  return unit === 'ms' ? `${value} ms` : `${Number((100 * value).toPrecision(12))} %`;
}

/** Endings after which nobody watched for service any more: without a close nothing is known. */
const BROKEN_OFF: readonly Verdict[] = ['interrupted', 'environment', 'internal'];

/** Whether anybody saw how it ended: nobody may have waited, or it was never gone. */
export function isWatched(
  recovery: Pick<ResultRecovery, 'rto_ms' | 'outages' | 'stopped_after_ms'>,
  verdict: Verdict,
): boolean {
  const { rto_ms, outages, stopped_after_ms } = recovery;
  if (rto_ms !== null) return true;
  return outages.length > 0 && stopped_after_ms === undefined && !BROKEN_OFF.includes(verdict);
}
