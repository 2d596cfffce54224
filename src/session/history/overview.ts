// How each drill went over time: its executions, oldest first, and each target over them.
import type { RunFacts } from '../../evidence/history-form.ts';
import { machineOf, type History, type PastRun } from '../../archive/history/history.ts';
import { chanceOfSlower, factorOf, leastChance } from '../../base/rank-test.ts';
import { medianOf } from '../../base/statistics.ts';
import { REGRESSION_LEVEL } from '../../drill/regression.ts';
import { worstVerdict } from '../../verdict/exit-code.ts';
import type { Gate, Verdict } from '../../verdict/result.ts';
import type { SeriesGate, SeriesResult } from '../../verdict/series.ts';
import { readSeries } from '../series-files.ts';
import { judgedOf, readTrials } from '../series-results.ts';
import { executionsOf, type Execution } from './past-runs.ts';

/**
 * A drill by name, on one runtime, of one strategy and size: another measures another thing. What
 * another machine tells of it stands by itself: it has other times, and is only told.
 */
export interface DrillHistory {
  readonly name: string;
  readonly strategy: string;
  readonly runtime: string;
  /** The size of its databases (`topology.data`); null: they have no rows of their own. */
  readonly data: string | null;
  /** The machine that tells of it; null: it is known here. */
  readonly machine: string | null;
  readonly runs: number;
  /** Runs whose result is not as it was written; they count for nothing. */
  readonly unverified: number;
  readonly executions: readonly Execution[];
  readonly verdict: Verdict;
  readonly gates: readonly GateHistory[];
}

export interface GateHistory extends Pick<Gate, 'name' | 'unit' | 'bound' | 'target' | 'verdict'> {
  /** Of each execution the middle; null: not measured. Infinity: never ended. */
  readonly values: readonly (number | null)[];
  readonly last: number | null;
  readonly median: number | null;
  readonly trend: Trend | null;
}

/** The newest runs against those before them; `chance` is that of such a difference by itself. */
export interface Trend {
  readonly way: 'slower' | 'faster' | 'steady';
  readonly by: number;
  readonly chance: number;
}

export function isVerified({ verified, standing }: PastRun): boolean {
  return verified && standing !== 'changed';
}

/** By name; `folder` is that of the runs. */
export function drillHistories(folder: string, history: History): DrillHistory[] {
  const groups = new Map<string, PastRun[]>();
  const usual = new Map(
    history.runs.flatMap((run) => (run.runtime === null ? [] : [[kindOf(run), run.runtime]])),
  );
  for (const run of history.runs) {
    // One that nothing was brought up for was to run where the others did.
    const runtime = run.runtime ?? usual.get(kindOf(run)) ?? null;
    const key = JSON.stringify([kindOf(run), runtime, machineOf(run)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const all = [...groups.values()].map((runs) => drillHistory(folder, runs));
  const placeOf = ({ name, machine }: DrillHistory) => [name, machine ?? ''].join('\n');
  return all.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : Number(placeOf(a) > placeOf(b))));
}

function kindOf({ drill: { name, strategy }, data }: PastRun): string {
  return JSON.stringify([name, strategy, data]);
}

function drillHistory(folder: string, runs: readonly PastRun[]): DrillHistory {
  const newest = runs.at(-1)!;
  const executions = executionsOf(runs);
  const last = executions.at(-1)!;
  const sound = executionsOf(runs.filter(isVerified));
  return {
    name: newest.drill.name,
    strategy: newest.drill.strategy,
    runtime: runs.findLast((run) => run.runtime !== null)?.runtime ?? 'nothing',
    data: newest.data,
    machine: machineOf(newest),
    runs: runs.length,
    unverified: runs.filter((run) => !isVerified(run)).length,
    executions,
    verdict: verdictOf(folder, last),
    gates: [
      ...mostOf(last.runs.map(({ gates }) => gates)).map((gate) => gateHistory(gate, last, sound)),
      ...togetherHistory(folder, last, sound),
    ],
  };
}

/** A series is judged from the files of its runs: of so many executions at most. */
const TOGETHER_MOST = 20;

/** Targets that all trials of a series meet or miss together; no run has them by itself. */
function togetherHistory(
  folder: string,
  last: Execution,
  executions: readonly Execution[],
): GateHistory[] {
  const together = judgedSeries(folder, last)?.gates.filter(isTogether) ?? [];
  if (together.length === 0) return [];
  const newest = executions.slice(-TOGETHER_MOST).map((execution) => {
    return { execution, gates: judgedSeries(folder, execution)?.gates ?? [] };
  });
  return together.map(({ name, unit, bound, target, verdict }) => {
    const values = newest.map(({ execution: { isSeries, runs }, gates }) => {
      const own = gates.find((gate) => gate.name === name);
      if (isSeries) return own?.decided ?? null;
      return middleOf(runs.flatMap((run) => valueOf(run, name)));
    });
    const median = middleOf(values.filter((value) => value !== null));
    const shown = { values, last: values.at(-1) ?? null, median, trend: null };
    return { name, unit, bound, target, verdict, ...shown };
  });
}

function isTogether({ regression }: SeriesGate): boolean {
  return regression !== undefined;
}

/**
 * Of a series what its rule says of all trials, where its file and its runs are still there, or
 * what another machine says that it came to. With a
 * run that is not as it was written nothing passed; what was missed was missed.
 */
export function verdictOf(folder: string, execution: Execution): Verdict {
  const { runs } = execution;
  const told = runs[0].told?.verdict ?? null;
  if (!runs.every(isVerified)) {
    return runs.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'inconclusive';
  }
  const own = judgedSeries(folder, execution);
  return own?.verdict ?? told ?? worstVerdict(runs.map(({ verdict }) => verdict));
}

/** What the trials of an execution say together; null: it is no series, or its files are gone. */
function judgedSeries(folder: string, { runs }: Execution): SeriesResult | null {
  // One run that is left of a series is no execution by itself.
  const { series, standing } = runs[0];
  const file = series === null || standing === 'elsewhere' ? null : readSeries(folder, series);
  const judged = file === null ? [] : judgedOf(readTrials(file));
  // A drill may be in a series at several sizes, each of which is judged by itself.
  const isIn = new Set(runs.map(({ id }) => id));
  return judged.find(({ trials }) => trials.some(({ run }) => isIn.has(run))) ?? null;
}

function mostOf<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return lists.reduce((most, list) => (list.length > most.length ? list : most), []);
}

type EntryGate = PastRun['gates'][number];

function gateHistory(
  { name, unit, bound, target }: EntryGate,
  last: Execution,
  executions: readonly Execution[],
): GateHistory {
  const samples = executions.map(({ runs }) => runs.flatMap((run) => valueOf(run, name)));
  const values = samples.map((own) => middleOf(own));
  const own = last.runs.flatMap(
    (run) => run.gates.find((gate) => gate.name === name)?.verdict ?? [],
  );
  const verdict = own.includes('fail')
    ? 'fail'
    : own.every((each) => each === 'pass')
      ? 'pass'
      : 'inconclusive';
  return {
    name,
    unit,
    bound,
    target,
    verdict,
    values,
    last: values.at(-1) ?? null,
    median: middleOf(values.filter((value) => value !== null)),
    trend: unit === 'ms' ? trendOf(samples) : null,
  };
}

/** A wait that was missed without a number never ended. */
function valueOf(run: PastRun, name: string): number[] {
  const gate = run.gates.find((each) => each.name === name);
  if (gate === undefined) return [];
  const isEndless = gate.measured === null && gate.verdict === 'fail' && gate.unit === 'ms';
  return isEndless ? [Infinity] : gate.measured === null ? [] : [gate.measured];
}

export function middleOf(values: readonly number[]): number | null {
  return medianOf(values.toSorted((a, b) => (a === b ? 0 : a < b ? -1 : 1)));
}

const NEWEST = 5;
const BEFORE = 20;

/** The newest execution, or the newest five runs, against the twenty runs before. */
function trendOf(samples: readonly (readonly number[])[]): Trend | null {
  const known = samples.filter((own) => own.length > 0);
  let from = known.length - 1;
  let now = known.slice(from).flat();
  while (now.length < NEWEST && from > 0) now = known.slice(--from).flat();
  const past = known.slice(0, Math.max(0, from)).flat().slice(-BEFORE);
  if (leastChance(now.length, past.length) > REGRESSION_LEVEL) return null;
  const by = factorOf(now, past)! - 1;
  const [slower, faster] = [chanceOfSlower(now, past), chanceOfSlower(past, now)];
  if (slower <= REGRESSION_LEVEL) return { way: 'slower', by, chance: slower };
  if (faster <= REGRESSION_LEVEL) return { way: 'faster', by, chance: faster };
  return { way: 'steady', by, chance: Math.min(slower, faster) };
}

export interface Changed {
  /** Such as `targets`, `PostgreSQL`, `machine`, `drill file`. */
  readonly key: string;
  readonly before: string;
  readonly now: string;
}

interface Facts {
  readonly sha256: string;
  /** Null where they are not known. */
  readonly facts: RunFacts | null;
}

/** What is different between two runs, or a run and what would be run now. */
export function changesBetween(before: Facts, now: Facts): Changed[] {
  const changed: Changed[] = [];
  const compare = (key: string, one: string | null, other: string | null) => {
    if (one !== other) changed.push({ key, before: one ?? 'none', now: other ?? 'none' });
  };
  compare('drill file', before.sha256.slice(0, 12), now.sha256.slice(0, 12));
  const [one, other] = [before.facts, now.facts];
  if (one === null || other === null) return changed;
  for (const part of ['conditions', 'versions', 'settings'] as const) {
    for (const key of new Set([...Object.keys(one[part]), ...Object.keys(other[part])])) {
      compare(key, one[part][key] ?? null, other[part][key] ?? null);
    }
  }
  compare('machine', one.machine, other.machine);
  return changed;
}
