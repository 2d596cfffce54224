// Requests that several parts make of a running server as its administrator.
import type pg from 'pg';
import { oneRow } from './connection.ts';

/** Takes effect at once, where the setting can change so; null: as it was before. */
export async function alterSystem(
  client: pg.Client,
  settings: Readonly<Record<string, string | null>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const change = `set ${name} = ${client.escapeLiteral(value ?? '')}`;
    await client.query(`alter system ${value === null ? `reset ${name}` : change}`);
  }
  await client.query('select pg_reload_conf()');
}

/** The position at which the restore point ends. */
export async function createRestorePoint(client: pg.Client, name: string): Promise<string> {
  const sql = 'select pg_create_restore_point($1)::text as lsn';
  return (await oneRow<{ lsn: string }>(client, sql, [name])).lsn;
}

/** Up to where the log is on disk, which every acknowledged commit is. */
export async function flushedLsn(client: pg.Client): Promise<string> {
  const sql = 'select pg_current_wal_flush_lsn()::text as lsn';
  return (await oneRow<{ lsn: string }>(client, sql)).lsn;
}
