// A heartbeat in a database of somebody's own: one row that is written all the time, so that a
// backup shows when it ends.
import type pg from 'pg';
import { OperationFailed } from '../../host/operation-failed.ts';
import { oneRow } from '../server/connection.ts';
import { markOf, MARK, MODEST } from './mark.ts';

const HEARTBEAT_SCHEMA = 'dr_drill';
export const HEARTBEAT_TABLE = `${HEARTBEAT_SCHEMA}.heartbeat`;
const TABLE_MARK = `${MARK}, heartbeat`;

/** What a server is, and why no heartbeat can be made there. */
export interface HeartbeatPlace {
  readonly database: string;
  readonly role: string;
  readonly system: string;
  /** It is there already. */
  readonly isMade: boolean;
  /** Null: it can be. */
  readonly problem: string | null;
}

/** Reads only. */
export async function lookForHeartbeat(client: pg.Client): Promise<HeartbeatPlace> {
  const found = await oneRow<Found>(
    client,
    `select current_database() as database, current_user as role,
       (select system_identifier::text from pg_control_system()) as system,
       pg_is_in_recovery() as standby,
       (select string_agg(pubname, ', ') from pg_publication where puballtables) as publications,
       to_regnamespace('${HEARTBEAT_SCHEMA}') is not null as schema,
       to_regclass('${HEARTBEAT_TABLE}') is not null as made,
       obj_description(to_regclass('${HEARTBEAT_TABLE}'), 'pg_class') as mark`,
  );
  const { database, role, system, made } = found;
  const schemaMark = found.schema ? await markOf(client, HEARTBEAT_SCHEMA) : MARK;
  return { database, role, system, isMade: made, problem: problemOf(found, schemaMark) };
}

interface Found {
  readonly database: string;
  readonly role: string;
  readonly system: string;
  readonly standby: boolean;
  readonly publications: string | null;
  readonly schema: boolean;
  readonly made: boolean;
  readonly mark: string | null;
}

function problemOf(found: Found, schemaMark: string | null): string | null {
  const { standby, publications, made, mark } = found;
  if (standby) return 'it is a standby, and takes no write';
  if (made) return mark === TABLE_MARK ? null : `${HEARTBEAT_TABLE} is there, and not drill’s`;
  if (schemaMark !== MARK) return `the schema ${HEARTBEAT_SCHEMA} is there, and not drill’s`;
  // A subscriber has no such table, and would stop for good at the first row.
  if (publications === null) return null;
  return `the publication ${publications} is for all tables: its subscribers would stop`;
}

/** Doing it twice is fine. */
export async function makeHeartbeat(client: pg.Client): Promise<void> {
  await client.query(MODEST);
  await client.query(
    `begin;
     create schema if not exists ${HEARTBEAT_SCHEMA};
     comment on schema ${HEARTBEAT_SCHEMA} is '${MARK}';
     create table if not exists ${HEARTBEAT_TABLE} (
       one boolean primary key default true check (one),
       at timestamptz not null
     ) with (fillfactor = 50);
     comment on table ${HEARTBEAT_TABLE} is '${TABLE_MARK}';
     commit`,
  );
}

/** Resolves to its time, by the server's clock. */
export async function beat(client: pg.Client): Promise<Date> {
  const { at } = await oneRow<{ at: Date }>(
    client,
    `insert into ${HEARTBEAT_TABLE} values (true, clock_timestamp())
     on conflict (one) do update set at = excluded.at returning at`,
  );
  return at;
}

/** The schema too, where nothing else is in it. */
export async function removeHeartbeat(client: pg.Client): Promise<void> {
  const { isMade, problem } = await lookForHeartbeat(client);
  if (problem !== null) {
    const expected = 'one that drill has made';
    throw new OperationFailed({ what: HEARTBEAT_TABLE, expected, found: problem });
  }
  await client.query(MODEST);
  if (isMade) await client.query(`drop table ${HEARTBEAT_TABLE}`);
  const { rows } = await client.query<{ empty: boolean }>(
    `select not exists (select from pg_class where relnamespace = oid) as empty
     from pg_namespace where nspname = '${HEARTBEAT_SCHEMA}'`,
  );
  if (rows[0]?.empty === true) await client.query(`drop schema ${HEARTBEAT_SCHEMA}`);
}
