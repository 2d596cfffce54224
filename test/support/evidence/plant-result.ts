// A run directory with a result, and a journal whose last line names it, as the engine leaves them.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { createJournal } from '../../../src/evidence/journal.ts';
import { runFile } from '../../../src/evidence/run-files.ts';
import type { Result } from '../../../src/verdict/result.ts';

export function plantResult(
  directory: string,
  result: Result,
  events: readonly RunEvent[] = [],
): void {
  const text = JSON.stringify(result);
  writeFileSync(runFile(directory, 'result'), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const journal = createJournal(runFile(directory, 'journal'));
  for (const event of [...events, { t: 1, event: 'result.written', sha256 } as const]) {
    journal.append(event);
  }
  journal.close();
}
