// Whether every B-tree index is sound and has each row of its table.
import type pg from 'pg';
import type { VerificationCheck } from '../../evidence/verification.ts';
import { USER_TABLES } from './user-tables.ts';

/** amcheck raises `index_corrupted` for what it finds. */
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
