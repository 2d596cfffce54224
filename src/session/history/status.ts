// Whether what a drill proved still stands: when it last passed, what happened since, and what of
// it would be another drill today.
import { machineWords, planConditions } from '../../archive/history/history-entry.ts';
import type { RunFacts } from '../../evidence/history-form.ts';
import { machineOf, type History, type PastRun } from '../../archive/history/history.ts';
import { machineFacts } from '../../host/machine/machine-facts.ts';
import type { GateDefinition } from '../../drill/gate/gate.ts';
import { GATES } from '../../drill/gate/registry.ts';
import { rtoRegression } from '../../drill/gate/rto-regression.ts';
import { splitBrain } from '../../drill/gate/split-brain.ts';
import { targetOf } from '../../drill/gate/targets.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import { RUNTIMES, runtimeNamed } from '../../drill/file/runtimes.ts';
import { runtimes } from '../../topology/runtimes.ts';
import type { Verdict } from '../../verdict/result.ts';
import type { DrillRead } from '../read.ts';
import { runtimeOptions } from '../runtime-of.ts';
import type { Surroundings } from '../session.ts';
import { version } from '../version.ts';
import { changesBetween, type Changed } from './overview.ts';
import { isProved, judgedSincePass, type Judged } from './passes.ts';
import type { Execution } from './past-runs.ts';

/**
 * `failed`: it passed, and missed a target since. `eased`: what it passed was easier than what its
 * file asks for today. `unverified`: it passed by a line of the history alone, since its run is
 * gone, or elsewhere.
 */
export type Standing =
  'passed' | 'failed' | 'stale' | 'eased' | 'unverified' | 'never passed' | 'never run';

/** How good each is, for whoever shows it. */
export const STANDING_TONES = {
  passed: 'good',
  failed: 'bad',
  stale: 'warn',
  eased: 'warn',
  unverified: 'warn',
  'never passed': 'bad',
  'never run': 'warn',
} as const satisfies Readonly<Record<Standing, string>>;

export interface DrillStatus {
  readonly name: string;
  /** Null: there is no file of it here any more. */
  readonly file: string | null;
  /** The machine that tells of it; null: it is known here. */
  readonly machine: string | null;
  readonly standing: Standing;
  readonly last: (Seen & { readonly verdict: Verdict }) | null;
  readonly passed: (Seen & { readonly age_ms: number }) | null;
  /** Since it last passed; null: what it passed with is not known. */
  readonly changed: readonly Changed[] | null;
  readonly max_age_ms: number | null;
  /** Whether it has to be run again: it is held to an age, and no pass of that age stands. */
  readonly isDue: boolean;
}

interface Seen {
  readonly id: string;
  readonly at: string;
  /** Its folder is there, with the evidence that says so. */
  readonly verifiable: boolean;
}

interface Known {
  readonly runs: string;
  readonly history: History;
  readonly now_ms: number;
}

/**
 * Of each drill that is named, or that the history knows: how it stands here, and how other
 * machines tell that it stands there, which nothing here depends on.
 */
export function statusOfAll(
  drills: ReadonlyMap<string, DrillRead>,
  onlyThese: boolean,
  max_age_ms: number | null,
  { history, ...known }: Known,
  surroundings: Pick<Surroundings, 'directory' | 'environment'>,
): DrillStatus[] {
  const machines = new Set([null, ...history.runs.map(machineOf)]);
  return [...machines].flatMap((machine) => {
    const runs = history.runs.filter((run) => machineOf(run) === machine);
    const own = { ...known, history: { ...history, runs } };
    const past = runs.map(({ drill }) => drill.name);
    const names = new Set(past.filter((name) => !onlyThese || drills.has(name)));
    if (machine !== null)
      return [...names].map((name) => statusOf(name, null, null, own, surroundings));
    return [...new Set([...drills.keys(), ...names])].map((name) => {
      return statusOf(name, drills.get(name) ?? null, max_age_ms, own, surroundings);
    });
  });
}

/** `drill` is null where only the history knows it; `max_age_ms` goes before what its file says. */
export function statusOf(
  name: string,
  drill: DrillRead | null,
  max_age_ms: number | null,
  { runs, history, now_ms }: Known,
  surroundings: Pick<Surroundings, 'directory' | 'environment'>,
): DrillStatus {
  const judged = judgedSincePass(runs, history, name);
  const last = judged[0] ?? null;
  const ageOf = ({ execution }: Judged) => now_ms - Date.parse(newest(execution).at);
  const most = max_age_ms ?? drill?.drill.max_age ?? null;
  // One of a clock that was wrong, far from now either way, says nothing of its age.
  const isOld = (pass: Judged) => most !== null && !(Math.abs(ageOf(pass)) <= most);
  const proved = judged.find(isProved) ?? null;
  const told = judged.find((each) => each.verdict === 'pass' && !isProved(each)) ?? null;
  const pass = told !== null && (proved === null || isOld(proved)) ? told : proved;
  const isEased = (each: Judged) => drill !== null && wasEased(newest(each.execution), drill.plan);
  const standing = standingOf(judged, pass, { isOld, isEased });
  return {
    name,
    file: drill?.file ?? null,
    machine: last === null ? null : machineOf(newest(last.execution)),
    standing,
    last: last && { ...seen(last), verdict: last.verdict },
    passed: pass && { ...seen(pass), age_ms: ageOf(pass) },
    changed:
      pass &&
      drill &&
      changedSince(pass.execution, newest(last!.execution), drill, history, surroundings),
    max_age_ms: most,
    isDue: most !== null && standing !== 'passed',
  };
}

function standingOf(
  judged: readonly Judged[],
  pass: Judged | null,
  { isOld, isEased }: Readonly<Record<'isOld' | 'isEased', (pass: Judged) => boolean>>,
): Standing {
  if (judged.length === 0) return 'never run';
  if (pass === null) return 'never passed';
  if (judged.slice(0, judged.indexOf(pass)).some(isFailed)) return 'failed';
  if (!isProved(pass)) return 'unverified';
  if (isEased(pass)) return 'eased';
  return isOld(pass) ? 'stale' : 'passed';
}

/** One is of the past of a run, and runs of old versions lack the other, which no file states. */
const NOT_COMPARED: readonly string[] = [rtoRegression.name, splitBrain.name];

/** Whether it was held to less than the plan: a target that is wider, or was not there. */
function wasEased({ gates }: PastRun, { targets }: Plan): boolean {
  return GATES.some((gate: GateDefinition) => {
    const today = targetOf(gate, targets);
    if (today === null || NOT_COMPARED.includes(gate.name)) return false;
    const then = gates.find(({ name }) => name === gate.name)?.target;
    if (then === undefined) return true;
    return gate.bound === 'at most' ? then > today : then < today;
  });
}

function isFailed({ verdict }: Judged): boolean {
  return verdict === 'fail';
}

function seen({ execution, isThere }: Judged): Seen {
  return { id: execution.id, at: newest(execution).at, verifiable: isThere };
}

function newest({ runs }: Execution): PastRun {
  return runs.at(-1)!;
}

/** What of the pass would not be so today; null: its facts are not known any more. */
function changedSince(
  pass: Execution,
  last: PastRun,
  drill: DrillRead,
  { facts }: History,
  surroundings: Pick<Surroundings, 'directory' | 'environment'>,
): Changed[] | null {
  const before = newest(pass);
  const [passed, latest] = [facts.get(before.facts), facts.get(last.facts)];
  if (passed === undefined || latest === undefined) return null;
  const now: RunFacts = {
    ...latest,
    conditions: planConditions(drill.plan),
    versions: { ...latest.versions, ...versionsNow(drill, surroundings) },
    machine: passed.machine === null ? null : machineWords(machineFacts(0)),
  };
  const then = { sha256: before.drill.sha256, facts: passed };
  return changesBetween(then, { sha256: drill.plan.sha256, facts: now });
}

/** As far as they are known before anything is started. */
function versionsNow(
  { drill, settings }: DrillRead,
  surroundings: Pick<Surroundings, 'directory' | 'environment'>,
): Record<string, string> {
  const runtime = runtimeNamed(drill.runtime);
  const environment = runtimes[runtime].environmentOf(runtimeOptions(settings, surroundings));
  const images = Object.entries(environment).flatMap(([key, value]): [string, string][] => {
    const [, part] = /^DRILL_IMAGE_(\w+)$/.exec(key) ?? [];
    const isUsed = part !== undefined && (part !== 'REDIS' || drill.topology.redis !== undefined);
    if (!RUNTIMES[runtime].hasImages || !isUsed || value === undefined) return [];
    return [[`image ${part.toLowerCase()}`, value]];
  });
  return { drill: version(), runtime, ...Object.fromEntries(images) };
}
