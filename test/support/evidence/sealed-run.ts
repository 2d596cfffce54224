// A whole run with all its seals, as the engine leaves it: made of synthetic evidence through the
// very writers that a run uses, with as many lost writes as a test wants.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { createJournal } from '../../../src/evidence/journal.ts';
import { readEvidence, runFile, sealEvidence } from '../../../src/evidence/run-files.ts';
import { sha256 } from '../../../src/host/sha256.ts';
import { assess, writeResult } from '../../../src/verdict/assess.ts';
import type { Result } from '../../../src/verdict/result.ts';
import { writeLedger, writeSurvivors } from './run-directory.ts';
import {
  acknowledged,
  drive,
  goneFor,
  header,
  journal,
  plan as usual,
  rowOf,
  TIMES,
  withReading,
} from './synthetic.ts';

export interface SealedParts {
  readonly id: string;
  /** So many of the last writes before the disaster are gone. */
  readonly lost?: number;
  readonly plan?: Partial<Plan>;
  /** The run that its files are of, where it is another one. */
  readonly of?: string;
}

/** Makes the run's directory in `runs`. */
export function sealedRun(runs: string, { id, lost = 0, plan = {}, of = id }: SealedParts): Result {
  const directory = join(runs, id);
  mkdirSync(join(directory, 'logs'), { recursive: true });
  writeFileSync(join(directory, 'logs', 'gslb.log'), 'health checks begin\n');
  const text = `drill: 1\nname: ${usual.name}\n`;
  writeFileSync(runFile(directory, 'drill'), text);
  const own = JSON.stringify({ ...usual, sha256: sha256(text), ...plan });
  writeFileSync(runFile(directory, 'plan'), own);
  const ops = drive(goneFor(1_000));
  writeLedger(runFile(directory, 'ledger'), { ...header, run: of }, ops);
  const kept = acknowledged(ops);
  const before = kept.findLastIndex(({ scheduled_ms }) => scheduled_ms < TIMES.faultStarted);
  const serving = kept.toSpliced(before + 1 - lost, lost).map(rowOf);
  const [rows = 0] = writeSurvivors(runFile(directory, 'survivors'), { serving });
  const lines = createJournal(runFile(directory, 'journal'));
  for (const event of withReading(journal(), rows)) {
    const sums = { plan_sha256: sha256(own), drill_sha256: sha256(text) };
    lines.append(event.event === 'run.started' ? { ...event, id: of, ...sums } : event);
  }
  lines.append({ t: TIMES.cut + 9_000, event: 'evidence.closed', files: sealEvidence(directory) });
  const result = assess(readEvidence(directory));
  const written = writeResult(result);
  writeFileSync(runFile(directory, 'result'), written);
  lines.append({ t: TIMES.cut + 9_001, event: 'result.written', sha256: sha256(written) });
  lines.close();
  return result;
}
