// Writes synthetic evidence as the files of a run, through the very writers that a run uses.
import { writeFileSync } from 'node:fs';
import type { Plan } from '../../src/drill/plan.ts';
import type { RunEvent } from '../../src/evidence/event.ts';
import { createJournal } from '../../src/evidence/journal.ts';
import { createLedger } from '../../src/evidence/ledger-writer.ts';
import { NO_NODE, OPERATION_KIND, OUTCOME } from '../../src/evidence/operation.ts';
import { readEvidence, runFile } from '../../src/evidence/run-files.ts';
import { createSurvivors } from '../../src/evidence/survivors-file.ts';
import type { SurvivorRow } from '../../src/evidence/survivors.ts';
import { assess, writeResult } from '../../src/verdict/assess.ts';
import type { Result } from '../../src/verdict/result.ts';
import { header, journal, plan as defaultPlan, type Op, withReading } from './synthetic.ts';

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
  const ledger = createLedger(runFile(directory, 'ledger'), header);
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
  const survivors = createSurvivors(runFile(directory, 'survivors'));
  survivors.begin('serving');
  let rows = 0;
  for (const row of serving) {
    survivors.row(row);
    rows += 1;
  }
  survivors.end();
  survivors.close();
  const lines = createJournal(runFile(directory, 'journal'));
  for (const event of withReading(events, rows)) lines.append(event);
  lines.close();
}

/** Judges the files and stores the result beside them, as a run does at its end. */
export function storeResult(directory: string): Result {
  const result = assess(readEvidence(directory));
  writeFileSync(runFile(directory, 'result'), writeResult(result));
  return result;
}
