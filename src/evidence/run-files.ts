// The files of a run directory, and reading all of a run's evidence from them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { laterTargets } from '../drill/gate/targets.ts';
import { storesOf, type Plan, type StoreRole } from '../drill/plan/plan.ts';
import type { RunEvent } from './event.ts';
import {
  type Evidence,
  type EvidenceProblem,
  type StoreEvidence,
  RUN_FILES,
  STORE_FILES,
} from './evidence.ts';
import { readJournal } from './journal.ts';
import { readLedger } from './ledger/ledger-reader.ts';
import { EvidenceError } from './ledger/record.ts';
import { fromPlan1, type OldPlan } from './plan-1.ts';
import { sealOf, type SealedFile } from './seal.ts';
import { readSurvivors } from './survivors.ts';

export function runFile(directory: string, name: keyof typeof RUN_FILES): string {
  return join(directory, RUN_FILES[name]);
}

/** The plan of a run, without which nothing can be said. Throws an `EvidenceError`. */
export function readPlan(directory: string): Plan {
  const file = runFile(directory, 'plan');
  if (!existsSync(file)) {
    throw new EvidenceError(`${directory} is not the directory of a run: it has no plan.json`);
  }
  let plan: Partial<Plan | OldPlan> | null;
  try {
    plan = JSON.parse(readFileSync(file, 'utf8')) as Partial<Plan | OldPlan> | null;
  } catch (error) {
    throw new EvidenceError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (plan?.schema !== 'drill.plan/2' && plan?.schema !== 'drill.plan/1') {
    const found = JSON.stringify(plan?.schema);
    throw new EvidenceError(`${file}: expected schema "drill.plan/2", found ${found}`);
  }
  const missing = PLAN_KEYS.filter((key) => plan[key] === undefined || plan[key] === null);
  if (missing.length > 0) {
    throw new EvidenceError(`${file} is damaged: it lacks ${missing.join(', ')}`);
  }
  const read = plan.schema === 'drill.plan/1' ? fromPlan1(plan as OldPlan) : (plan as Plan);
  // Prices of a processor's use, of before, make no figure of what is rented.
  const cost = read.cost && 'instance_hour' in read.cost ? read.cost : null;
  return { ...read, cost, targets: laterTargets(read.targets) };
}

/** Nothing can be said of a run whose plan lacks one of these. */
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
  const read: Read = (name, reader, isDue) => {
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
  problems.push(...brokenSeals(directory, events));
  const stores = storesOf(plan).map((store) => readStore(store, events, read));
  return { plan, events, stores, problems };
}

/** What a run's numbers come from besides its plan and its journal. */
const SEALED = [
  ...(['ledger', 'ledger-redis', 'survivors', 'survivors-redis', 'salvage'] as const),
] as const satisfies readonly (keyof typeof RUN_FILES)[];

/** The files of evidence that are there, as they are now. One that cannot be read is left out. */
export function sealEvidence(directory: string): SealedFile[] {
  return SEALED.flatMap((name) => sealNow(directory, name) ?? []);
}

function sealNow(directory: string, name: keyof typeof RUN_FILES): SealedFile | null {
  try {
    return sealOf(runFile(directory, name), RUN_FILES[name]);
  } catch {
    return null;
  }
}

/** Files that are not as the journal says that they were. */
function brokenSeals(directory: string, events: readonly RunEvent[]): EvidenceProblem[] {
  const problems: EvidenceProblem[] = [];
  const compare = (name: keyof typeof RUN_FILES, sha256: string | undefined, what: string) => {
    if (sha256 === undefined) return;
    const now = sealNow(directory, name);
    const problem = now === null ? 'it is gone, or cannot be read' : `it is not as ${what}`;
    if (now?.sha256 !== sha256) problems.push({ file: RUN_FILES[name], problem });
  };
  const started = events.find(({ event }) => event === 'run.started') as Started | undefined;
  compare('plan', started?.plan_sha256, 'the run began with it');
  compare('drill', started?.drill_sha256, 'the run began with it');
  const closed = events.findLast(({ event }) => event === 'evidence.closed') as Closed | undefined;
  for (const name of SEALED) {
    const sealed = closed?.files.find(({ file }) => file === RUN_FILES[name]);
    compare(name, sealed?.sha256, 'the run closed it');
  }
  const isOver = events.some(({ event }) => event === 'run.finished');
  if (isOver && started?.plan_sha256 !== undefined && closed === undefined) {
    problems.push({ file: RUN_FILES.journal, problem: 'it does not say how other files ended' });
  }
  return problems;
}

type Started = Extract<RunEvent, { event: 'run.started' }>;
type Closed = Extract<RunEvent, { event: 'evidence.closed' }>;

/** Null for a file that is not there and need not be, or that cannot be read at all. */
type Read = <T extends { readonly problems: readonly string[] }>(
  name: keyof typeof RUN_FILES,
  reader: (file: string) => T,
  isDue: boolean,
) => T | null;

/** A store's files are due once clients began to write, to whichever store. */
function readStore(store: StoreRole, events: readonly RunEvent[], read: Read): StoreEvidence {
  const files = STORE_FILES[store];
  const hasStarted = events.some(({ event }) => event === 'workload.started');
  const isDrained = events.some(
    (event) => event.event === 'workload.drained' && event.store === store,
  );
  const ledger = read(files.ledger, readLedger, hasStarted);
  const survivors = read(files.survivors, readSurvivors, isDrained);
  return {
    store,
    header: ledger?.header ?? null,
    operations: ledger?.operations ?? null,
    readings: survivors?.readings ?? new Map(),
  };
}
