// What the evidence says, in numbers with their uncertainty. Times are milliseconds since the run's
// origin unless a name says otherwise; durations are milliseconds. Null means that it was not
// measured, never zero.
import type { ByFault } from './by-fault.ts';
import type { PhaseCause } from './cause.ts';
import type { ChosenBaseline } from './baseline.ts';
import type { StoreRole } from './stores.ts';
import type { Unprotected } from './unprotected.ts';

/** A measured value and the interval in which the truth lies. `high` null: no upper bound. */
export interface Interval {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Outage {
  readonly opened_ms: number;
  /** Null: service did not come back before the deadline. */
  readonly closed_ms: number | null;
  readonly last_unserved_ms: number | null;
}

export const PHASE_NAMES = [
  'detect',
  'decide',
  'fence',
  'promote',
  'start',
  'redirect',
  'reconnect',
  'stabilise',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number] | 'restore' | 'failover';

export const MARK_NAMES = [
  'fault_started',
  'detected',
  'declared',
  'fenced',
  'writable',
  'app_ready',
  'redirected',
  'first_success',
  'sustained',
] as const;
export type MarkName = (typeof MARK_NAMES)[number];

/** What the recovery has in the measurement and in `result.json` alike. */
export interface RecoveryFacts {
  /** Null when service was back before the declaration, or there was none. */
  readonly rto_from_declaration_ms: number | null;
  readonly downtime_ms: number | null;
  readonly outages: readonly Outage[];
  /** From when the fault was seen to bite; null: back before, or never. Absent: nobody saw it. */
  readonly rto_from_effect_ms?: number | null;
  /** Service was disturbed so long before the disaster, and nobody saw it end: there is no RTO. */
  readonly disturbed_before_ms?: number;
  /** The run was stopped so long after the disaster, and nobody had seen service come back. */
  readonly stopped_after_ms?: number;
  /** From the first node that the fault hit to the last, as a witness (the engine) saw it. */
  readonly fault_spread_ms?: number;
  /** Of a drill without a disaster: which of its faults cost what; absent: not seen to the end. */
  readonly by_fault?: readonly ByFault[];
}

export interface Recovery extends RecoveryFacts {
  readonly rto: Interval;
  /** `high`: from the last look that did not see it. `low` null: back before. Absent: as above. */
  readonly rto_from_effect?: Interval;
  /** Lower bound of `rto_from_declaration_ms`, which exists also where service never came back. */
  readonly rto_from_declaration_low_ms: number | null;
  /** As they happened, before clamping; null: never. */
  readonly marks: Readonly<Record<MarkName, number | null>>;
  /** They add up to the RTO exactly; `ms` null: its mark never came. */
  readonly phases: readonly { readonly name: PhaseName; readonly ms: number | null }[];
  /** The largest of each phase; of one that is not among them it is not known. */
  readonly causes: readonly PhaseCause[];
  readonly steady: {
    readonly served_per_s: number;
    readonly p99_ms: number;
    readonly within_ms: number;
  } | null;
  /** Longest gaps between acknowledgements, steady and after the fault. */
  readonly longest_gap_ms: { readonly steady: number | null; readonly after: number | null };
  /** Operations due since the disaster that were not served. */
  readonly unserved: number;
  /** Share, 0–1, of operations due since the disaster that was served; null: none seen to end. */
  readonly availability: Interval | null;
  /** Share, 0–1, of operations due since then that nobody acknowledged; null: as above. */
  readonly errors: Interval | null;
  /**
   * Without a disaster: from the end of the last fault until service was back for good; 0 where it
   * was back before, or never away. Null: there is a disaster.
   */
  readonly steady_again: Interval | null;
  /** No outage, all served, no gap over three times the steady one; null: not known. */
  readonly is_unnoticed: boolean | null;
  /**
   * Of operations after the last outage, or since the first fault where there is no disaster; one
   * not acknowledged counts with the timeout.
   */
  readonly p99_after_ms: number | null;
  /** Why service since it was back is not the system's own alone; absent: it is. */
  readonly stalled_after?: string;
}

export interface Id {
  /** Named where ids of several stores stand together. */
  readonly store?: StoreRole;
  readonly writer: number;
  readonly sequence: number;
}

export const CLASS_NAMES = [
  'unexpected',
  'corrupt',
  'duplicated',
  'diverged',
  'intended',
  'late',
  'lost',
  'recovered',
  'vanished',
  'kept',
  'refused',
  'unsent',
] as const;
export type ClassName = (typeof CLASS_NAMES)[number];

/** What became of the writes to one store, or to all of them. */
export interface Loss {
  /** Writes (seed rows and markers included) per outcome. */
  readonly outcomes: Readonly<Record<'acknowledged' | 'refused' | 'unknown' | 'unsent', number>>;
  /** Ids per class. */
  readonly classes: Readonly<Record<ClassName, number>>;
  readonly split_brain: number;
  readonly split_brain_possible: number;
  /** Why there may be more than both; null: there are not. */
  readonly split_brain_missing: string | null;
  readonly lost_bytes: number;
  readonly rpo: Interval;
  /** The same without what came back with the lost region; null when it did not return. */
  readonly rpo_after_return_ms: number | null;
  /** Lost writes that the new side had acknowledged: they are outside `rpo` and fail the run. */
  readonly lost_after_recovery: number;
  /** The first 20 in the order of their acknowledgements. */
  readonly lost_ids: readonly Id[];
  /** The first 5 of each class that is an integrity violation, for messages. */
  readonly violation_ids: Readonly<Partial<Record<ClassName, readonly Id[]>>>;
  readonly second: SecondOpinion | null;
  readonly second_missing: string | null;
  readonly wrong_reads: number;
  /** Acknowledged in the last second before the disaster, or the RPO target's length if longer. */
  readonly acknowledged_before: number;
}

/** Zero loss proves nothing with fewer acknowledged writes than this just before. */
export const ZERO_LOSS_WRITES_MIN = 20;

export interface SecondOpinion {
  readonly only_old: number;
  /** Those of them that are of unknown writes, which nobody was promised. */
  readonly unknown: number;
  /** only-old ⊆ lost ∪ unknown */
  readonly agrees: boolean;
  /** Ids only on the old disk that are neither lost nor unknown. */
  readonly unexplained: number;
  /** Lost ids that are not on the old disk either: acknowledged, never durable there. */
  readonly never_durable: number;
}

/** Why a number cannot be trusted: `affects` says which gates become inconclusive. */
export interface Doubt {
  readonly affects: 'recovery' | 'loss' | 'failback' | 'all';
  /** The only store whose loss it affects; absent: every store's. */
  readonly store?: StoreRole;
  /**
   * Something is missing that was to come later: the run ended before it. How long clients had
   * waited by then stands, since a wait can only grow.
   */
  readonly endsEarly?: true;
  readonly reason: string;
}

export interface StoreLoss {
  readonly store: StoreRole;
  readonly loss: Loss | null;
}

/** What the failback has in the measurement and in `result.json` alike. */
export interface FailbackFacts {
  /** From the start of the rebuild until the lost region followed the serving one again. */
  readonly protected_ms: number | null;
  /** `returned`: it came back with its disk; `rebuilt`: by commands of whoever has the system. */
  readonly protected_how: 'rewound' | 'cloned' | 'followed' | 'returned' | 'rebuilt' | null;
  /** How long the planned move of service took by itself. */
  readonly switchover_ms: number | null;
  /** The longest time without an acknowledged write, in one of the stores, around the move. */
  readonly pause_ms: number | null;
  /** Since the start of the move. */
  readonly outages: readonly Outage[];
  /** How long service had been disturbed when the move began; only where nobody saw that end. */
  readonly disturbed_before_ms?: number;
  /** The run was stopped so long after the move began, and nobody had seen service come back. */
  readonly stopped_after_ms?: number;
  /** Rows that only the old primary has; `drill salvage` lists them. */
  readonly salvaged: number | null;
}

/** The way back to the first layout. What was not seen is null. */
export interface Failback extends FailbackFacts {
  /** From the start of the move until service was back for good, 0 when it never went away. */
  readonly rto: Interval;
  /** The writes there at the first count, and all since, as they are after the failback. */
  readonly loss: Loss | null;
  readonly stores: readonly StoreLoss[];
}

/** What the standing recovery region uses, and what has to be done. Null: not measured. */
export interface Cost {
  readonly region: string;
  /** Between the two looks that the numbers come from. */
  readonly over_ms: number | null;
  /** The nodes that stood there, by name. */
  readonly components: readonly string[];
  /** Processor time in `over_ms`, of all of them. */
  readonly cpu_seconds: number | null;
  /** Processors kept busy: 0.25 is a quarter of one. */
  readonly cpu_share: number | null;
  readonly memory_bytes: number | null;
  readonly disk_bytes: number | null;
  /** From the active region to this one. */
  readonly replicated_bytes_per_s: number | null;
  /** Steps that the recovery carried out; null: there was no disaster. */
  readonly recovery_steps: number | null;
  /** By the plan's prices; null: it has none. */
  readonly monthly: MonthlyCost | null;
}

/** What is rented for 730 hours; a gigabyte is 10⁹ bytes. Null: it cannot be said. */
export interface MonthlyCost {
  readonly currency: string;
  readonly instances: number | null;
  readonly storage: number | null;
  readonly transfer: number | null;
  /** Null when a part of it is. */
  readonly total: number | null;
  /** How the total comes about; without one, what it lacks. */
  readonly formula: string;
}

/** What losing the region would have lost just before the disaster. */
export interface Exposure {
  readonly region: string;
  readonly bytes: number | null;
  readonly ms: number | null;
  readonly detail: string;
  /** With synchronous replication: log that waited for this region, acknowledged to nobody. */
  readonly waiting?: { readonly bytes: number; readonly region: string };
}

/** The serving databases compared row by row. */
export interface Divergence {
  /** Rows compared; null: the comparison never ended. */
  readonly rows: number | null;
  /** All rows that differ. */
  readonly differing: number;
  /** Null: it was never said that they were compared to the end. */
  readonly ok: boolean | null;
  readonly detail: string;
  /** The first rows that differ, with the value that each database has; null: it has none. */
  readonly listed: readonly DivergedRow[];
}

export interface DivergedRow {
  readonly table: string;
  readonly key: string;
  readonly values: Readonly<Record<string, string | null>>;
}

/** All numbers of a run, with what casts doubt on them. */
export interface Figures {
  readonly recovery: Recovery | null;
  /** Of all stores together; null when one of them could not be counted. */
  readonly loss: Loss | null;
  /** In the order of `storesOf`; empty when nothing was measured. */
  readonly stores: readonly StoreLoss[];
  /** Null: none was planned, or it never began. */
  readonly failback: Failback | null;
  readonly cost: Cost | null;
  readonly exposure: Exposure | null;
  /** Null: commits always waited for the standby, or were never to. */
  readonly unprotected: Unprotected | null;
  readonly divergence: Divergence | null;
  /** The past that the run is held against; null: nobody chose one. */
  readonly baseline: ChosenBaseline | null;
  readonly doubts: readonly Doubt[];
}
