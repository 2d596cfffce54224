// Reads every order in one snapshot, by COPY in its binary form: the payload's bytes come exactly
// as they are stored. Where shared rows are updated, their histories are read in the same snapshot.
import { driverFailure, OperationFailed } from '../../host/operation-failed.ts';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { digestOf } from '../../base/payload.ts';
import { payloadNotTold, type SurvivorRow } from '../../evidence/survivors.ts';
import { within } from '../../host/clock.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { WRITTEN_TIMELINE } from '../server/timeline.ts';
import { readHistories, type UpdateRule } from '../server/shared-rows.ts';
import type { OrderId } from '../../evidence/restore.ts';
import type { SalvagedRow } from '../../evidence/salvage.ts';

/** The driver's own limit on a statement never ends for COPY, so the whole read has one instead. */
const LIMITS = { connect_ms: 5_000, statement_ms: 0 };
const BY_ID_LIMITS = { connect_ms: 5_000, statement_ms: 60_000 };
const READ_AT_MOST_MS = 120_000;
/** `PGCOPY\n\377\r\n\0`, flags, length of the extension; then rows; then a field count of -1. */
const HEADER_BYTES = 19;
const END = -1;
/** The length of a field that has no value. */
const NULL = -1;

export interface OrdersRead {
  /** Orders, and entries of histories. */
  readonly rows: number;
  /** The one that the server writes, or replays; 0: it does not tell. */
  readonly timeline: number;
  /** `pg_current_snapshot()` of the transaction that read. */
  readonly snapshot: string;
}

/** The timeline that a server writes, or replays. */
const TIMELINE = `case when pg_is_in_recovery()
  then lpad(to_hex((select timeline_id from pg_control_checkpoint())), 8, '0')
  else ${WRITTEN_TIMELINE} end`;

export interface OrdersSource {
  /** Null where no shared rows are updated; their table may be missing then. */
  readonly updates: UpdateRule | null;
  readonly table: string;
  /** In SQL: how the server is asked for its timeline. */
  readonly timeline: string;
}

/**
 * Rejects when the read is not complete; rows that were handed over before that are worth nothing.
 */
export async function readOrders(
  address: DatabaseAddress,
  onRow: (row: SurvivorRow) => void,
  { updates = null, table = 'orders', timeline = TIMELINE }: Partial<OrdersSource> = {},
): Promise<OrdersRead> {
  const source = { updates, table, timeline };
  return await withConnection(address, LIMITS, async (client) => {
    const read = await within(readOn(client, onRow, source), READ_AT_MOST_MS, null);
    if (read !== null) return read;
    throw unreadable(`no end within ${READ_AT_MOST_MS / 1000} s`);
  });
}

async function readOn(
  client: pg.Client,
  onRow: (row: SurvivorRow) => void,
  { updates, table, timeline }: OrdersSource,
): Promise<OrdersRead> {
  await client.query('begin isolation level repeatable read read only');
  const facts = await oneRow<{ snapshot: string; timeline: string }>(
    client,
    `select pg_current_snapshot()::text as snapshot, ${timeline} as timeline`,
  );
  const reader = new CopyReader(onRow);
  const copy = client.query(
    copyTo(`copy (select writer, sequence, payload from ${table}) to stdout (format binary)`),
  );
  const chunks = copy.iterator() as AsyncIterator<Buffer, undefined>;
  for (;;) {
    const { value } = await chunks.next().catch((error: unknown) => {
      throw driverFailure(error, 'COPY of the orders');
    });
    if (value === undefined) break;
    reader.take(value);
  }
  const { rows } = reader.end();
  const counted = await oneRow<{ count: string }>(client, `select count(*) from ${table}`);
  const entries = updates === null ? 0 : await readHistories(client, updates, onRow);
  await client.query('commit');
  if (Number(counted.count) !== rows) {
    throw unreadable(`${rows} rows in it and ${counted.count} in the table`);
  }
  return { rows: rows + entries, timeline: parseInt(facts.timeline, 16), snapshot: facts.snapshot };
}

function unreadable(found: string): OperationFailed {
  return new OperationFailed({ what: 'COPY of the orders', expected: 'all of them', found });
}

/** Takes the COPY stream in pieces of any size and hands over its rows. */
export class CopyReader {
  readonly #onRow: (row: SurvivorRow) => void;
  #rest: Buffer = Buffer.alloc(0);
  #isHeaderRead = false;
  #isEnded = false;
  #rows = 0;

  constructor(onRow: (row: SurvivorRow) => void) {
    this.#onRow = onRow;
  }

  take(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#isHeaderRead && data.length >= HEADER_BYTES) {
      at = HEADER_BYTES + data.readUInt32BE(HEADER_BYTES - 4);
      this.#isHeaderRead = true;
    }
    while (this.#isHeaderRead && !this.#isEnded) {
      const next = this.#takeRow(data, at);
      if (next === null) break;
      at = next;
    }
    // A copy: the driver may use the chunk's memory again.
    this.#rest = Buffer.from(data.subarray(at));
  }

  end(): { rows: number } {
    if (!this.#isEnded) throw unreadable('a stream that ended before its end mark');
    return { rows: this.#rows };
  }

  /**
   * The place at which the row after the one at `at` begins; null when the latter is incomplete.
   */
  #takeRow(data: Buffer, at: number): number | null {
    if (data.length < at + 2) return null;
    const fields = data.readInt16BE(at);
    if (fields === END) {
      this.#isEnded = true;
      return at + 2;
    }
    // writer: int4; sequence: int8; payload: text. Each has its length before it.
    const payloadAt = at + 2 + 8 + 12;
    // A field without a value has nothing after its length, so that the row may end before.
    if (fields !== 3 || !hasLength(data, at + 2, 4) || !hasLength(data, at + 10, 8)) {
      throw unreadable(`row ${this.#rows + 1} that is not (integer, bigint, text)`);
    }
    if (data.length < payloadAt + 4) return null;
    const bytes = data.readInt32BE(payloadAt);
    const end = payloadAt + 4 + Math.max(0, bytes);
    if (data.length < end) return null;
    const writer = data.readInt32BE(at + 6);
    const sequence = Number(data.readBigInt64BE(at + 14));
    this.#rows += 1;
    if (bytes === NULL) {
      this.#onRow(payloadNotTold({ writer, sequence }));
      return end;
    }
    const { high, low } = digestOf(data.subarray(payloadAt + 4, end));
    const digest = { digest_high: high, digest_low: low };
    this.#onRow({ writer, sequence, ...digest, payload_bytes: bytes });
    return end;
  }
}

/** True where it has not come yet. */
function hasLength(data: Buffer, at: number, bytes: number): boolean {
  return data.length < at + 4 || data.readInt32BE(at) === bytes;
}

/** A condition for orders of these ids, which are its first two values. */
export const AMONG_IDS = '(writer, sequence) in (select * from unnest($1::int[], $2::bigint[]))';

export function idValues(ids: readonly OrderId[]): [number[], number[]] {
  return [ids.map(({ writer }) => writer), ids.map(({ sequence }) => sequence)];
}

/** The whole rows, in the order of their ids; an id that is not there is left out. */
export async function ordersByIds(
  address: DatabaseAddress,
  ids: readonly OrderId[],
  table = 'orders',
): Promise<SalvagedRow[]> {
  return await withConnection(address, BY_ID_LIMITS, async (client) => {
    const { rows } = await client.query<SalvagedRow>(
      `select writer, sequence::float8 as sequence, payload, region, created::text as created
       from ${table} where ${AMONG_IDS}
       order by writer, sequence`,
      idValues(ids),
    );
    return rows;
  });
}
