// A plan from what stands in a file: it is as its schema says, or what is wrong with it is said.
import { describeInput } from '../fields.ts';
import {
  isFormerName,
  isOfOperators,
  OPERATORS,
  todaysKind,
  type FormerName,
  type PlannedFault,
} from '../fault/registry.ts';
import { laterTargets } from '../gate/targets.ts';
import { fitted } from '../misfit.ts';
import { fromPlan1, plan1Schema } from './plan-1.ts';
import { hasDisaster } from './clock.ts';
import { planSchema, type Plan } from './plan.ts';

export type PlanRead =
  | { readonly plan: Plan; readonly version: 1 | 2 }
  /** `workload.rate_per_s: expected a number of more than 0, found the number -5` */
  | { readonly problem: string };

/** `found` is what the JSON says, whoever wrote it. Pure. */
export function planFrom(found: unknown): PlanRead {
  const value = withoutUsageRates(found);
  const schema = (value as { readonly schema?: unknown } | null)?.schema;
  if (schema === 'drill.plan/1') {
    const read = fitted(plan1Schema, value);
    return 'problem' in read ? read : whole(fromPlan1(read.value), 1);
  }
  const read = fitted(planSchema, value);
  // As it stands in the file: a hash of it must not depend on the order of keys in the schema.
  return 'problem' in read ? read : whole(byTodaysNames(value as Plan), 2);
}

/** Prices of a processor's use, of before, make no figure of what is rented. */
function withoutUsageRates(value: unknown): unknown {
  const cost = (value as { readonly cost?: object | null } | null)?.cost ?? {};
  return 'cpu_hour' in cost ? { ...(value as object), cost: null } : value;
}

/** What came to them with their names of today. */
const LATER_KEYS: Readonly<Record<FormerName, object>> = {
  'slow-link': { from: null, jitter_ms: 0 },
  'cut-link': { from: null },
};

/** A plan with faults by their names of before, by those of today. */
function byTodaysNames(plan: Plan): Plan {
  if (!plan.faults.some(({ kind }) => isFormerName(kind))) return plan;
  const faults = plan.faults.map(({ kind, ...rest }) => {
    const since = isFormerName(kind) ? LATER_KEYS[kind] : {};
    return { ...rest, kind: todaysKind(kind), ...since };
  });
  return { ...plan, faults: faults as PlannedFault[] };
}

function whole(plan: Plan, version: 1 | 2): PlanRead {
  const problem = contradictionIn(plan);
  if (problem !== null) return { problem };
  return { plan: { ...plan, targets: laterTargets(plan.targets) }, version };
}

/** What each value may be by itself and all of them together may not. */
function contradictionIn(plan: Plan): string | null {
  const { regions, replication, faults, targets } = plan;
  const names = regions.map((region) => region.name);
  const named = [
    ['replication.from', replication.from],
    ['replication.to', replication.to],
    ...faults.map(({ region, kind }, at) => [`faults.${at}.region`, region, kind]),
  ] as const;
  const unknown = named.find(([, region, kind = '']) => {
    return isOfOperators(kind) ? region !== OPERATORS : !names.includes(region);
  });
  if (unknown === undefined) {
    // A plan that promised nothing would be met by anything.
    const promised = hasDisaster(plan) ? 'rto_ms' : 'steady_within_ms';
    return targets[promised] === null || targets[promised] === undefined
      ? `targets.${promised}: expected a number of milliseconds, found none`
      : null;
  }
  const [key, region, kind = ''] = unknown;
  const expected = isOfOperators(kind) ? OPERATORS : names.join(' or ');
  return `${key}: expected ${expected}, found ${describeInput(region)}`;
}
