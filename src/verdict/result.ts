// `result.json`: the numbers and the verdict. Keys are stable; null where not measured.
import type { Bound, Unit } from '../drill/gate/gate.ts';
import type { Failure } from '../measure/measured.ts';
import type {
  Cost,
  Divergence,
  Exposure,
  FailbackFacts,
  Loss,
  RecoveryFacts,
  SecondOpinion,
} from '../drill/measurement.ts';
import type { KeptNode } from '../evidence/event.ts';

export type Verdict =
  'pass' | 'fail' | 'inconclusive' | 'environment' | 'interrupted' | 'internal' | 'unclean';

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
  readonly reason: string | null;
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
  };
  readonly runtime: {
    readonly kind: string;
    readonly postgres: string;
    readonly proxy: string;
    readonly settings: Readonly<Record<string, string>>;
  } | null;
  readonly verdict: Verdict;
  /** Worst first, each a sentence. */
  readonly reasons: readonly string[];
  /** The reasons that are certain, each with its code (`FAILURE_CODES`); doubts are none. */
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
  readonly exposure: Pick<Exposure, 'bytes' | 'ms'> | null;
  /** How two serving databases differ; null where they were never compared. */
  readonly divergence: Divergence | null;
  readonly cleanup: { readonly clean: boolean; readonly left: readonly string[] } | null;
  readonly kept: readonly KeptNode[];
  /** The run whose system was drilled, and is up still; null where the run made its own. */
  readonly against: string | null;
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
  readonly steady_served_per_s: number | null;
  readonly steady_p99_ms: number | null;
  readonly served_within_ms: number | null;
  readonly longest_gap_ms: number | null;
}

/** Writes per outcome and per class; those that were refused or unsent are in no class. */
export interface ResultStoreLoss
  extends
    Readonly<Loss['outcomes']>,
    Readonly<Omit<Loss['classes'], 'refused' | 'unsent'>>,
    Pick<Loss, 'split_brain' | 'wrong_reads' | 'lost_bytes' | 'second_missing'> {
  readonly rpo_ms: number | null;
  readonly rpo_high_ms: number | null;
  /** The first 20, `writer-sequence`; of two stores together `redis:writer-sequence`. */
  readonly lost_ids: readonly string[];
  readonly second: Omit<SecondOpinion, 'unexplained'> | null;
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
  /** From the start of the move until service was back for good. */
  readonly rto_ms: number | null;
  /** High minus low end of the interval in which the truth lies. */
  readonly uncertainty_ms: number | null;
  /** The loss among what was there at the first count and all that was written since. */
  readonly loss: ResultLoss | null;
}
