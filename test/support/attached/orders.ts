// Writes into a stack by drill's own role and by none of drill's ways, and where they arrive.
import { Client } from 'pg';
import { hostClock, until } from '../../../src/host/clock.ts';

/** Far more than anything here takes. */
const PATIENCE_MS = 60_000;
const EVERY_MS = 50;
const CONNECT_AT_MOST_MS = 1_000;

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const limits = { connectionTimeoutMillis: CONNECT_AT_MOST_MS, query_timeout: CONNECT_AT_MOST_MS };
  const client = new Client({ connectionString: url, ...limits });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    client.end().catch(() => {}); // it may not answer any more
  }
}

/** As in Aurora: the log is none of PostgreSQL's, and who asks for it gets an error. */
const AURORA = `create schema aurora; grant usage on schema aurora to public;
  create function aurora.pg_current_wal_lsn() returns pg_lsn language plpgsql as $$
    begin raise 'wal_level must be set to ''logical''' using errcode = '55000'; end $$;
  create function aurora.pg_current_wal_insert_lsn() returns pg_lsn language sql as
    'select aurora.pg_current_wal_lsn()';
  alter role drill set search_path = aurora, pg_catalog, public`;

/** From then on drill's role is told nothing of the log, nor which system this is. */
export async function keepToItself(admin: string): Promise<void> {
  await query(admin, AURORA);
  await query(admin, 'revoke execute on function pg_control_system() from public');
}

/** As what drill does in a database that it was let into. */
export async function makeOrders(url: string): Promise<void> {
  await query(url, 'create schema dr_drill');
  await query(url, 'create table dr_drill.orders (id bigint generated always as identity)');
}

/** The number of the order. */
export async function order(url: string): Promise<number> {
  const rows = await query(url, 'insert into dr_drill.orders default values returning id');
  return Number(rows[0]!['id']);
}

/** Resolves once a server takes an order, to its number. */
export async function untilOrdered(url: string): Promise<number> {
  return await patiently(`${hostOf(url)} never takes a write`, async () => {
    return await order(url).catch(() => null);
  });
}

export async function untilArrived(url: string, id: number): Promise<void> {
  await patiently(`order ${id} never arrives at ${hostOf(url)}`, async () => {
    const text = `select 1 from dr_drill.orders where id = ${id}`;
    const rows = await query(url, text).catch(() => []);
    return rows.length > 0 ? true : null;
  });
}

export async function patiently<T>(otherwise: string, look: () => Promise<T | null>): Promise<T> {
  const clock = hostClock();
  const deadline_ms = clock.now() + PATIENCE_MS;
  const found = await until({ clock, deadline_ms, every_ms: EVERY_MS }, look);
  if (found === null) throw new Error(otherwise);
  return found;
}

const hostOf = (url: string) => new URL(url).host;
