// How drill marks what it makes in a database of somebody's own, and how it behaves there.
import type pg from 'pg';

/** The comment on it. */
export const MARK = 'made by drill: dr-drill';

/**
 * In one transaction nobody waits for drill: neither for a lock that it has, nor behind one that it
 * waits for. Nor does it wait for a standby, which may be what is broken.
 */
export const MODEST = `set local lock_timeout = '1s'; set local statement_timeout = '10s';
  set local idle_in_transaction_session_timeout = '5s'; set local synchronous_commit = local`;

/** Null: it has none, or there is no such schema. */
export async function markOf(client: pg.Client, schema: string): Promise<string | null> {
  const { rows } = await client.query<{ mark: string | null }>(
    `select obj_description(oid, 'pg_namespace') as mark from pg_namespace where nspname = $1`,
    [schema],
  );
  return rows[0]?.mark ?? null;
}

/** Null: it has none. Undefined: there is no such table. */
export async function markOfTable(
  client: pg.Client,
  table: string,
): Promise<string | null | undefined> {
  const { rows } = await client.query<{ mark: string | null }>(
    `select obj_description(to_regclass($1), 'pg_class') as mark
     where to_regclass($1) is not null`,
    [table],
  );
  return rows[0]?.mark;
}
