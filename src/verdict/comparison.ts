// Several drills beside each other: what each measured, once or several times, and in what they
// differ besides their strategy. Keys are stable; null where not measured.
import type { Cost, Interval } from '../drill/measurement.ts';
import type { Gate, Result, ResultRecovery, Verdict } from './result.ts';

export interface Comparison {
  readonly schema: 'drill.compare/1';
  /** The worst of all runs. */
  readonly verdict: Verdict;
  /** From cold to hot, then by name. */
  readonly drills: readonly ComparedDrill[];
  /** What was alike in all runs and changes the numbers, by the key of the drill file. */
  readonly conditions: Readonly<Record<string, string>>;
  readonly differences: readonly Difference[];
  /** Drills of whose runs one has no readable plan: whether it was alike is not known. */
  readonly unknown_conditions: readonly string[];
  /** Runs that were asked for and not made, since the comparison was stopped. */
  readonly not_made: number;
}

export interface Difference {
  readonly key: string;
  readonly values: readonly { readonly value: string; readonly drills: readonly string[] }[];
}

export interface ComparedDrill {
  readonly strategy: string;
  readonly name: string;
  /** The name, with the end of a run's id where another one has the same. */
  readonly label: string;
  readonly verdict: Verdict;
  /** Nothing was to be recovered from: `rto_ms` is the time until service was back. */
  readonly disaster?: 'none';
  /** What was promised, of the first run. */
  readonly targets: readonly Pick<Gate, 'name' | 'unit' | 'target'>[];
  /** In the order in which they were made. */
  readonly runs: readonly ComparedRun[];
  /** From the fault. Service that never came back has `value` null, and counts as longest. */
  readonly rto_ms: Spread<Interval> | null;
  /** From the least that the RTO of one of the runs can have been to the most; null: no limit. */
  readonly rto_range_ms: { readonly low: number | null; readonly high: number | null } | null;
  readonly rpo_ms: Spread<Interval> | null;
  readonly lost: Spread<number> | null;
  /** From the start of the move back; absent where no run measured it. */
  readonly failback_rto_ms?: Spread<Interval>;
  /** The phases of the run whose RTO is the median: they add up to it. */
  readonly phases: ResultRecovery['phases'];
  /** The most in a run, by class of write, of what should not or need not be; 0 is left out. */
  readonly besides: Readonly<Record<string, number>>;
  /** Classes of which one run does not know how many there are: the most may be more. */
  readonly besides_open: readonly string[];
  /** What the standing recovery region took: medians. */
  readonly cost: StandingCost | null;
}

/**
 * A figure over the runs that measured it, which are `runs`. The median of an even number is the
 * higher of the two in the middle, so that it is always what one run measured.
 */
export interface Spread<T> {
  readonly min: T;
  readonly median: T;
  readonly max: T;
  readonly runs: number;
}

export interface ComparedRun extends Pick<Result, 'id' | 'verdict' | 'reasons'> {
  readonly directory: string;
  /** In what its stored result is not what its evidence gives, which is shown; null: it agrees. */
  readonly unverified: string | null;
  readonly rto_ms: Interval | null;
  readonly rpo_ms: Interval | null;
  readonly lost: number | null;
}

/** `result.cost` of a run; absent keys of older results are null. */
export type StandingCost = {
  readonly [K in Exclude<keyof Cost, 'over_ms' | 'cpu_seconds' | 'monthly'>]: Cost[K] | null;
} & {
  readonly monthly_total: number | null;
  /** Of the run that the total is of. */
  readonly currency: string | null;
  readonly formula: string | null;
};
