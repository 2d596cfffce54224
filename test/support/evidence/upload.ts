// What a machine sends to a shared history of a run that lies in a folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rememberedIn } from '../../../src/archive/history/history-entry.ts';
import { Outbox } from '../../../src/archive/shared/outbox.ts';
import { sendWaiting } from '../../../src/archive/shared/send.ts';
import type { DatabaseAddress } from '../../../src/drill/database-address.ts';
import type { RunUpload, Upload } from '../../../src/evidence/history-form.ts';

export const LIMITS = { connect_ms: 500, statement_ms: 2_000, all_ms: 10_000 };

const FROM = { schema: 'drill.upload/1', machine: 'build-7', who: 'ada' } as const;
const MADE_MS = Date.UTC(2026, 10, 28);

export function runUpload(runs: string, id: string, change: Partial<RunUpload> = {}): RunUpload {
  const result = readFileSync(join(runs, id, 'result.json'), 'utf8');
  const found = rememberedIn(join(runs, id), null)!;
  return { ...FROM, changed_ms: MADE_MS, kind: 'run', id, ...found, result, ...change };
}

export function seriesUpload(id: string, results: readonly object[], changed_ms = 1): Upload {
  return { ...FROM, kind: 'series', id, changed_ms, results: JSON.stringify(results) };
}

/** As another machine does, whose folder is gone afterwards. */
export async function sendFrom(
  folder: string,
  address: DatabaseAddress,
  uploads: readonly Upload[],
): Promise<void> {
  const outbox = new Outbox(join(folder, 'outbox-of-another'));
  for (const each of uploads) outbox.add(each);
  const { problems } = await sendWaiting(outbox, address, LIMITS);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
