// Reads every cart as one state of the server: the carts are watched while they are read piece by
// piece, and the read counts only if none changed and none was added until its end.
import { driverFailure, OperationFailed } from '../host/operation-failed.ts';
import type { Redis } from 'ioredis';
import { CART_KEYS, cartWriter, parseCartItem } from '../base/cart.ts';
import { digestOf } from '../base/payload.ts';
import type { SurvivorRow } from '../evidence/survivors.ts';
import { within } from '../host/clock.ts';
import { parseInfo, replyCode, withConnection, type RedisAddress } from './connection.ts';

const LIMITS = { connect_ms: 5_000, command_ms: 30_000 };
const EMPTY_LIMITS = { connect_ms: 5_000, command_ms: 10_000 };
const READ_AT_MOST_MS = 120_000;
/** Items of one reply; a larger one would keep the server from everything else meanwhile. */
const ITEMS_MAX = 2_000;

export interface CartsRead {
  readonly rows: number;
  /** Redis has none. */
  readonly timeline: 0;
  /** `<replication id>:<offset>` at the end of the read. */
  readonly snapshot: string;
}

/**
 * Rejects when the read is not complete; rows that were handed over before that are worth nothing.
 */
export async function readCarts(
  address: RedisAddress,
  onRow: (row: SurvivorRow) => void,
): Promise<CartsRead> {
  return await withConnection(address, LIMITS, async (client) => {
    const read = await within(readOn(client, onRow), READ_AT_MOST_MS, null);
    if (read !== null) return read;
    throw unreadable(`no end within ${READ_AT_MOST_MS / 1000} s`);
  });
}

async function readOn(client: Redis, onRow: (row: SurvivorRow) => void): Promise<CartsRead> {
  const keys = await client.keys(CART_KEYS);
  if (keys.length > 0) await client.watch(...keys);
  let rows = 0;
  for (const key of keys) rows += await readCart(client, key, onRow);
  const asked = client.multi().keys(CART_KEYS).info('replication').exec();
  const replies = await asked.catch((error: unknown) => {
    throw driverFailure(error, 'reading the carts');
  });
  const [found, info] = replies?.map(([error, reply]) => {
    if (error !== null) throw driverFailure(error, 'reading the carts');
    return reply;
  }) ?? [null, null];
  if (found === null || !isSame(keys, found as string[])) {
    throw unreadable('carts that changed meanwhile');
  }
  const state = parseInfo(info as string);
  const snapshot = `${state.get('master_replid')}:${state.get('master_repl_offset')}`;
  return { rows, timeline: 0, snapshot };
}

function unreadable(found: string): OperationFailed {
  return new OperationFailed({ what: 'reading the carts', expected: 'all of them', found });
}

/** Resolves to how many rows it handed over. */
async function readCart(
  client: Redis,
  key: string,
  onRow: (row: SurvivorRow) => void,
): Promise<number> {
  const writer = cartWriter(key);
  for (let from = 0; ; from += ITEMS_MAX) {
    const items = await itemsOf(client, key, from);
    if (items === null) {
      // What was a cart is something else now: what it held is gone, and this is what is there.
      onRow(rowOf(NaN, new Uint8Array()));
      return from + 1;
    }
    for (const item of items) onRow(rowOf(writer, item));
    if (items.length < ITEMS_MAX) return from + items.length;
  }
}

/** Null where the key holds no list. */
async function itemsOf(client: Redis, key: string, from: number): Promise<Buffer[] | null> {
  try {
    return await client.lrangeBuffer(key, from, from + ITEMS_MAX - 1);
  } catch (error) {
    if (replyCode(error) === 'WRONGTYPE') return null;
    throw error;
  }
}

/** An item that the service cannot have written gets an id that no client has: it is unexpected. */
function rowOf(writer: number, item: Uint8Array): SurvivorRow {
  const { sequence, payload } = parseCartItem(item);
  const { high, low } = digestOf(payload);
  const payload_bytes = payload.length;
  return { writer, sequence, digest_high: high, digest_low: low, payload_bytes };
}

function isSame(before: readonly string[], after: readonly string[]): boolean {
  const known = new Set(before);
  return before.length === after.length && after.every((key) => known.has(key));
}

/**
 * Empties the carts of a system that is drilled again: ids of an earlier drill would be taken for
 * this one's. On the primary; replication carries it to the replica. Resolves to how many items
 * there were.
 */
export async function emptyCarts(address: RedisAddress): Promise<number> {
  return await withConnection(address, EMPTY_LIMITS, async (client) => {
    const keys = await client.keys(CART_KEYS);
    const lengths = await Promise.all(keys.map((key) => client.llen(key)));
    await client.flushall();
    return lengths.reduce((sum, length) => sum + length, 0);
  });
}
