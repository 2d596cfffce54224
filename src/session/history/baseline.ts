// The past that a drill is held against: of its own history, or of a file that is committed; and
// that file, made of the history.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isFolder } from '../../host/files.ts';
import { planConditions } from '../../archive/history/history-entry.ts';
import type { RunFacts } from '../../evidence/history-form.ts';
import { dataOf, type History, type PastRun } from '../../archive/history/history.ts';
import {
  BASELINE_MOST,
  BASELINE_USUAL,
  baselineFile,
  type BaselineFile,
  type BaselineSample,
  type ChosenBaseline,
} from '../../drill/baseline.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { runtimeNamed } from '../../drill/file/runtimes.ts';
import { fitted } from '../../drill/misfit.ts';
import { UserError } from '../../screen/user-error.ts';

import type { DrillRead } from '../read.ts';
import { executionsOf, historyOf, newestComparable, type Wanted } from './past-runs.ts';

interface Place {
  readonly runs: string;
  /** Files are relative to it. */
  readonly directory: string;
}

/** The drill with its past, where a target asks for it. Throws as `baselineOf` does. */
export function withBaseline(drill: DrillRead, spec: string, place: Place): DrillRead {
  if (drill.plan.targets.rto_regression === null) return drill;
  return { ...drill, baseline: baselineOf(drill, spec, place) };
}

/** The past of a drill. Throws a `UserError` for a file that cannot be one, or is of another. */
export function baselineOf(drill: DrillRead, spec: string, place: Place): ChosenBaseline {
  const { plan } = drill;
  const { rto_from, rto_regression } = plan.targets;
  const wanted = wantedOf(drill);
  const chosen = isOfHistory(spec)
    ? ofHistory(spec, drill, wanted, place.runs)
    : ofFile(spec, drill, wanted, place.directory);
  const samples = chosen.samples.flatMap((sample) => {
    const { run, rto_ms } = sample;
    const ms = rto_from === 'fault' || rto_ms === 0 ? rto_ms : laterMs(sample, rto_from);
    // A wait that ended, and was never declared, has no time from its declaration.
    return ms === null && rto_ms !== null ? [] : [{ run, rto_ms: ms }];
  });
  const facts = { judged: 'run', allowed: rto_regression ?? 0 } as const;
  const lacks = samples.length > 0 ? null : chosen.lacks;
  return { from: spec, ...facts, samples, unlike: chosen.unlike, lacks };
}

/** Null where nobody saw from when it is to be counted. */
function laterMs(
  { rto_from_declaration_ms, rto_from_effect_ms = null }: BaselineSample,
  from: 'effect' | 'declaration',
): number | null {
  return from === 'effect' ? rto_from_effect_ms : rto_from_declaration_ms;
}

function wantedOf({ plan, drill }: DrillRead): Wanted {
  const data = dataOf({ conditions: planConditions(plan) });
  return { name: plan.name, strategy: plan.strategy, runtime: runtimeNamed(drill.runtime), data };
}

const OF_HISTORY = /^(?:last|median:([1-9][0-9]{0,3}))$/;

function isOfHistory(spec: string): boolean {
  if (OF_HISTORY.test(spec)) return true;
  if (!spec.startsWith('median')) return false;
  throw new UserError(`--baseline: expected median:N, such as ${BASELINE_USUAL}; got "${spec}"`);
}

interface Chosen {
  readonly samples: readonly BaselineSample[];
  readonly unlike: readonly string[];
  readonly lacks: string;
}

function ofHistory(spec: string, { plan }: DrillRead, wanted: Wanted, runs: string): Chosen {
  const history = historyOf(runs);
  const found = newestRuns(spec, wanted, runs, history);
  const { name, strategy, runtime, data } = wanted;
  const size = data === null ? '' : `, topology.data ${data}`;
  const lacks =
    `no earlier run of ${name} (${strategy} on ${runtime}${size}) in ${runs} counts. ` +
    'Run it a few times, or name a file of drill baseline save with --baseline FILE.';
  return { samples: found.map(sampleOf), unlike: unlikeIn(found, plan, history), lacks };
}

/** `last`: the newest run, or all trials of the newest series. */
function newestRuns(spec: string, wanted: Wanted, runs: string, history: History): PastRun[] {
  const [, count] = OF_HISTORY.exec(spec) ?? [];
  if (count !== undefined) {
    const most = Math.min(Number(count), BASELINE_MOST);
    return newestComparable(runs, history.runs, wanted, most);
  }
  for (const execution of executionsOf(history.runs).toReversed()) {
    const found = newestComparable(runs, execution.runs, wanted, BASELINE_MOST);
    if (found.length > 0) return found;
  }
  return [];
}

function sampleOf({ id: run, phases, ...times }: PastRun): BaselineSample {
  const { rto_ms, rto_from_declaration_ms, rto_from_effect_ms: effect_ms } = times;
  const seen = effect_ms === undefined ? {} : { rto_from_effect_ms: effect_ms };
  return { run, rto_ms, rto_from_declaration_ms, ...seen, phases };
}

/**
 * A past of several kinds says so, and one with other settings than the run: those are what a
 * slow-down may come from. On what the run is made is not known yet.
 */
function unlikeIn(runs: readonly PastRun[], plan: Plan, { facts }: History): string[] {
  const all = runs.flatMap((run) => facts.get(run.facts) ?? []);
  const kinds = (of: (each: RunFacts) => string | null) => {
    return [...new Set(all.flatMap((each) => of(each) ?? []))];
  };
  const lists: [string, string[]][] = [
    ['with settings of more than one kind', kinds((each) => comparedText(each.conditions))],
    ['with more than one version', kinds(({ versions }) => JSON.stringify(versions))],
    ['on more than one machine', kinds(({ machine }) => machine)],
  ];
  const mixed = lists.flatMap(([words, found]) => {
    return found.length < 2 ? [] : [`The past that the RTO is held against was made ${words}.`];
  });
  const newest = runs[0] === undefined ? undefined : facts.get(runs[0].facts);
  const different = newest === undefined ? [] : differencesOf(newest.conditions, plan);
  if (different.length === 0) return mixed;
  const settings = different
    .map(([key, past, now]) => `${key}: ${past} there, ${now} now`)
    .join('; ');
  return [...mixed, `The past that the RTO is held against had other settings: ${settings}.`];
}

/** What changes recovery times and differs, with its value then and now. */
function differencesOf(saved: Readonly<Record<string, string>>, plan: Plan) {
  const [then, now] = [saved, planConditions(plan)].map(comparedConditions);
  const keys = [...new Set([...Object.keys(then!), ...Object.keys(now!)])];
  return keys
    .map((key) => [key, then![key] ?? 'none', now![key] ?? 'none'] as const)
    .filter(([, past, own]) => past !== own);
}

/** What changes no recovery time. */
const NOT_COMPARED: readonly string[] = ['targets', 'cost'];

function comparedConditions(all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !NOT_COMPARED.includes(key)));
}

function comparedText(conditions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(comparedConditions(conditions));
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function ofFile(spec: string, { plan }: DrillRead, wanted: Wanted, directory: string): Chosen {
  const file = readBaseline(spec, wanted.name, directory);
  const named = [
    ['drill', file.drill, wanted.name],
    ['strategy', file.strategy, wanted.strategy],
    ['runtime', file.runtime, wanted.runtime],
  ] as const;
  const unlike = named.filter(([, saved, own]) => saved !== own);
  const different = [...unlike, ...differencesOf(file.conditions, plan)];
  if (different.length > 0) {
    const lines = different.map(([key, saved, own]) => `\n  ${key}: ${saved} there, ${own} now`);
    throw new UserError(`--baseline: ${spec} is of another drill:${lines.join('')}`, {
      hint: `drill baseline save ${spec}   after runs of the drill as it is now`,
    });
  }
  return { samples: file.samples, unlike: [], lacks: `${spec} has no sample that counts` };
}

const FILE_BYTES = 4 * 2 ** 20;

/** A folder stands for the file in it that has the drill's name. */
function readBaseline(spec: string, drill: string, directory: string): BaselineFile {
  const path = resolve(directory, spec);
  const file = isFolder(path) ? join(path, `${drill}.json`) : path;
  const bad = (problem: string) =>
    new UserError(`--baseline: ${file}: ${problem}`, {
      hint: `last, median:20, or a file that is made by: drill baseline save ${spec}`,
    });
  let text: string;
  try {
    if (statSync(file).size > FILE_BYTES) throw bad('it is too large for a baseline');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw bad(isMissing ? 'there is no such file' : (error as Error).message);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(`it is not JSON: ${(error as Error).message}`);
  }
  const read = fitted(baselineFile, value);
  if ('problem' in read) throw bad(`it is no baseline: ${read.problem}`);
  const runs = read.value.samples.map(({ run }) => run);
  const twice = runs.find((run, at) => runs.indexOf(run) !== at);
  // Nothing is surer for being said again.
  if (twice !== undefined) throw bad(`it is no baseline: the run ${twice} stands in it twice`);
  return read.value;
}

/**
 * The newest comparable runs of a drill that were made as the newest of them, for a file. Throws a
 * `UserError` where there is none.
 */
export function savedBaseline(runs: string, name: string, most: number, now: string): BaselineFile {
  const history = historyOf(runs);
  const newest = history.runs.findLast((run) => run.drill.name === name && run.counts);
  const runtime = newest?.runtime ?? null;
  if (newest === undefined || runtime === null) throw noRuns(runs, name);
  const { drill, data } = newest;
  const wanted: Wanted = { name, strategy: drill.strategy, runtime, data };
  const all = newestComparable(runs, history.runs, wanted, history.runs.length);
  const key = ({ facts }: PastRun) => {
    const own = history.facts.get(facts);
    if (own === undefined) return null;
    return `${comparedText(own.conditions)} ${JSON.stringify(own.versions)} ${own.machine}`;
  };
  const [first] = all;
  const facts = first === undefined ? undefined : history.facts.get(first.facts);
  if (first === undefined || facts === undefined) throw noRuns(runs, name);
  const alike = all.filter((run) => key(run) === key(first)).slice(0, most);
  return {
    schema: 'drill.baseline/1',
    drill: name,
    strategy: wanted.strategy,
    runtime,
    saved_at: now,
    conditions: comparedConditions(facts.conditions),
    versions: { ...facts.versions, ...(facts.machine === null ? {} : { machine: facts.machine }) },
    samples: alike.map(sampleOf),
  };
}

function noRuns(runs: string, name: string): UserError {
  return new UserError(`there is no run of ${name} in ${runs} that a baseline can be made of`, {
    hint: 'drill history',
  });
}
