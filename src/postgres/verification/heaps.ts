// Whether the pages of every table are sound.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { USER_TABLES } from './user-tables.ts';

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
