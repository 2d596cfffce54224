// Plans that older versions wrote (`drill.plan/1`), as plans of today: faults had the settings of
// all kinds then and no effect, and what came later had no keys yet.
import { definitionOf, type AnyPlannedFault, type PlannedFault } from '../drill/fault/registry.ts';
import { surroundingsIn } from '../drill/plan/disaster.ts';
import type { Plan } from '../drill/plan/plan.ts';

/** A fault as it stood in such a plan. */
interface OldFault extends Omit<AnyPlannedFault, 'effect' | 'beforehand'> {
  readonly beforehand?: boolean;
  readonly how: 'kill' | 'partition' | 'freeze';
  readonly disks?: 'kept' | 'destroyed';
  readonly link?: { readonly name: string; readonly latency_ms: number } | null;
  readonly mistake?: { readonly statement: 'delete' | 'update'; readonly share: number } | null;
}

type Later = 'redis' | 'backup' | 'cost' | 'failback' | 'preflight' | 'expect';

export interface OldPlan
  extends Omit<Plan, 'schema' | 'faults' | Later>, Partial<Pick<Plan, Later>> {
  readonly schema: 'drill.plan/1';
  readonly faults: readonly OldFault[];
}

/** What such a plan says, in the words of today. Pure. */
export function fromPlan1(plan: OldPlan): Plan {
  const { redis = null, backup = null } = plan;
  const { failback = false, preflight = 'require', expect = 'recovery' } = plan;
  return {
    ...plan,
    redis,
    backup,
    cost: null, // what was priced then, processors used, is rented by nobody
    failback,
    preflight,
    expect,
    schema: 'drill.plan/2',
    workload: Object.assign({ updates: 0, shared_rows: 0 }, plan.workload),
    regions: plan.regions.map((region) => Object.assign({ weight: 1 }, region)),
    faults: plan.faults.map((fault) => faultOf(fault, plan)),
  };
}

function faultOf(fault: OldFault, plan: OldPlan): PlannedFault {
  const { index, kind, region, at_ms, beforehand = false, disaster, heal_after_ms } = fault;
  const own = ownOf(fault);
  const effect = definitionOf(kind).effect(own, surroundingsIn(plan.strategy, plan.replication));
  const all = { index, kind, region, at_ms, beforehand, disaster, heal_after_ms, effect };
  return { ...all, ...own } as PlannedFault;
}

/** The settings that the fault's own kind had, out of those of all kinds. */
function ownOf({ kind, how, disks = 'kept', link, mistake }: OldFault): object {
  if (kind === 'lose-region') return { how, disks };
  if (kind === 'cut-link') return { link: link?.name };
  if (kind === 'slow-link') return { link: link?.name, latency_ms: link?.latency_ms };
  return kind === 'corrupt-data' ? { ...mistake } : {};
}
