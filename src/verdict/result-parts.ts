// Measurements in the form in which `result.json` shows them.
import type { Loss, Recovery, StoreLoss } from '../measure/measurement.ts';
import { writeId } from '../measure/words.ts';
import type { ResultLoss, ResultRecovery, ResultStoreLoss } from './result.ts';

export function resultRecovery(recovery: Recovery | null): ResultRecovery | null {
  if (recovery === null) return null;
  const { rto, steady } = recovery;
  const isBounded = rto.high !== null && rto.low !== null;
  return {
    rto_ms: rto.value,
    rto_from_declaration_ms: recovery.rto_from_declaration_ms,
    uncertainty_ms: isBounded ? rto.high - rto.low : null,
    ...(isBounded && rto.value !== null && rto.high > rto.value ? { rto_high_ms: rto.high } : {}),
    ...spreadOf(recovery),
    downtime_ms: recovery.downtime_ms,
    outages: recovery.outages,
    marks: recovery.marks,
    phases: recovery.phases,
    steady_served_per_s: steady?.served_per_s ?? null,
    steady_p99_ms: steady?.p99_ms ?? null,
    served_within_ms: steady?.within_ms ?? null,
    longest_gap_ms: recovery.longest_gap_ms.after,
  };
}

function spreadOf({ fault_spread_ms }: Recovery): Pick<ResultRecovery, 'fault_spread_ms'> {
  return fault_spread_ms === undefined ? {} : { fault_spread_ms };
}

/** `total` is the loss of all `stores` together. */
export function resultLoss(total: Loss | null, stores: readonly StoreLoss[]): ResultLoss | null {
  if (total === null) return null;
  const parts = stores.map(({ store, loss }) => [store, storeLoss(loss!)]);
  return {
    ...storeLoss(total),
    stores: Object.fromEntries(parts) as ResultLoss['stores'],
  };
}

function storeLoss(loss: Loss): ResultStoreLoss {
  const { outcomes, classes, second } = loss;
  return {
    ...outcomes,
    lost: classes.lost,
    recovered: classes.recovered,
    vanished: classes.vanished,
    unexpected: classes.unexpected,
    duplicated: classes.duplicated,
    corrupt: classes.corrupt,
    diverged: classes.diverged,
    intended: classes.intended,
    late: classes.late,
    kept: classes.kept,
    split_brain: loss.split_brain,
    wrong_reads: loss.wrong_reads,
    rpo_ms: loss.rpo.value,
    rpo_high_ms: loss.rpo.high,
    lost_bytes: loss.lost_bytes,
    lost_ids: loss.lost_ids.map(writeId),
    second: second && {
      only_old: second.only_old,
      agrees: second.agrees,
      never_durable: second.never_durable,
    },
    second_missing: loss.second_missing,
  };
}
