// The files of a run whose truth is known, but for its ledger, which the workload writes itself.
import { rmSync, writeFileSync } from 'node:fs';
import { digestOf } from '../../base/payload.ts';
import type { Plan } from '../../drill/plan/plan.ts';
import type { RunEvent } from '../../evidence/event.ts';
import { createJournal } from '../../evidence/journal.ts';
import { runFile } from '../../evidence/run-files.ts';
import { createSurvivors } from '../../evidence/survivors.ts';
import type { KnownRow } from './service.ts';

/** What the serving database holds at the cut, and after the failback; null: there was none. */
interface Stored {
  readonly serving: readonly KnownRow[];
  readonly last: readonly KnownRow[] | null;
}

export function writeFiles(
  directory: string,
  plan: Plan,
  stored: Stored,
  events: readonly RunEvent[],
): void {
  writeFileSync(runFile(directory, 'plan'), `${JSON.stringify(plan, null, 2)}\n`);
  writeEvents(directory, events);
  writeStored(directory, stored.serving, stored.last);
}

/** Writes the journal anew. */
export function writeEvents(directory: string, events: readonly RunEvent[]): void {
  const file = runFile(directory, 'journal');
  rmSync(file, { force: true });
  const journal = createJournal(file);
  for (const event of events) journal.append(event);
  journal.close();
}

/** Writes what the serving database holds anew. */
export function writeStored(
  directory: string,
  serving: readonly KnownRow[],
  last: readonly KnownRow[] | null = null,
): void {
  const survivors = createSurvivors(runFile(directory, 'survivors'));
  for (const [reading, stored] of [
    ['serving', serving],
    ['after-failback', last],
  ] as const) {
    if (stored === null) continue;
    survivors.begin(reading);
    for (const { writer, sequence, payload } of stored) {
      const bytes = Buffer.from(payload, 'utf8');
      const { high, low } = digestOf(bytes);
      const digest = { digest_high: high, digest_low: low };
      survivors.row({ writer, sequence, ...digest, payload_bytes: bytes.length });
    }
    survivors.end();
  }
  survivors.close();
}
