// One reading of a database beside the ledger: copies of each write, and altered payloads.
import { expectedDigest } from '../../base/payload.ts';
import { OPERATION_KIND, type Operations } from '../../evidence/ledger/operation.ts';
import { RowIndex } from '../../evidence/ledger/row-index.ts';
import type { SurvivorRows } from '../../evidence/survivors.ts';
import type { Id } from '../../drill/measurement.ts';

export interface Presence {
  /** Copies by operation row, at most 255. */
  readonly copies: Uint8Array;
  /** 1 where a copy's payload is not what the client sent. */
  readonly altered: Uint8Array;
  /** Ids that no operation of the ledger has, each once. */
  readonly unexpected: readonly Id[];
}

interface PayloadRule {
  readonly seed: number;
  readonly payload_bytes: number;
}

/** Rows of writes by writer and sequence, seed rows and markers too; a read names no row. */
export function writesOf({ count, kind, writer, sequence }: Operations): RowIndex {
  const writes = new RowIndex();
  for (let row = 0; row < count; row++) {
    if (kind[row] !== OPERATION_KIND.read) writes.set(writer[row]!, sequence[row]!, row);
  }
  return writes;
}

export function presenceOf(
  rows: SurvivorRows,
  writes: RowIndex,
  operationCount: number,
  payload: PayloadRule,
): Presence {
  const copies = new Uint8Array(operationCount);
  const altered = new Uint8Array(operationCount);
  const unexpected = new Map<number, Id>();
  for (let at = 0; at < rows.count; at++) {
    const writer = rows.writer[at]!;
    const sequence = rows.sequence[at]!;
    const row = writes.get(writer, sequence);
    if (row < 0) {
      unexpected.set(writer * 2 ** 32 + sequence, { writer, sequence });
      continue;
    }
    if (copies[row]! < 255) copies[row]!++;
    if (!isAsSent(rows, at, payload)) altered[row] = 1;
  }
  return { copies, altered, unexpected: [...unexpected.values()] };
}

function isAsSent(rows: SurvivorRows, at: number, { seed, payload_bytes }: PayloadRule): boolean {
  if (rows.payload_bytes[at] !== payload_bytes) return false;
  const sent = expectedDigest(seed, rows.writer[at]!, rows.sequence[at]!, payload_bytes);
  return rows.digest_high[at] === sent.high && rows.digest_low[at] === sent.low;
}

/** The greatest of each write in several readings; none of them may be changed. */
export function greatestIn(
  presences: readonly Presence[],
  column: 'copies' | 'altered',
): Uint8Array {
  const [first, ...others] = presences.map((presence) => presence[column]);
  if (others.length === 0) return first!;
  const most = first!.slice();
  for (const other of others) {
    for (let row = 0; row < most.length; row++) {
      if (other[row]! > most[row]!) most[row] = other[row]!;
    }
  }
  return most;
}

/** Ids in any of several databases that no operation of the ledger has, each once. */
export function unexpectedIn(presences: readonly Presence[]): readonly Id[] {
  if (presences.length === 1) return presences[0]!.unexpected;
  const all = presences.flatMap(({ unexpected }) => unexpected);
  return [...new Map(all.map((id) => [id.writer * 2 ** 32 + id.sequence, id])).values()];
}
