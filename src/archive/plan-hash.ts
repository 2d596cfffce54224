// What tells the runs of one drill from those of another.
import { createHash } from 'node:crypto';
import type { Plan } from '../drill/plan/plan.ts';

/** Alike for all trials of a plan, whatever their seed and what was drawn from it. */
export function planHash(plan: Plan): string {
  const { seed: _, faults, ...rest } = plan;
  const undrawn = { ...rest, faults: faults.map((fault) => ({ ...fault, at_ms: null })) };
  return createHash('sha256').update(JSON.stringify(undrawn)).digest('hex');
}
