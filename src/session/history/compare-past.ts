// Two runs or series of the past beside each other: their numbers, and what was changed between
// them: drill file, settings, versions, machine.
import { backName } from '../../drill/plan/clock.ts';
import { basename, dirname, resolve } from 'node:path';
import { rememberedIn } from '../../archive/history/history-entry.ts';
import { dataOf, type History, type PastRun } from '../../archive/history/history.ts';
import type { RunFacts } from '../../evidence/history-form.ts';
import { UserError } from '../../screen/user-error.ts';
import { changesBetween, middleOf, verdictOf, type Changed } from './overview.ts';
import { executionsOf, type Execution } from './past-runs.ts';

export interface Known {
  readonly runs: string;
  readonly history: History;
}

export interface Side {
  readonly execution: Execution;
  readonly facts: RunFacts | null;
  readonly verdict: string;
}

/** What two executions of the past have different. */
export interface ComparedPast {
  readonly before: Side;
  readonly now: Side;
  readonly rows: readonly NumberRow[];
  readonly changed: readonly Changed[];
  /** Whether the settings of both are known. */
  readonly isKnown: boolean;
}

/** Each word is the one of a run as `drill show` takes it. Throws a `UserError`. */
export function comparePast(
  [one, other]: readonly [string, string],
  known: Known,
  directory: string,
): ComparedPast {
  const [before, now] = [sideOf(one, known, directory), sideOf(other, known, directory)];
  return {
    before,
    now,
    rows: numbersOf(before, now),
    changed: changesBetween(shown(before), shown(now)),
    isKnown: before.facts !== null && now.facts !== null,
  };
}

function shown({ execution, facts }: Side) {
  return { sha256: execution.runs[0].drill.sha256, facts };
}

/**
 * `latest`, the beginning of an id, the name of a drill (its newest), or the folder of a run
 * anywhere.
 */
function sideOf(word: string, { runs, history }: Known, directory: string): Side {
  const executions = executionsOf(history.runs);
  const isId = executions.filter(({ id }) => id === word || id.startsWith(word));
  const latest = word === 'latest' ? executions.at(-1) : undefined;
  const [first = latest, ...others] = isId;
  if (others.length > 0) {
    const ids = isId.slice(0, 5).map(({ id }) => `\n  ${id}`);
    throw new UserError(`"${word}" could be ${isId.length} runs:${ids.join('')}`);
  }
  const trial = history.runs.find(({ id }) => id.startsWith(word));
  const named = executions.findLast((each) => each.runs[0].drill.name === word);
  const single = trial && ({ id: trial.id, isSeries: false, runs: [trial] } as const);
  const execution = first ?? single ?? named;
  if (execution !== undefined) {
    const facts = history.facts.get(execution.runs[0].facts) ?? null;
    return { execution, facts, verdict: verdictOf(runs, execution) };
  }
  const path = resolve(directory, word);
  const found = rememberedIn(path, null);
  if (found === null) {
    throw new UserError(`there is no run "${word}" in the history of ${runs}`, {
      hint: 'drill history',
    });
  }
  const run: PastRun = { ...found.entry, standing: 'there', data: dataOf(found.facts) };
  const own: Execution = { id: basename(path), isSeries: false, runs: [run] };
  return { execution: own, facts: found.facts, verdict: verdictOf(dirname(path), own) };
}

export interface NumberRow {
  readonly name: string;
  readonly before: number | null;
  readonly now: number | null;
  readonly unit: 'ms' | 'writes';
}

function numbersOf(before: Side, now: Side): NumberRow[] {
  const middle = (side: Side, of: (run: PastRun) => number | null | undefined) => {
    return middleOf(side.execution.runs.flatMap((run) => of(run) ?? []));
  };
  const row = (
    name: string,
    unit: NumberRow['unit'],
    of: (run: PastRun) => number | null | undefined,
  ): NumberRow => ({ name, unit, before: middle(before, of), now: middle(now, of) });
  const phases = [before, now].flatMap(({ execution }) => {
    return execution.runs.flatMap((run) => Object.keys(run.phases));
  });
  const rows = [
    row(backName(now.execution.runs[0].drill), 'ms', ({ rto_ms }) => rto_ms),
    ...[...new Set(phases)].map((name) => row(`  ${name}`, 'ms', (run) => run.phases[name])),
    row('RPO', 'ms', ({ rpo_ms }) => rpo_ms),
    row('lost writes', 'writes', ({ lost }) => lost),
  ];
  return rows.filter((each) => each.before !== null || each.now !== null);
}
