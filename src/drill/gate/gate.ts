// A gate: one number of the measurement, and the target of a drill file that it is held against.
import type * as z from 'zod';
import { formatDuration, formatShare, roundAsShown } from '../../base/units.ts';
import type { Figures, Interval } from '../measurement.ts';
import type { StoreRole } from '../stores.ts';

/** What a gate counts in; a share is 0–1. */
export type Unit = 'ms' | 'writes' | 'share';

/** `at most`: the target is the most that is allowed; `at least`: the least. */
export type Bound = 'at most' | 'at least';

/** A setting of the drill file, and the least that it has to be. */
export interface Needs {
  /** `workload.rate` */
  readonly key: string;
  readonly rate_per_s: number;
}

/** What a gate has to say of one run. */
export interface Claim {
  readonly interval: Interval;
  /** Why it cannot be judged, although there may be a number. */
  readonly obstacle: string | null;
  /** What would take the obstacle away, where a key of the drill file does. */
  readonly needs?: Needs;
  /** Missed whatever the interval says: the age of a loss can round to nothing. */
  readonly isMissed?: boolean;
  /** Missed whatever is in doubt: what is certain is enough. */
  readonly isProved?: boolean;
  /** The run was stopped while it lasted, and nobody waited for its end. */
  readonly isStopped?: boolean;
  /** By a rule of its own, whatever the interval says; the reason is null for a pass. */
  readonly decided?: { readonly verdict: 'pass' | 'fail'; readonly reason: string | null };
}

/** What the file says of its targets besides the targets themselves. */
export interface TargetRules {
  readonly rto_from: 'fault' | 'effect' | 'declaration';
}

export interface GateDefinition<
  Name extends string = string,
  U extends Unit = Unit,
  Target extends z.ZodType<number | undefined> = z.ZodType<number | undefined>,
> {
  /** The key below `targets`: `rto`, `redis.rpo`. */
  readonly name: Name;
  /** What people call it within a sentence: `RTO`, `lost writes`. */
  readonly title: string;
  readonly unit: U;
  readonly bound: Bound;
  /** The key's values, with its help; optional or with a default where a file need not state it. */
  readonly target: Target;
  /** Whose doubts leave it open: those about one of these parts, or about the loss of one store. */
  readonly affectedBy: 'recovery' | 'failback' | 'loss' | StoreRole;
  /** It measures a wait: whatever ends a run early, the longest seen by then stands. */
  readonly isWait?: true;
  /** Of when the number speaks, where that is not the whole drill: `after the recovery`. */
  readonly when?: (of: { readonly disaster?: 'none' | undefined }) => string;
  /** What belongs to the target in words: `from the fault`. */
  readonly qualifier?: (rules: TargetRules) => string;
  /** A value in words of its own: `31 % slower`. */
  readonly words?: (value: number) => string;
  /** Null: a run does not judge it by itself. */
  readonly measure: (figures: Figures, target: number, rules: TargetRules) => Claim | null;
}

/** Keeps the exact types of an entry, from which the plan's targets follow. */
export function gate<
  const Name extends string,
  const U extends Unit,
  Target extends z.ZodType<number | undefined>,
>(entry: GateDefinition<Name, U, Target>): GateDefinition<Name, U, Target> {
  return entry;
}

/** Nothing was measured, for this reason. */
export function unmeasured(obstacle: string): Claim {
  return { interval: { value: null, low: null, high: null }, obstacle };
}

export function measured(interval: Interval): Claim {
  return { interval, obstacle: null };
}

export function exactly(value: number): Interval {
  return { value, low: value, high: value };
}

/** A value or a target for people, without what it counts: `2.31 s`, `12`, `95 %`. */
export function quantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'writes':
      return String(value);
    case 'share':
      return formatShare(value);
  }
}

/**
 * How far apart two values are, so that whoever subtracts what is shown of both gets the same:
 * shares are percentage points apart.
 */
export function distance(one: number, other: number, unit: Unit): string {
  const by = Math.abs(one - other);
  if (unit === 'share') return `${Number((100 * by).toPrecision(2))} points`;
  if (unit !== 'ms') return quantity(by, unit);
  const shown = Math.abs(roundAsShown(one) - roundAsShown(other));
  return formatDuration(shown > 0 ? shown : by);
}
