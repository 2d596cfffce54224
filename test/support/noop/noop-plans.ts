// Plans for drills on `noop`: short, and with nothing that a system in memory has not.
import type { Strategy } from '../../../src/drill/names.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { STRATEGY_FACTS } from '../../../src/drill/plan/strategies.ts';
import type { RecoveryName } from '../../../src/drill/recovery/registry.ts';
import { basePlan } from '../plan/base-plan.ts';
import { plannedRecovery } from '../plan/planned-recovery.ts';

/** Operations a second: no divisor of the round times of a plan, so that no two things coincide. */
const RATE_PER_S = 97;
/** From one operation to the next. */
export const SPACING_MS = 1_000 / RATE_PER_S;
export const noopRedis: Plan['redis'] = {
  carts_per_s: 43,
  appendonly: 'everysec',
  wait: 0,
  wait_timeout_ms: 100,
};
const BACKUP = { every_ms: 60_000, keep: 3, wal: 'archive', archive_timeout_ms: 1_000 } as const;

/** The recovery is the strategy's own unless another is named. */
export function noopPlan(
  strategy: Strategy,
  changes: Partial<Plan> = {},
  recovery?: RecoveryName,
): Plan {
  const facts = STRATEGY_FACTS[strategy];
  const app = { instances: facts.hasApp ? 2 : 0, capacity_per_s: 200 };
  const second = { ...basePlan.regions[1]!, role: facts.second, app };
  return {
    ...basePlan,
    strategy,
    targets: { ...basePlan.targets, rpo_ms: null },
    regions: [basePlan.regions[0]!, second],
    links: {},
    backup: facts.hasBackups ? BACKUP : null,
    gslb: { every_ms: 100, timeout_ms: 100, failures: 3, ttl_s: 0 },
    workload: {
      ...basePlan.workload,
      rate_per_s: RATE_PER_S,
      writers: 4,
      payload_bytes: 16,
      seed_rows: 5,
      timeout_ms: 400,
    },
    steady: { for_ms: 1_000 },
    sustain: { for_ms: 600, success: 0.99, capacity: 0.9, within_ms: null },
    recover: plannedRecovery(recovery ?? facts.recovery, {
      ...basePlan.recover,
      instances: 2,
      deadline_ms: 10_000,
    }),
    ...changes,
  };
}
