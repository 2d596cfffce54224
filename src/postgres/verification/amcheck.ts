// Whether amcheck finds the tables and indexes sound that clients' data is in.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';

/** Part of a query on `pg_class c`. */
const USER_TABLES = `join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and c.relpersistence <> 't'`;

/** A page that cannot be read raises `data_corrupted`; what is wrong within one is listed. */
export const heaps: VerificationCheck<pg.Client> = {
  name: 'tables are sound (verify_heapam)',
  proves: 'harm',
  look: async (client) => {
    const { rows } = await client.query<{ table: string; problem: string | null }>(
      `select c.oid::regclass::text as table, (select string_agg(v.msg, '; ') from
         (select msg from verify_heapam(c.oid::regclass) limit 5) v) as problem
       from pg_class c ${USER_TABLES} and c.relkind = 'r'`,
    );
    const bad = rows.filter((row) => row.problem !== null);
    const names = rows.map((row) => row.table).join(', ');
    if (bad.length === 0) return { ok: true, detail: `${rows.length} checked: ${names}` };
    return { ok: false, detail: bad.map((row) => `${row.table}: ${row.problem}`).join('; ') };
  },
};

/** Each has every row of its table; amcheck raises `index_corrupted` for what it finds. */
export const indexes: VerificationCheck<pg.Client> = {
  name: 'indexes agree with their tables (amcheck)',
  proves: 'harm',
  look: async (client) => {
    await client.query('create extension if not exists amcheck');
    const { rows } = await client.query<{ index: string }>(
      `select c.oid::regclass::text as index, bt_index_check(c.oid::regclass, true)::text
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
       ${USER_TABLES}
         and a.amname = 'btree' and i.indisvalid`,
    );
    const names = rows.map((row) => row.index).join(', ');
    return { ok: true, detail: `${rows.length} checked: ${names}` };
  },
};
