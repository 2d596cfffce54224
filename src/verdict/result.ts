// `result.json`: the numbers and the verdict, and how measurements become the parts of it. Keys are
// stable; null where not measured.
import type { PhaseCause } from '../drill/cause.ts';
import type { ChosenBaseline } from '../drill/baseline.ts';
import type { Bound, Unit } from '../drill/gate/gate.ts';
import type {
  Cost,
  Divergence,
  Exposure,
  Failback,
  FailbackFacts,
  Interval,
  Loss,
  Recovery,
  RecoveryFacts,
  StoreLoss,
} from '../drill/measurement.ts';
import type { Unprotected } from '../drill/unprotected.ts';
import type { FaultFacts, StoreFacts, WatchFacts } from '../drill/run-facts.ts';
import type { MachineFacts } from '../host/machine/machine-facts.ts';
import type { OutsideValue } from '../drill/file/outside.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { STORES } from '../drill/stores.ts';
import type { KeptNode } from '../evidence/event.ts';
import type { Failure } from '../measure/measured.ts';
import { writeId } from '../measure/words.ts';

export type Verdict =
  'pass' | 'fail' | 'inconclusive' | 'environment' | 'interrupted' | 'internal' | 'unclean';

export interface DrawnMoment {
  /** The fault’s kind. */
  readonly fault: string;
  /** After the steady state, of the range from `from_ms` to `to_ms`. */
  readonly at_ms: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export interface Gate {
  readonly name: string;
  /** A share is 0–1. */
  readonly unit: Unit;
  /** Whether the target is the most that is allowed, or the least; absent in old results: most. */
  readonly bound: Bound;
  readonly target: number;
  readonly measured: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /**
   * What is to spare, in the gate's unit, from the end of the interval that decides; negative: it
   * is missed by so much. Null where it is not judged; absent in old results.
   */
  readonly margin?: number | null;
  readonly reason: string | null;
  /** Of when it speaks, where that is not what it speaks of in most drills; else absent. */
  readonly when?: string;
  /** The setting that would let it be judged, and the least that it has to be; else absent. */
  readonly needs?: { readonly key: string; readonly rate_per_s: number };
}

export interface Result {
  readonly schema: 'drill.result/1';
  readonly id: string;
  readonly started_at: string;
  readonly wall_ms: number | null;
  readonly drill: {
    readonly name: string;
    readonly sha256: string;
    readonly strategy: string;
    readonly seed: number;
    /** Nothing was to be recovered from; absent: there was a disaster. */
    readonly disaster?: 'none';
    /** What the drill is evidence for, in the words of its file; absent: nothing is named. */
    readonly controls?: readonly string[];
    /** Of a trial of a series: its faults are later by `moved_ms`, drawn from 0 to `within_ms`. */
    readonly trial?: NonNullable<Plan['trial']>;
    /** Moments that the seed drew from a range of the file; absent: none. */
    readonly drawn?: readonly DrawnMoment[];
    /** Settings that came from outside the drill file; absent: none, or an old result. */
    readonly outside?: readonly OutsideValue[];
  };
  readonly runtime: {
    readonly kind: string;
    readonly postgres: string;
    readonly proxy: string;
    readonly settings: Readonly<Record<string, string>>;
  } | null;
  /** The version of drill that made the run; absent in old results. */
  readonly drill_version?: string;
  /** What was broken, and when; absent in old results. */
  readonly faults?: readonly FaultFacts[];
  /** What it ran on; null where the run does not say; absent in old results. */
  readonly machine?: MachineFacts | null;
  /** What the stores held just before the faults; absent in old results. */
  readonly databases?: readonly StoreFacts[];
  /** What drill's own looks took of the servers of somebody's own; absent where there are none. */
  readonly watch?: readonly WatchFacts[];
  readonly verdict: Verdict;
  /** Worst first, each a sentence. */
  readonly reasons: readonly string[];
  /** The reasons that are certain, each with its code (see Failure codes); doubts are none. */
  readonly failures: readonly Failure[];
  /** Things worth knowing that change no verdict. */
  readonly notes: readonly string[];
  readonly gates: readonly Gate[];
  readonly recovery: ResultRecovery | null;
  readonly loss: ResultLoss | null;
  /** Null where none was planned, or it never began. */
  readonly failback: ResultFailback | null;
  /** What the recovery region used; null where its nodes were never looked at. */
  readonly cost: Cost | null;
  /** What losing the region would have lost just before the disaster; null: nobody asked. */
  readonly exposure: Pick<Exposure, 'bytes' | 'ms' | 'waiting'> | null;
  /**
   * What was acknowledged while no synchronous standby had to have it; null: nothing, as far as it
   * was seen. Absent in old results.
   */
  readonly unprotected?: Unprotected | null;
  /** How two serving databases differ; null where they were never compared. */
  readonly divergence: Divergence | null;
  readonly cleanup: { readonly clean: boolean; readonly left: readonly string[] } | null;
  readonly kept: readonly KeptNode[];
  /** The run whose system was drilled, and is up still; null where the run made its own. */
  readonly against: string | null;
  /** Of a trial alone: whether its regions were kept from the one before, or why not. */
  readonly regions?: { readonly kept: boolean; readonly why: string };
  /** The past that its recovery time is held against; absent: none was chosen. */
  readonly baseline?: ChosenBaseline;
}

export interface ResultRecovery extends RecoveryFacts {
  readonly rto_ms: number | null;
  /** High minus low end of the interval in which the truth lies. */
  readonly uncertainty_ms: number | null;
  /**
   * Only where it is above `rto_ms`, which else is the high end: of two stores, the one whose
   * clients ask less often may have come back later.
   */
  readonly rto_high_ms?: number;
  /** Only where `rto_ms` is null: how long clients were seen to wait, at the least. */
  readonly rto_low_ms?: number;
  readonly marks: Readonly<Record<string, number | null>>;
  readonly phases: readonly { readonly name: string; readonly ms: number | null }[];
  /** The largest of each phase, as far as it is known; absent in old results. */
  readonly causes?: readonly PhaseCause[];
  readonly steady_served_per_s: number | null;
  readonly steady_p99_ms: number | null;
  readonly served_within_ms: number | null;
  readonly longest_gap_ms: number | null;
}

export interface ResultStoreLoss {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly unsent: number;
  readonly lost: number;
  readonly recovered: number;
  readonly vanished: number;
  readonly unexpected: number;
  readonly duplicated: number;
  readonly corrupt: number;
  readonly diverged: number;
  readonly intended: number;
  readonly late: number;
  readonly kept: number;
  readonly split_brain: number | null;
  /** Only where that is null: so many at the least. */
  readonly split_brain_low?: number;
  /** Only where that is null: why it is not known. */
  readonly split_brain_missing?: string;
  readonly wrong_reads: number;
  readonly rpo_ms: number | null;
  readonly rpo_high_ms: number | null;
  readonly lost_bytes: number;
  /** The first 20, `writer-sequence`; of two stores together `redis:writer-sequence`. */
  readonly lost_ids: readonly string[];
  readonly second: {
    readonly only_old: number;
    /** Those of them that are of unknown writes; absent in old results. */
    readonly unknown?: number;
    readonly agrees: boolean;
    readonly never_durable: number;
  } | null;
  readonly second_missing: string | null;
}

/**
 * The loss of all stores together: counts are sums, the RPO is the worst, and the second opinion is
 * null unless every store has one. With one store it is that store's. Null altogether when one of
 * the stores could not be counted.
 */
export interface ResultLoss extends ResultStoreLoss {
  readonly stores: { readonly postgres: ResultStoreLoss; readonly redis?: ResultStoreLoss };
}

export interface ResultFailback extends FailbackFacts {
  /** The time from the start of the move until service was back for good. */
  readonly rto_ms: number | null;
  /** High minus low end of the interval in which the truth lies. */
  readonly uncertainty_ms: number | null;
  /** The loss among what was there at the first count and all that was written since. */
  readonly loss: ResultLoss | null;
}

const LISTED_MAX = 20;

export function resultRecovery(recovery: Recovery | null): ResultRecovery | null {
  if (recovery === null) return null;
  const { rto, steady, fault_spread_ms, disturbed_before_ms, stopped_after_ms, by_fault } =
    recovery;
  const { rto_from_effect } = recovery;
  const isLater = rto.high !== null && rto.value !== null && rto.high > rto.value;
  return {
    rto_ms: rto.value,
    rto_from_declaration_ms: recovery.rto_from_declaration_ms,
    ...(rto_from_effect === undefined ? {} : { rto_from_effect_ms: rto_from_effect.value }),
    uncertainty_ms: widthOf(rto),
    ...(isLater ? { rto_high_ms: rto.high } : {}),
    ...(rto.value === null && rto.low !== null ? { rto_low_ms: rto.low } : {}),
    ...(fault_spread_ms === undefined ? {} : { fault_spread_ms }),
    ...(disturbed_before_ms === undefined ? {} : { disturbed_before_ms }),
    ...(stopped_after_ms === undefined ? {} : { stopped_after_ms }),
    ...(by_fault === undefined ? {} : { by_fault }),
    downtime_ms: recovery.downtime_ms,
    outages: recovery.outages,
    marks: recovery.marks,
    phases: recovery.phases,
    causes: recovery.causes,
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
  const { split_brain, split_brain_missing: missing } = loss;
  // Writes that were refused or unsent and are not there: the outcomes have all of them.
  const { refused: _, unsent: __, ...counts } = classes;
  return {
    ...outcomes,
    ...counts,
    split_brain: missing === null ? split_brain : null,
    ...(missing === null ? {} : { split_brain_low: split_brain, split_brain_missing: missing }),
    wrong_reads: loss.wrong_reads,
    rpo_ms: loss.rpo.value,
    rpo_high_ms: loss.rpo.high,
    lost_bytes: loss.lost_bytes,
    lost_ids: loss.lost_ids.map(writeId),
    second: second && {
      only_old: second.only_old,
      unknown: second.unknown,
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

export function resultExposure(exposure: Exposure | null): Result['exposure'] {
  if (exposure === null) return null;
  const { bytes, ms, waiting } = exposure;
  return { bytes, ms, ...(waiting === undefined ? {} : { waiting }) };
}

export function resultDivergence(divergence: Divergence | null): Divergence | null {
  return divergence && { ...divergence, listed: divergence.listed.slice(0, LISTED_MAX) };
}
