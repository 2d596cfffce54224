// Measurements in the form in which `result.json` shows them.
import type {
  Divergence,
  Failback,
  Interval,
  Loss,
  Recovery,
  StoreLoss,
} from '../drill/measurement.ts';
import { STORES } from '../drill/stores.ts';
import { writeId } from '../measure/words.ts';
import type { ResultFailback, ResultLoss, ResultRecovery, ResultStoreLoss } from './result.ts';

const LISTED_MAX = 20;

export function resultRecovery(recovery: Recovery | null): ResultRecovery | null {
  if (recovery === null) return null;
  const { rto, steady, fault_spread_ms, disturbed_before_ms } = recovery;
  const isLater = rto.high !== null && rto.value !== null && rto.high > rto.value;
  return {
    rto_ms: rto.value,
    rto_from_declaration_ms: recovery.rto_from_declaration_ms,
    uncertainty_ms: widthOf(rto),
    ...(isLater ? { rto_high_ms: rto.high } : {}),
    ...(rto.value === null && rto.low !== null ? { rto_low_ms: rto.low } : {}),
    ...(fault_spread_ms === undefined ? {} : { fault_spread_ms }),
    ...(disturbed_before_ms === undefined ? {} : { disturbed_before_ms }),
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

function widthOf({ low, high }: Interval): number | null {
  return low === null || high === null ? null : high - low;
}

/** `total` is the loss of all `stores` together. */
export function resultLoss(total: Loss | null, stores: readonly StoreLoss[]): ResultLoss | null {
  if (total === null) return null;
  const parts = stores.map(({ store, loss }) => [STORES[store].written, storeLoss(loss!)]);
  return {
    ...storeLoss(total),
    stores: Object.fromEntries(parts) as ResultLoss['stores'],
  };
}

function storeLoss({ outcomes, classes, second, ...loss }: Loss): ResultStoreLoss {
  // Writes that were refused or unsent and are not there: the outcomes have all of them.
  const { refused: _, unsent: __, ...counts } = classes;
  return {
    ...outcomes,
    ...counts,
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

export function resultFailback(failback: Failback | null): ResultFailback | null {
  if (failback === null) return null;
  const { rto, loss, stores, ...facts } = failback;
  return {
    ...facts,
    rto_ms: rto.value,
    uncertainty_ms: widthOf(rto),
    loss: resultLoss(loss, stores),
  };
}

export function resultDivergence(divergence: Divergence | null): Divergence | null {
  return divergence && { ...divergence, listed: divergence.listed.slice(0, LISTED_MAX) };
}
