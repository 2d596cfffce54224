// Looks for damage in a database that serves: indexes against their tables, pages, checksums, the
// timeline that is really written, and one write.
import type pg from 'pg';
import type { CheckResult } from '../../evidence/event.ts';
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';
import { PROBE_WRITE } from '../server/primary.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 60_000 };

type Check = (client: pg.Client) => Promise<Omit<CheckResult, 'name'>>;

const CHECKS: readonly (readonly [string, Check])[] = [
  ['takes a write', takesWrite],
  ['timeline', timeline],
  ['indexes agree with their tables (amcheck)', indexes],
  ['tables are sound (verify_heapam)', heaps],
  ['page checksums', checksums],
];

/** Every check, in this order; one that cannot be made counts as failed, with the reason. */
export async function inspect(address: DatabaseAddress): Promise<CheckResult[]> {
  try {
    return await withConnection(address, LIMITS, async (client) => {
      await client.query('set synchronous_commit = local');
      const results: CheckResult[] = [];
      for (const [name, check] of CHECKS) {
        const found = await check(client).catch((error: Error) => ({
          ok: false,
          detail: error.message,
        }));
        results.push({ name, ...found });
      }
      return results;
    });
  } catch (error) {
    return [{ name: 'takes connections', ok: false, detail: (error as Error).message }];
  }
}

async function takesWrite(client: pg.Client) {
  const { at } = await oneRow<{ at: string }>(client, `${PROBE_WRITE} returning at::text`);
  return { ok: true, detail: `committed at ${at} of the server's clock` };
}

/**
 * `pg_is_in_recovery()` turns false before the control file knows the new timeline, so a checkpoint
 * comes first; then both must name the same.
 */
async function timeline(client: pg.Client) {
  await client.query('checkpoint');
  const row = await oneRow<{ written: string; recorded: number; recovering: boolean }>(
    client,
    `select substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) as written,
       (select timeline_id from pg_control_checkpoint()) as recorded,
       pg_is_in_recovery() as recovering`,
  );
  const written = parseInt(row.written, 16);
  const ok = !row.recovering && written === row.recorded;
  return { ok, detail: `writes on timeline ${written}, the control file says ${row.recorded}` };
}

const USER_TABLES = `join pg_namespace n on n.oid = c.relnamespace
  where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and c.relpersistence <> 't'`;

async function indexes(client: pg.Client) {
  await client.query('create extension if not exists amcheck');
  const { rows } = await client.query<{ index: string }>(
    `select c.oid::regclass::text as index, bt_index_check(c.oid::regclass, true)::text
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
     ${USER_TABLES}
       and a.amname = 'btree' and i.indisvalid`,
  );
  return { ok: true, detail: `${rows.length} checked: ${rows.map((row) => row.index).join(', ')}` };
}

async function heaps(client: pg.Client) {
  const { rows } = await client.query<{ table: string; problem: string | null }>(
    `select c.oid::regclass::text as table, (select string_agg(v.msg, '; ') from
       (select msg from verify_heapam(c.oid::regclass) limit 5) v) as problem
     from pg_class c ${USER_TABLES} and c.relkind = 'r'`,
  );
  const bad = rows.filter((row) => row.problem !== null);
  const names = rows.map((row) => row.table).join(', ');
  if (bad.length === 0) return { ok: true, detail: `${rows.length} checked: ${names}` };
  return { ok: false, detail: bad.map((row) => `${row.table}: ${row.problem}`).join('; ') };
}

async function checksums(client: pg.Client) {
  const row = await oneRow<{ setting: string; failures: string }>(
    client,
    `select current_setting('data_checksums') as setting,
       coalesce(sum(checksum_failures), 0)::text as failures from pg_stat_database`,
  );
  return {
    ok: row.setting === 'on' && row.failures === '0',
    detail: `${row.setting}, ${row.failures} failures`,
  };
}
