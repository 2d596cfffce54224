// The plan of a drill of a system that a team runs itself. Pure.
import type { Plan } from './plan/plan.ts';
import type { PlannedSystem } from './attached/system.ts';

export type OwnPlan = Plan & { readonly attached: PlannedSystem };

export function isOwnPlan(plan: Plan): plan is OwnPlan {
  return plan.attached !== undefined;
}
