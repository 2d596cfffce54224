// Plans that older versions wrote (`drill.plan/1`), as plans of today: faults had the settings of
// all kinds then and no effect, and what came later had no keys yet.
import * as z from 'zod';
import {
  definitionOf,
  everyFault,
  FAULT_KINDS,
  namesOf,
  todaysKind,
  type PlannedFault,
} from '../fault/registry.ts';
import { LOSS_WAYS } from '../fault/lose-region.ts';
import { ms, name, share } from '../planned.ts';
import { plannedTarget } from '../recovery/restore-to-point.ts';
import { everyRecovery, RECOVERY_NAMES } from '../recovery/registry.ts';
import { surroundingsIn } from './disaster.ts';
import { planSchema, type Plan } from './plan.ts';

const { effect: _, ...everyOldFault } = everyFault;

/** A fault as it stood in such a plan. */
const oldFault = z.strictObject({
  ...everyOldFault,
  kind: z.enum(FAULT_KINDS.flatMap(namesOf)).transform((kind) => todaysKind(kind)),
  beforehand: z.boolean().default(false),
  how: z.enum(LOSS_WAYS),
  disks: z.enum(['kept', 'destroyed']).default('kept'),
  link: z.strictObject({ name, latency_ms: ms }).nullable().default(null),
  mistake: z
    .strictObject({ statement: z.enum(['delete', 'update']), share })
    .nullable()
    .default(null),
});

const oldRecovery = z.strictObject({
  ...everyRecovery,
  with: z.enum(RECOVERY_NAMES),
  target: plannedTarget.nullable().default(null),
});

const { shape } = planSchema;
const { element: region } = shape.regions;
const { workload } = shape;

export const plan1Schema = planSchema.extend({
  schema: z.literal('drill.plan/1'),
  regions: z.array(region.extend({ weight: region.shape.weight.default(1) })).min(2),
  workload: workload.extend({
    updates: workload.shape.updates.default(0),
    shared_rows: workload.shape.shared_rows.default(0),
  }),
  faults: z.array(oldFault).min(1),
  recover: oldRecovery,
  redis: shape.redis.default(null),
  backup: shape.backup.default(null),
  cost: shape.cost.default(null),
  failback: shape.failback.default(false),
  preflight: shape.preflight.default('require'),
  expect: shape.expect.default('recovery'),
});

/** What such a plan says, in the words of today. Pure. */
export function fromPlan1(plan: z.output<typeof plan1Schema>): Plan {
  const around = surroundingsIn(plan.strategy, plan.replication);
  const faults = plan.faults.map((fault) => {
    const { index, kind, region: hit, at_ms, beforehand, disaster, heal_after_ms } = fault;
    const own = ownOf(fault);
    const effect = definitionOf(kind).effect(own, around);
    const all = { index, kind, region: hit, at_ms, beforehand, disaster, heal_after_ms, effect };
    return { ...all, ...own } as PlannedFault;
  });
  return { ...plan, schema: 'drill.plan/2', faults } as Plan;
}

type OldFault = z.output<typeof oldFault>;

/** The settings that the fault's own kind had, out of those of all kinds. */
function ownOf({ kind, how, disks, link, mistake }: OldFault): Record<string, unknown> {
  if (kind === 'lose-region') return { how, disks };
  if (kind === 'partition') return { link: link?.name, from: null };
  if (kind === 'latency') {
    return { link: link?.name, from: null, latency_ms: link?.latency_ms, jitter_ms: 0 };
  }
  return kind === 'corrupt-data' ? { ...mistake } : {};
}
