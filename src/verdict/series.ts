// What the trials of a drill say together: each target is judged over all of them, and the spread
// of the numbers shows what a single run could not. Pure.
import { medianOf, provenShare, trialsToProve } from '../base/statistics.ts';
import { neededOf, type TrialRule } from '../drill/file/schema-repeat.ts';
import { worstVerdict } from './exit-code.ts';
import type { Regression } from '../drill/regression.ts';
import { isWatched } from './gates.ts';
import type { FailureCode } from '../measure/measured.ts';
import { reasonOf } from './series-reason.ts';
import { sealProblems } from './series-seal.ts';
import type { Gate, Result, Verdict } from './result.ts';
import { regressionGates } from './series-regression.ts';
import {
  seriesTrial,
  surroundingsIn,
  type SeriesTrial,
  type Surroundings,
} from './series-trial.ts';

export type { SeriesTrial };

/** The confidence of every statement about outages that were not tried. */
export const CONFIDENCE = 0.95;
/** The share of outages that people ask about. */
export const SHARE_ASKED = 0.95;

export interface SeriesResult {
  readonly schema: 'drill.series-result/1';
  readonly id: string;
  readonly drill: Omit<Result['drill'], 'seed' | 'trial' | 'drawn'>;
  readonly verdict: Verdict;
  /** Worst first, each a sentence. */
  readonly reasons: readonly string[];
  readonly planned: number;
  readonly made: number;
  readonly rule: TrialRule;
  /** How many of the planned trials have to meet a target. */
  readonly needed: number;
  readonly gates: readonly SeriesGate[];
  /** From the fault, of all trials that watched it. */
  readonly rto_ms: Summary | null;
  readonly phases: readonly { readonly name: string; readonly ms: Summary | null }[];
  /** What the first of them was measured with and on: all are alike, or the verdict is open. */
  readonly surroundings: Surroundings;
  /** In the order in which they were made. */
  readonly trials: readonly SeriesTrial[];
}

/**
 * A value over the `of` trials that have one. The median is one that was measured: of two in the
 * middle the higher. Null: a wait that never ended, which counts as the longest.
 */
export interface Summary {
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
  readonly of: number;
}

export interface SeriesGate extends Pick<Gate, 'name' | 'unit' | 'bound' | 'target'> {
  readonly verdict: Gate['verdict'];
  readonly met: number;
  readonly missed: number;
  /** What could not be judged, was not made, or does not count any more. */
  readonly open: number;
  readonly measured: Summary | null;
  /** The value that the rule asks for: of the worst trial, the one in the middle. */
  readonly decided: number | null;
  /**
   * So large a share of such outages meets the target at least, 0–1, with 95 % confidence; null:
   * trials of one seed are one and the same outage, and prove nothing of others.
   */
  readonly proves: number | null;
  readonly reason: string | null;
  /** Only of `rto_regression`, which all trials meet or miss together. */
  readonly regression?: Regression;
}

/** How many trials, all of them met, would prove the share that people ask about. */
export const TRIALS_ASKED = trialsToProve(SHARE_ASKED, CONFIDENCE);

interface SeriesOf {
  readonly id: string;
  readonly rule: TrialRule;
  /** Of the trials of one drill, in their order; null: not made, or it does not count. */
  readonly trials: readonly (Result | null)[];
  /** How many of those that are null were made, and were removed or changed since. */
  readonly uncounted?: number;
}

/** Null before the first trial has a result. */
export function judgeSeries({ id, rule, trials, uncounted = 0 }: SeriesOf): SeriesResult | null {
  const made = trials.filter((result) => result !== null);
  const [first] = made;
  if (first === undefined) return null;
  const needed = neededOf(rule, trials.length);
  const asked = mostOf(made.map((result) => result.gates));
  const of = { made, planned: trials.length, uncounted, needed };
  const own = asked.map((gate) => seriesGate(gate, of));
  const gates = [...own, ...regressionGates(trials)];
  const found = [...gateFindings(gates), ...beyondGates(made), ...unlikeFindings(made)];
  found.push(...sealProblems(id, trials, needed).map(undecided));
  const open = found.some(({ verdict }) => verdict === 'inconclusive') ? openFindings(made) : [];
  const all = [...found, ...open];
  // A finding is what speaks against a pass.
  const verdict = worstVerdict(['pass', ...all.map((each) => each.verdict)]);
  const { seed: _, trial: __, drawn: ___, ...drill } = first.drill;
  const phases = mostOf(made.map(({ recovery }) => recovery?.phases ?? []));
  return {
    schema: 'drill.series-result/1',
    id,
    drill,
    verdict,
    reasons: [...new Set([...all].sort(worstFirst).map(({ reason }) => reason))],
    planned: trials.length,
    made: made.length,
    rule,
    needed,
    gates,
    rto_ms: summaryOf(made.flatMap((result) => rtoOf(result) ?? [])),
    phases: phases.map((phase) => ({ name: phase.name, ms: summaryOf(phaseOf(phase.name, made)) })),
    surroundings: surroundingsIn(first),
    trials: made.map(seriesTrial),
  };
}

interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
}

function worstFirst(one: Finding, other: Finding): number {
  if (one.verdict === other.verdict) return 0;
  return worstVerdict([one.verdict, other.verdict]) === one.verdict ? -1 : 1;
}

/** Failures of a trial that a rule such as "9 of 10" may make good; all others harmed data. */
const TOLERABLE: readonly FailureCode[] = [
  'target-missed',
  'recovery-step-failed',
  'failback-step-failed',
  // These beside a missed target leave the trial open by themselves.
  'environment-failed',
  'not-declared',
  'disturbed-before',
  'stop-condition',
];

/**
 * A trial that is inconclusive, or broke off, meets no target, whatever its numbers look like; what
 * it missed it missed all the same. One that failed by more than its targets missed all of them.
 * Null: it is open.
 */
function standingOf({ verdict, gates, failures }: Result, name: string): Gate['verdict'] | null {
  const gate = gates.find((each) => each.name === name)?.verdict ?? null;
  if (verdict === 'pass' || gate === 'fail') return gate;
  if (verdict !== 'fail') return null;
  const isByTargets = failures.every(({ code }) => code === 'target-missed');
  return failures.length > 0 && isByTargets ? gate : 'fail';
}

interface Trials {
  readonly made: readonly Result[];
  readonly planned: number;
  readonly uncounted: number;
  readonly needed: number;
}

function seriesGate(
  { name, unit, bound, target }: Gate,
  { made, planned, uncounted, needed }: Trials,
): SeriesGate {
  const standings = made.map((result) => standingOf(result, name));
  const met = standings.filter((each) => each === 'pass').length;
  const missed = standings.filter((each) => each === 'fail').length;
  const verdict = met >= needed ? 'pass' : planned - missed < needed ? 'fail' : 'inconclusive';
  const known = made.flatMap(({ gates }) => measuredOf(gates.find((gate) => gate.name === name)));
  const isWhole = known.length === planned;
  const bestFirst = known.toSorted((a, b) => (bound === 'at least' ? b - a : a - b));
  const decided = isWhole ? bestFirst[needed - 1]! : Infinity;
  const seeds = new Set(made.map(({ drill }) => drill.seed));
  const open = planned - met - missed;
  const lacking = planned - made.length;
  const came = { met, missed, open: open - lacking, unmade: lacking - uncounted, uncounted };
  const counts = { name, needed, planned, ...came };
  return {
    name,
    unit,
    bound,
    target,
    verdict,
    met,
    missed,
    open,
    measured: summaryOf(known),
    decided: Number.isFinite(decided) ? decided : null,
    // What could not be judged may have missed.
    proves: seeds.size < made.length ? null : provenShare(met, planned, CONFIDENCE),
    reason: verdict === 'pass' ? null : reasonOf(counts),
  };
}

/** A trial that broke off early has less to list than the others. */
function mostOf<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return lists.reduce((most, list) => (list.length > most.length ? list : most), []);
}

function gateFindings(gates: readonly SeriesGate[]): Finding[] {
  if (gates.length === 0) return [{ verdict: 'inconclusive', reason: 'No trial was measured.' }];
  return gates.flatMap(({ verdict, reason }) => (reason === null ? [] : [{ verdict, reason }]));
}

const ALWAYS: readonly Verdict[] = ['internal', 'unclean'];

/** What no rule about targets makes good: harm that is proved, and a mess that is left. */
function beyondGates(made: readonly Result[]): Finding[] {
  return made.flatMap(({ id, verdict, failures, reasons }): Finding[] => {
    if (ALWAYS.includes(verdict)) return [{ verdict, reason: `${id}: ${reasons[0] ?? verdict}` }];
    if (verdict !== 'fail') return [];
    const harm = failures.find(({ code }) => !TOLERABLE.includes(code));
    // One that does not say why may have harmed anything.
    const isKnown = failures.length > 0 && harm === undefined;
    return isKnown ? [] : [{ verdict, reason: `${id}: ${harm?.text ?? reasons[0] ?? verdict}` }];
  });
}

/** Why trials are open where a target is: the environment's trouble has an exit code of its own. */
function openFindings(made: readonly Result[]): Finding[] {
  const open: readonly Verdict[] = ['environment', 'interrupted', 'inconclusive'];
  return made
    .filter(({ verdict }) => open.includes(verdict))
    .map(({ id, verdict, reasons }) => {
      // That somebody stopped one says nothing of those that came after it.
      const as = verdict === 'interrupted' ? 'inconclusive' : verdict;
      return { verdict: as, reason: `${id}: ${reasons[0] ?? verdict}` };
    });
}

/** Trials on unlike systems measure no one thing. */
function unlikeFindings(made: readonly Result[]): Finding[] {
  const systems = made.flatMap(({ runtime, drill_version: drill }) => {
    if (runtime === null) return [];
    const by = drill === undefined ? '' : `, drill ${drill}`;
    return [`${runtime.kind}, PostgreSQL ${runtime.postgres}, proxy ${runtime.proxy}${by}`];
  });
  const kinds = [...new Set(systems)];
  if (kinds.length < 2) return [];
  const reason = `The trials ran on unlike systems: ${kinds.join('; ')}.`;
  return [undecided(reason)];
}

function undecided(reason: string): Finding {
  return { verdict: 'inconclusive', reason };
}

/** Infinity stands for a wait that never ended. */
function summaryOf(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const shown = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    min: shown(sorted[0]!),
    median: shown(medianOf(sorted)!),
    max: shown(sorted.at(-1)!),
    of: sorted.length,
  };
}

/** Null: nobody watched it. */
function rtoOf({ recovery, verdict }: Result): number | null {
  if (recovery === null) return null;
  return recovery.rto_ms ?? (isWatched(recovery, verdict) ? Infinity : null);
}

/** A target that was missed without a number is a wait that never ended. */
function measuredOf(gate: Gate | undefined): number[] {
  if (gate === undefined) return [];
  const isEndless = gate.measured === null && gate.verdict === 'fail' && gate.unit === 'ms';
  return isEndless ? [Infinity] : gate.measured === null ? [] : [gate.measured];
}

function phaseOf(name: string, made: readonly Result[]): number[] {
  return made.flatMap(({ recovery }) => {
    return recovery?.phases.find((phase) => phase.name === name)?.ms ?? [];
  });
}
