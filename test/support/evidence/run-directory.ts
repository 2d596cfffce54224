// Writes synthetic evidence as the files of a run, through the very writers that a run uses.
import { rmSync, writeFileSync } from 'node:fs';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { createJournal } from '../../../src/evidence/journal.ts';
import { type LedgerHeader, createLedger } from '../../../src/evidence/ledger/ledger.ts';
import { NO_NODE, OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { readEvidence, runFile } from '../../../src/evidence/run-files.ts';
import {
  createSurvivors,
  type Reading,
  type SurvivorRow,
} from '../../../src/evidence/survivors.ts';
import { assess, writeResult } from '../../../src/verdict/assess.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { header, journal, plan as defaultPlan, type Op, withReading } from './synthetic.ts';
import {
  cartHeader,
  readingsOf,
  someCarts,
  someOrders,
  twoJournals,
  twoStores,
  type TwoParts,
} from './two-stores.ts';

export interface RunParts {
  readonly ops: Iterable<Op>;
  readonly serving: Iterable<SurvivorRow>;
  readonly events?: readonly RunEvent[];
  readonly plan?: Plan;
}

/** Writes everything but `result.json`. */
export function writeRun(directory: string, parts: RunParts): void {
  const { ops, serving, events = journal(), plan = defaultPlan } = parts;
  writeFileSync(runFile(directory, 'plan'), JSON.stringify(plan));
  writeLedger(runFile(directory, 'ledger'), header, ops);
  const [rows] = writeSurvivors(runFile(directory, 'survivors'), { serving });
  writeJournal(directory, withReading(events, rows!));
}

/** The same for a run with two stores. */
export function writeTwoStores(directory: string, parts: TwoParts = {}): void {
  const { orders = someOrders, carts = someCarts, plan = twoStores, drop = () => false } = parts;
  writeFileSync(runFile(directory, 'plan'), JSON.stringify(plan));
  writeLedger(runFile(directory, 'ledger'), header, orders.ops);
  writeLedger(runFile(directory, 'ledger-redis'), cartHeader, carts.ops);
  writeSurvivors(runFile(directory, 'survivors'), readingsOf(orders));
  writeSurvivors(runFile(directory, 'survivors-redis'), readingsOf(carts));
  writeJournal(
    directory,
    twoJournals(orders, carts).filter((event) => !drop(event)),
  );
}

export function writeLedger(file: string, headed: LedgerHeader, ops: Iterable<Op>): void {
  const ledger = createLedger(file, headed);
  for (const op of ops) {
    const { writer, sequence, scheduled_ms, sent_ms = scheduled_ms, flags = 0 } = op;
    const id = { kind: OPERATION_KIND[op.kind ?? 'write'], writer, sequence };
    if (op.outcome === 'unsent') {
      ledger.unsent({ ...id, scheduled_ms, sent_ms }, flags);
      continue;
    }
    ledger.send({ ...id, scheduled_ms, sent_ms });
    if (op.done_ms === null) continue;
    const { done_ms = sent_ms + 2, node = NO_NODE, timeline = 0 } = op;
    ledger.outcome({ ...id, outcome: OUTCOME[op.outcome], done_ms, node, timeline, flags });
  }
  ledger.close();
}

/** How many rows each reading has. */
export function writeSurvivors(
  file: string,
  readings: Partial<Record<Reading, Iterable<SurvivorRow>>>,
): number[] {
  const survivors = createSurvivors(file);
  const counts = Object.entries(readings).map(([name, rows]) => {
    survivors.begin(name as Reading);
    let count = 0;
    for (const row of rows) {
      survivors.row(row);
      count += 1;
    }
    survivors.end();
    return count;
  });
  survivors.close();
  return counts;
}

/** Anew: a journal is appended to. */
function writeJournal(directory: string, events: readonly RunEvent[]): void {
  const file = runFile(directory, 'journal');
  rmSync(file, { force: true });
  const lines = createJournal(file);
  for (const event of events) lines.append(event);
  lines.close();
}

/** Judges the files and stores the result beside them, as a run does at its end. */
export function storeResult(directory: string): Result {
  const result = assess(readEvidence(directory));
  writeFileSync(runFile(directory, 'result'), writeResult(result));
  return result;
}
