// The shared rows: made, and what their histories hold read, an entry a row, as if each update had
// left a row of its own. So it is counted like any other write.
import type pg from 'pg';
import { digestOf, expectedDigest } from '../../base/payload.ts';
import { parseHistoryEntry, sharedRowOf } from '../../base/shared-row.ts';
import type { SurvivorRow } from '../../evidence/survivors.ts';

/**
 * Makes the shared rows 1 to `count`, those that are not there. Where two regions write, it runs on
 * one of them once they replicate, or on both before they do: a row that was made on both sides is
 * a conflict.
 */
export function insertSharedRows(count: number): string {
  return `insert into stock (key) select generate_series(1, ${count}) on conflict do nothing`;
}

/** How updates were made: from which seed, with how long a payload, over how many rows. */
export interface UpdateRule {
  readonly seed: number;
  readonly payload_bytes: number;
  readonly shared_rows: number;
}

const ENTRIES = 'select key, entry from stock, unnest(history) entry order by key';

/**
 * An entry stands for the payload that its update had. One that is not in the row that the update
 * chose is handed over as an altered one, one that no client can have written with an id that none
 * has. Resolves to how many entries there are.
 */
export async function readHistories(
  client: pg.Client,
  rule: UpdateRule,
  onRow: (row: SurvivorRow) => void,
): Promise<number> {
  const { rows } = await client.query<{ key: number; entry: string | null }>(ENTRIES);
  for (const { key, entry } of rows) onRow(survivorOf(key, entry ?? '', rule));
  return rows.length;
}

function survivorOf(key: number, entry: string, rule: UpdateRule): SurvivorRow {
  const id = parseHistoryEntry(entry);
  const { seed, payload_bytes, shared_rows } = rule;
  const isInPlace = id !== null && sharedRowOf(seed, id.writer, id.sequence, shared_rows) === key;
  if (isInPlace) {
    const { high, low } = expectedDigest(seed, id.writer, id.sequence, payload_bytes);
    return { ...id, digest_high: high, digest_low: low, payload_bytes };
  }
  const text = new TextEncoder().encode(entry);
  const { high, low } = digestOf(text);
  const { writer, sequence } = id ?? { writer: NaN, sequence: NaN };
  return { writer, sequence, digest_high: high, digest_low: low, payload_bytes: text.length };
}
