// Finished runs, made into a comparison: repeats of a drill are put together, drills are ordered
// from cold to hot, and what differs between them besides the strategy is found. Pure.
import { sha256 } from '../host/sha256.ts';
import { conditionsOf } from '../drill/plan/conditions.ts';
import type { Plan } from '../drill/plan/plan.ts';
import { STRATEGIES } from '../drill/names.ts';
import type { Interval } from '../drill/measurement.ts';
import type {
  ComparedDrill,
  ComparedRun,
  Comparison,
  Difference,
  Spread,
} from '../verdict/comparison.ts';
import { worstVerdict } from '../verdict/exit-code.ts';
import type { Result, ResultStoreLoss, Verdict } from '../verdict/result.ts';
import { isWatched } from '../verdict/gates.ts';
import { costOf, medianCost, numberOf } from './standing-cost.ts';

export interface FinishedRun {
  readonly result: Result;
  /** Null where it cannot be read. */
  readonly plan: Plan | null;
  /** Alike for all runs of one drill; null where it is not known. */
  readonly plan_hash: string | null;
  /** In what the stored result is not what the evidence gives; null: it agrees, or is new. */
  readonly differs: string | null;
  /** The directory as it is to be printed. */
  readonly directory: string;
}

/** `runs` are one or more; `notMade` were asked for and not made. */
export function compareRuns(runs: readonly FinishedRun[], notMade = 0): Comparison {
  const groups = groupsOf(runs);
  const labels = labelsOf(groups);
  const worst = (each: readonly FinishedRun[]) =>
    worstVerdict(each.map(({ result }) => result.verdict));
  const labelled = groups.flatMap((group, at) => group.map((run) => [labels[at]!, run] as const));
  const known = labelled.flatMap(([label, run]) => {
    const conditions = allConditions(run);
    return conditions === null ? [] : [{ label, conditions }];
  });
  const unknown = labelled.filter(([, { plan }]) => plan === null).map(([label]) => label);
  return {
    schema: 'drill.compare/1',
    verdict: worst(runs),
    drills: groups.map((group, at) => comparedDrill(group, labels[at]!, worst(group))),
    conditions: commonConditions(known),
    differences: differencesOf(known),
    unknown_conditions: [...new Set(unknown)],
    not_made: notMade,
  };
}

/** A drill, by its label, and the conditions of one of its runs or of what is to be run. */
export interface Labelled {
  readonly label: string;
  readonly conditions: ReadonlyMap<string, string>;
}

/** What a condition that is not there means; of all others: a strategy has no such thing. */
const UNSTATED: Readonly<Record<string, string>> = { 'topology.data': 'none' };

/** Each key that not all have alike; what one does not have at all is not compared. */
export function differencesOf(all: readonly Labelled[]): Difference[] {
  return keysOf(all).flatMap((key): Difference[] => {
    const byValue = new Map<string, Set<string>>();
    for (const { label, conditions } of all) {
      const value = conditions.get(key) ?? UNSTATED[key];
      if (value === undefined) continue;
      byValue.set(value, (byValue.get(value) ?? new Set()).add(label));
    }
    if (byValue.size < 2) return [];
    const values = [...byValue].map(([value, drills]) => ({ value, drills: [...drills] }));
    return [{ key, values }];
  });
}

function commonConditions(all: readonly Labelled[]): Record<string, string> {
  const different = new Set(differencesOf(all).map(({ key }) => key));
  const pairs = keysOf(all).flatMap((key) => {
    const value = all.map(({ conditions }) => conditions.get(key)).find((one) => one !== undefined);
    return different.has(key) || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}

function keysOf(all: readonly Labelled[]): string[] {
  return [...new Set(all.flatMap(({ conditions }) => [...conditions.keys()]))];
}

/** The conditions of the plan, and of what the run was made on. */
function allConditions({ plan, result }: FinishedRun): ReadonlyMap<string, string> | null {
  if (plan === null) return null;
  const { runtime } = result;
  if (runtime === null) return conditionsOf(plan);
  const made = { runtime: runtime.kind, PostgreSQL: runtime.postgres, proxy: runtime.proxy };
  return new Map([...conditionsOf(plan), ...Object.entries(made)]);
}

/** Runs of one drill, in the order given. */
type Group = [FinishedRun, ...FinishedRun[]];

/** From cold to hot, then by name. */
function groupsOf(runs: readonly FinishedRun[]): Group[] {
  const groups = new Map<string, FinishedRun[]>();
  for (const run of runs) {
    const key = runtimeKey(run, runs);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const rank = ([{ result }]: Group) => {
    const at = STRATEGIES.findIndex((one) => one === result.drill.strategy);
    return at === -1 ? STRATEGIES.length : at;
  };
  const name = ([{ result }]: Group) => result.drill.name;
  return ([...groups.values()] as Group[]).toSorted(
    (a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : Number(name(a) > name(b))),
  );
}

/** A run that never came up has no runtime: it stands with the others of its drill. */
function runtimeKey(run: FinishedRun, runs: readonly FinishedRun[]): string {
  const drill = drillKey(run);
  const ofDrill = [run, ...runs.filter((other) => drillKey(other) === drill)];
  const up = ofDrill.find(({ result }) => result.runtime !== null);
  return `${up?.result.runtime?.kind ?? ''} ${drill}`;
}

function drillKey({ result, plan_hash }: FinishedRun): string {
  const { name, strategy, sha256 } = result.drill;
  return JSON.stringify([name, strategy, sha256, plan_hash]);
}

function labelsOf(groups: readonly Group[]): string[] {
  const names = groups.map(([{ result }]) => result.drill.name);
  return groups.map(([{ result }], at) => {
    const isShared = names.filter((name) => name === names[at]).length > 1;
    return isShared ? `${result.drill.name} (${result.id.slice(-4)})` : result.drill.name;
  });
}

function comparedDrill(group: Group, label: string, verdict: Verdict): ComparedDrill {
  const runs = group.map(comparedRun);
  const rtos = runs.map(({ rto_ms }) => rto_ms);
  const rpos = runs.map(({ rpo_ms }) => rpo_ms);
  const lost = runs.map((run) => run.lost);
  const rto_ms = spreadOf(rtos, longestLast);
  const failback_rto_ms = spreadOf(
    group.map(({ result }) => failbackRtoOf(result)),
    longestLast,
  );
  // Null equals null: of a drill that never measured an RTO, whatever its first run has.
  const median = Math.max(0, rtos.indexOf(rto_ms?.median ?? null));
  return {
    strategy: group[0].result.drill.strategy,
    name: group[0].result.drill.name,
    label,
    verdict,
    ...(group[0].result.drill.disaster === 'none' ? { disaster: 'none' } : {}),
    targets: group[0].result.gates.map(({ name, unit, target }) => ({ name, unit, target })),
    runs,
    rto_ms,
    rto_range_ms: rangeOf(rtos),
    rpo_ms: spreadOf(rpos, longestLast),
    lost: spreadOf(lost, ascending),
    ...(failback_rto_ms === null ? {} : { failback_rto_ms }),
    phases: group[median]!.result.recovery?.phases ?? [],
    besides: mostOf(group.flatMap(({ result }) => besidesOf(result))),
    besides_open: [...new Set(group.flatMap(({ result }) => openIn(result)))],
    cost: medianCost(group.map(({ result }) => costOf(result))),
  };
}

function comparedRun(run: FinishedRun): ComparedRun {
  const { result, directory, differs: unverified } = run;
  const { id, verdict, reasons } = result;
  const figures = { rto_ms: rtoOf(result), rpo_ms: rpoOf(result), lost: result.loss?.lost ?? null };
  return { id, directory, unverified, verdict, reasons, ...figures };
}

const ascending = (a: number, b: number) => a - b;

function longestLast(a: Interval, b: Interval): number {
  const [left, right] = [a.value ?? Infinity, b.value ?? Infinity];
  return left === right ? (a.low ?? 0) - (b.low ?? 0) : left - right;
}

/** From the least to the most of all runs, whose error bars need not be alike. */
function rangeOf(intervals: readonly (Interval | null)[]): ComparedDrill['rto_range_ms'] {
  const known = intervals.filter((interval) => interval !== null);
  if (known.length === 0) return null;
  const low = Math.min(...known.map((one) => one.low ?? one.value ?? Infinity));
  const high = Math.max(...known.map((one) => one.high ?? Infinity));
  const finite = (ms: number) => (Number.isFinite(ms) ? ms : null);
  return { low: finite(low), high: finite(high) };
}

function spreadOf<T extends Interval | number>(
  values: readonly (T | null)[],
  order: (a: T, b: T) => number,
): Spread<T> | null {
  const sorted = values.filter((value) => value !== null).toSorted(order);
  const [min] = sorted;
  if (min === undefined) return null;
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return { min, median, max: sorted.at(-1)!, runs: sorted.length };
}

function mostOf(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const [name, count] of counts) most[name] = Math.max(most[name] ?? 0, count);
  return most;
}

/** Alike for all trials of a plan, whatever their seed, what was drawn from it, who set a value. */
export function planHash(plan: Plan): string {
  const { seed: _, trial: __, outside: ___, faults, ...rest } = plan;
  const undrawn = { ...rest, faults: faults.map((fault) => ({ ...fault, at_ms: null })) };
  return sha256(JSON.stringify(undrawn));
}

/**
 * From the fault, whatever clock the drill's gate uses, so that all are comparable and the phases
 * add up to it. Service that never came back has no value, and the time that it was waited for as
 * its lower end. Null: not measured.
 */
function rtoOf({ recovery, gates, verdict }: Result): Interval | null {
  if (recovery === null) return null;
  const gate = gates.find(({ name }) => name === 'rto');
  const { rto_ms: value, uncertainty_ms, rto_high_ms } = recovery;
  if (value === null) {
    const isDisturbed = recovery.disturbed_before_ms !== undefined;
    // Of a run that was stopped, a wait that was too long already is known.
    const isTooLong = verdict === 'fail' && gate?.verdict === 'fail';
    const isKnown = isTooLong || isWatched(recovery, verdict);
    if (isDisturbed || !isKnown) return null;
    return { value, low: recovery.rto_low_ms ?? null, high: null };
  }
  if (gate?.measured === value) return { value, low: gate.low, high: gate.high };
  const high = rto_high_ms ?? value;
  return { value, low: uncertainty_ms === null ? null : high - uncertainty_ms, high };
}

function failbackRtoOf({ failback, verdict }: Result): Interval | null {
  if (failback === null || failback.disturbed_before_ms !== undefined) return null;
  const { rto_ms: value, uncertainty_ms } = failback;
  if (value === null) {
    return isWatched(failback, verdict) ? { value, low: null, high: null } : null;
  }
  return { value, low: uncertainty_ms === null ? null : value - uncertainty_ms, high: value };
}

function rpoOf({ loss }: Result): Interval | null {
  const value = numberOf(loss?.rpo_ms);
  return value === null ? null : { value, low: value, high: numberOf(loss?.rpo_high_ms) };
}

const BESIDES = [
  'late',
  'intended',
  'diverged',
  'split_brain',
  'unexpected',
  'corrupt',
  'duplicated',
  'wrong_reads',
] as const satisfies readonly (keyof ResultStoreLoss)[];

/** Writes, besides the lost ones, that are not simply kept, refused or unknown; 0 is left out. */
function besidesOf({ loss }: Result): [string, number][] {
  if (loss === null) return [];
  return BESIDES.flatMap((name) => {
    const writes = loss[name] === null ? (loss.split_brain_low ?? 0) : (loss[name] ?? 0);
    return writes > 0 ? [[name, writes]] : [];
  });
}

/** Of which nobody knows how many there are. */
function openIn({ loss }: Result): string[] {
  return loss === null ? [] : BESIDES.filter((name) => loss[name] === null);
}
