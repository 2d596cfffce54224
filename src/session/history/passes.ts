// What a drill did since it last passed, as the sealed evidence of its runs has it. Lines of the
// history alone prove nothing: they have no key, so a pass of which only the line is left is told,
// and is not held to be one.
import { sealedRun, type History, type PastRun } from '../../archive/history/history.ts';
import { nameOf } from '../../archive/run-list.ts';
import { slugOf } from '../../archive/run-directory.ts';
import type { Verdict } from '../../verdict/result.ts';
import { verdictOf } from './overview.ts';
import { executionsOf, type Execution } from './past-runs.ts';

export interface Judged {
  readonly execution: Execution;
  readonly verdict: Verdict;
  /** Whether the folders of all its runs are there. */
  readonly isThere: boolean;
}

/** Newest first, down to the newest pass that is there; `runs` is the folder. */
export function judgedSincePass(runs: string, history: History, name: string): Judged[] {
  const slug = slugOf(name);
  // Also by its id, which is that of its folder: a line may call it by another name.
  const own = history.runs.filter(({ id, drill }) => drill.name === name || nameOf(id) === slug);
  const executions = executionsOf(own).toReversed();
  // What none of their lines calls a pass is not read: there can be ten thousand.
  const oldest = executions.findLastIndex((each) => each.runs.some(isPass));
  const judged: Judged[] = [];
  for (const [at, execution] of executions.entries()) {
    if (judged.length > 0 && at > oldest) break;
    const sealed = execution.runs.map((run) => sealedRun(runs, run));
    const [first, ...others] = sealed.filter((run) => run.drill.name === name);
    if (first === undefined) continue;
    const seen = { ...execution, runs: [first, ...others] as const };
    const isThere = seen.runs.every(({ standing }) => standing === 'there');
    judged.push({ execution: seen, verdict: verdictOf(runs, seen), isThere });
    if (isProved(judged.at(-1)!)) break;
  }
  return judged;
}

export function isProved({ verdict, isThere }: Judged): boolean {
  return verdict === 'pass' && isThere;
}

/** The runs of each drill's newest pass: without their folders nothing proves it. */
export function runsOfNewestPasses(runs: string, history: History): Set<string> {
  const names = new Set(history.runs.map(({ drill }) => drill.name));
  const passes = [...names].flatMap((name) => {
    return judgedSincePass(runs, history, name).find(isProved) ?? [];
  });
  return new Set(passes.flatMap(({ execution }) => execution.runs.map(({ id }) => id)));
}

function isPass({ verdict }: PastRun): boolean {
  return verdict === 'pass';
}
