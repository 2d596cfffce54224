// The loss of all stores together: sums, the worst of each reach, and the ids with their stores.
import type { Id, Interval, Loss, SecondOpinion, StoreLoss } from '../../drill/measurement.ts';
import { STORES } from '../../drill/stores.ts';
import { LOST_IDS_MAX } from './loss.ts';

/** Null when one of the stores could not be counted: a part is not the whole. */
export function totalLoss(stores: readonly StoreLoss[]): Loss | null {
  const known = stores.flatMap(({ store, loss }) => (loss === null ? [] : [{ store, loss }]));
  if (known.length < stores.length || known.length === 0) return null;
  if (known.length === 1) return known[0]!.loss;
  const losses = known.map(({ loss }) => loss);
  const sum = (of: (loss: Loss) => number) => losses.reduce((total, loss) => total + of(loss), 0);
  const named = (of: (loss: Loss) => readonly Id[]) =>
    known.flatMap(({ store, loss }) => of(loss).map((id) => ({ ...id, store })));
  return {
    outcomes: sumOf(losses.map(({ outcomes }) => outcomes)),
    classes: sumOf(losses.map(({ classes }) => classes)),
    split_brain: sum(({ split_brain }) => split_brain),
    split_brain_possible: sum(({ split_brain_possible }) => split_brain_possible),
    split_brain_missing:
      losses.find((loss) => loss.split_brain_missing)?.split_brain_missing ?? null,
    lost_bytes: sum(({ lost_bytes }) => lost_bytes),
    rpo: worst(losses.map(({ rpo }) => rpo)),
    rpo_after_return_ms: afterReturn(losses),
    lost_after_recovery: sum(({ lost_after_recovery }) => lost_after_recovery),
    lost_ids: named(({ lost_ids }) => lost_ids).slice(0, LOST_IDS_MAX),
    violation_ids: {},
    second: secondOf(losses),
    second_missing: missingOf(known),
    wrong_reads: sum(({ wrong_reads }) => wrong_reads),
    acknowledged_before: Math.min(...losses.map((loss) => loss.acknowledged_before)),
  };
}

function sumOf<T extends Readonly<Record<string, number>>>(counts: readonly T[]): T {
  const names = Object.keys(counts[0]!);
  const sums = names.map((name) => [name, counts.reduce((sum, each) => sum + each[name]!, 0)]);
  return Object.fromEntries(sums) as T;
}

function worst(intervals: readonly Interval[]): Interval {
  const most = (values: readonly (number | null)[]) =>
    values.some((value) => value === null) ? null : Math.max(...(values as number[]));
  return {
    value: most(intervals.map(({ value }) => value)),
    low: most(intervals.map(({ low }) => low)),
    high: most(intervals.map(({ high }) => high)),
  };
}

/** A store whose region did not return counts with what it lost. */
function afterReturn(losses: readonly Loss[]): number | null {
  if (losses.every((loss) => loss.rpo_after_return_ms === null)) return null;
  return worst(
    losses.map(({ rpo, rpo_after_return_ms: value }) => {
      return { ...rpo, value: value ?? rpo.value };
    }),
  ).value;
}

/** Null unless every store has one. */
function secondOf(losses: readonly Loss[]): SecondOpinion | null {
  const opinions = losses.flatMap(({ second }) => (second === null ? [] : [second]));
  if (opinions.length < losses.length) return null;
  const counts = opinions.map(({ only_old, unknown, unexplained, never_durable }) => {
    return { only_old, unknown, unexplained, never_durable };
  });
  return { ...sumOf(counts), agrees: opinions.every(({ agrees }) => agrees) };
}

function missingOf(known: readonly StoreLoss[]): string | null {
  const missing = known.flatMap(({ store, loss }) => {
    const reason = loss?.second_missing ?? null;
    return reason === null ? [] : [`${STORES[store].title}: ${reason}`];
  });
  return missing.length === 0 ? null : missing.join('; ');
}
