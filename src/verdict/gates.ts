// Each target compared with its measurement: inside the whole interval passes, wholly outside
// fails, and everything else is inconclusive. Limits are inclusive.
import type { Claim, GateDefinition } from '../drill/gate/gate.ts';
import { GATES } from '../drill/gate/registry.ts';
import { targetOf, type Targets } from '../drill/gate/targets.ts';
import type { Doubt, Figures } from '../drill/measurement.ts';
import type { Gate } from './result.ts';
import { missed, notBack, straddles } from './words.ts';

/** One gate for each target, in the order in which they are shown. */
export function gatesOf(targets: Targets, figures: Figures): Gate[] {
  return GATES.flatMap((gate: GateDefinition) => {
    const target = targetOf(gate, targets);
    if (target === null) return [];
    return [decide(gate, target, gate.measure(figures, target, targets), figures.doubts)];
  });
}

function decide(
  gate: GateDefinition,
  target: number,
  { interval, obstacle, isMissed = false, isProved = false }: Claim,
  doubts: readonly Doubt[],
): Gate {
  const { name, unit, bound } = gate;
  const { value: measured, low, high } = interval;
  const facts = { name, unit, bound, target, measured, low, high };
  const as = (verdict: Gate['verdict'], reason: string | null): Gate => {
    return { ...facts, verdict, reason };
  };
  if (isProved) return as('fail', missed(facts));
  const doubt = doubts.find((one) => isAffected(gate, one));
  if (doubt !== undefined) return as('inconclusive', doubt.reason);
  if (obstacle !== null) return as('inconclusive', obstacle);
  const [best, worst] = bound === 'at most' ? [low, high] : [high, low];
  if (best === null) return as('inconclusive', notBack(facts));
  const isMet = (end: number) => (bound === 'at most' ? end <= target : end >= target);
  const isOver = (end: number) => (bound === 'at most' ? end > target : end < target);
  if (isMissed || isOver(best)) return as('fail', missed(facts));
  if (measured === null) return as('inconclusive', notBack(facts));
  // Both ends and the value, so that none that is no number (NaN) passes.
  const isPass = worst !== null && [best, measured, worst].every(isMet);
  return isPass ? as('pass', null) : as('inconclusive', straddles(facts));
}

function isAffected({ affectedBy }: GateDefinition, { affects, store }: Doubt): boolean {
  if (affects === 'all' || affects === affectedBy) return true;
  return affects === 'loss' && (store === undefined ? isStore(affectedBy) : store === affectedBy);
}

function isStore(part: GateDefinition['affectedBy']): boolean {
  return part !== 'recovery' && part !== 'failback';
}
