// The files of a run directory, and reading all of a run's evidence from them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../drill/plan.ts';
import type { RunEvent } from './event.ts';
import type { Evidence, EvidenceProblem } from './evidence.ts';
import { readJournal } from './journal.ts';
import { readLedger } from './ledger-reader.ts';
import { EvidenceError } from './record.ts';
import { readSurvivors } from './survivors-file.ts';

export const RUN_FILES = {
  drill: 'drill.yaml',
  plan: 'plan.json',
  journal: 'journal.ndjson',
  undo: 'undo.ndjson',
  ledger: 'ledger.bin',
  survivors: 'survivors.bin',
  result: 'result.json',
  logs: 'logs',
} as const;

/** The path of one of a run's files. */
export function runFile(directory: string, name: keyof typeof RUN_FILES): string {
  return join(directory, RUN_FILES[name]);
}

/**
 * The plan of a run. Throws an `EvidenceError` when there is none, since nothing can be said
 * without it.
 */
export function readPlan(directory: string): Plan {
  const file = runFile(directory, 'plan');
  if (!existsSync(file)) {
    throw new EvidenceError(`${directory} is not the directory of a run: it has no plan.json`);
  }
  let plan: Partial<Plan> | null;
  try {
    plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<Plan> | null;
  } catch (error) {
    throw new EvidenceError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (plan?.schema !== 'drill.plan/1') {
    const found = JSON.stringify(plan?.schema);
    throw new EvidenceError(`${file}: expected schema "drill.plan/1", found ${found}`);
  }
  const missing = PLAN_KEYS.filter((key) => plan[key] === undefined || plan[key] === null);
  if (missing.length > 0) {
    throw new EvidenceError(`${file} is damaged: it lacks ${missing.join(', ')}`);
  }
  return plan as Plan;
}

/** Without which nothing can be said of a run. */
const PLAN_KEYS = [
  ...(['name', 'sha256', 'seed', 'strategy', 'targets', 'regions'] as const),
  ...(['replication', 'links', 'gslb', 'workload', 'warm_up', 'steady'] as const),
  ...(['faults', 'declare', 'recover', 'sustain'] as const),
] as const satisfies readonly (keyof Plan)[];

/**
 * Reads the files of a run. Throws an `EvidenceError` when there is no readable plan; whatever else
 * is missing or damaged stands in `problems`, unless the run ended before it was due.
 */
export function readEvidence(directory: string): Evidence {
  const plan = readPlan(directory);
  const problems: EvidenceProblem[] = [];
  const read = <T extends { readonly problems: readonly string[] }>(
    name: 'journal' | 'ledger' | 'survivors',
    reader: (file: string) => T,
    isDue: boolean,
  ): T | null => {
    const file = runFile(directory, name);
    if (!isDue && !existsSync(file)) return null;
    try {
      const contents = reader(file);
      for (const problem of contents.problems) problems.push({ file: RUN_FILES[name], problem });
      return contents;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      problems.push({ file: RUN_FILES[name], problem: error.message });
      return null;
    }
  };
  const events = read('journal', readJournal, true)?.events ?? [];
  const hasHappened = (name: RunEvent['event']) => events.some((event) => event.event === name);
  const ledger = read('ledger', readLedger, hasHappened('workload.started'));
  const survivors = read('survivors', readSurvivors, hasHappened('workload.drained'));
  return {
    plan,
    events,
    header: ledger?.header ?? null,
    operations: ledger?.operations ?? null,
    readings: survivors?.readings ?? new Map(),
    problems,
  };
}
