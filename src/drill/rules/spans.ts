// When a fault of a drill file can begin and end, and whether two of them can meet.
import type { DrillFault } from '../fault/registry.ts';
import type { Drill } from '../file/schema.ts';
import { beginsByMs } from '../plan/disaster.ts';

/** Between which times it begins and ends; Infinity: not before the end of the run. */
export interface Span {
  readonly begins: readonly [first_ms: number, last_ms: number];
  readonly ends: readonly [first_ms: number, last_ms: number];
}

/** What the time of a fault follows from. */
type Timed = Parameters<typeof beginsByMs>[0] & Pick<DrillFault, 'for'>;

/** After the steady state; what is there beforehand began before the warm-up. */
export function spanOf(fault: Timed, { steady, warm_up }: Drill): Span {
  const { at, for: lasts_ms = Infinity } = fault;
  const begins: Span['begins'] = at.beforehand
    ? [-steady.for - warm_up.at_most, -steady.for]
    : [at.from_ms, beginsByMs(fault)];
  return { begins, ends: [begins[0] + lasts_ms, begins[1] + lasts_ms] };
}

/** Whether the one can begin while the other one lasts. */
export function beginsWithin(one: Span, other: Span): boolean {
  return one.begins[1] >= other.begins[0] && one.begins[0] < other.ends[1];
}

/** Whether the one can be healed while the other one lasts. */
export function endsWithin(one: Span, other: Span): boolean {
  return one.ends[1] > other.begins[0] && one.ends[0] < other.ends[1];
}

export function overlap(one: Span, other: Span): boolean {
  return one.begins[0] < other.ends[1] && other.begins[0] < one.ends[1];
}

/** Whether the one lasts all the time that the other can. */
export function covers(one: Span, other: Span): boolean {
  return one.begins[1] <= other.begins[0] && other.ends[1] <= one.ends[0];
}
