// The files of a run directory, and reading all of a run's evidence from them.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { storesOf, type Plan, type StoreRole } from '../drill/plan/plan.ts';
import { planFrom } from '../drill/plan/read-plan.ts';
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
import { EvidenceError, readingError, readWhole, UnreadableError } from './evidence-error.ts';
import { sealOf, type SealedFile } from './seal.ts';
import { readSurvivors } from './survivors.ts';

export function runFile(directory: string, name: keyof typeof RUN_FILES): string {
  return join(directory, RUN_FILES[name]);
}

/** The plan of a run, without which nothing can be said. Throws an `EvidenceError`. */
export function readPlan(directory: string): Plan {
  return planIn(directory).plan;
}

/**
 * Key by key as it was written, so that it has the hash of then. Null where there is none that can
 * be read, or it is not the one that the run began with.
 */
export function planAsBegun(directory: string): Plan | null {
  try {
    const [first = ''] = readWhole(runFile(directory, 'journal')).toString('utf8').split('\n', 1);
    const { plan_sha256 } = JSON.parse(first) as Partial<Started>;
    const isOwn = [undefined, sealNow(directory, 'plan')?.sha256].includes(plan_sha256);
    const plan: unknown = JSON.parse(readWhole(runFile(directory, 'plan')).toString('utf8'));
    return isOwn && !('problem' in planFrom(plan)) ? (plan as Plan) : null;
  } catch {
    return null;
  }
}

function planIn(directory: string) {
  const file = runFile(directory, 'plan');
  if (!isThere(file)) {
    throw new EvidenceError(`${directory} is not the directory of a run: it has no plan.json`);
  }
  let value: unknown;
  const text = readWhole(file).toString('utf8');
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EvidenceError(`${file} is damaged: ${(error as Error).message}`);
  }
  const read = planFrom(value);
  if ('problem' in read) throw new EvidenceError(`${file} is damaged: ${read.problem}`);
  return read;
}

/**
 * Reads the files of a run. Throws an `EvidenceError` when there is no readable plan; whatever else
 * is missing or damaged stands in `problems`, unless the run ended before it was due.
 */
export function readEvidence(directory: string): Evidence {
  const { plan, version } = planIn(directory);
  const problems: EvidenceProblem[] = [];
  const read: Read = (name, reader, isDue) => {
    const file = runFile(directory, name);
    if (!isDue && !isThere(file)) return null;
    try {
      const contents = reader(file);
      for (const problem of contents.problems) problems.push({ file: RUN_FILES[name], problem });
      return contents;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      problems.push(problemOf(RUN_FILES[name], error));
      return null;
    }
  };
  const events = read('journal', (file) => readJournal(file, version > 1), true)?.events ?? [];
  problems.push(...brokenSeals(directory, events));
  const stores = storesOf(plan).map((store) => readStore(store, events, read));
  return { plan, events, stores, problems };
}

/** What is wrong with the journal and with the files that it names by their hashes. */
export function sealProblems(directory: string): EvidenceProblem[] {
  const { events, problems } = readJournal(runFile(directory, 'journal'), true);
  const broken = problems.map((problem) => ({ file: RUN_FILES.journal, problem }));
  return [...broken, ...brokenSeals(directory, events)];
}

function problemOf(file: string, error: EvidenceError): EvidenceProblem {
  const problem = error.message;
  return error instanceof UnreadableError ? { file, problem, isUnread: true } : { file, problem };
}

/** Throws an `UnreadableError` where nobody can tell. */
function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw readingError(file, error);
  }
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
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    return null;
  }
}

/** Files that are not as the journal says that they were. */
function brokenSeals(directory: string, events: readonly RunEvent[]): EvidenceProblem[] {
  const problems: EvidenceProblem[] = [];
  const compare = (name: keyof typeof RUN_FILES, sha256: string | undefined, what: string) => {
    if (sha256 === undefined) return;
    const file = RUN_FILES[name];
    try {
      const now = sealNow(directory, name);
      const problem = now === null ? 'it is gone' : `it is not as ${what}`;
      if (now?.sha256 !== sha256) problems.push({ file, problem });
    } catch (error) {
      problems.push(problemOf(file, error as UnreadableError));
    }
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
  const header = ledger?.header ?? null;
  const survivors = read(files.survivors, (file) => readSurvivors(file, header), isDrained);
  return {
    store,
    header,
    operations: ledger?.operations ?? null,
    readings: survivors?.readings ?? new Map(),
  };
}
