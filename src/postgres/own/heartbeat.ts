// A heartbeat in a database of somebody's own: one row that is written all the time, so that a
// backup shows when it ends.
import type pg from 'pg';
import { OperationFailed } from '../../host/operation-failed.ts';
import { oneRow } from '../server/connection.ts';
import { MARK, markOfTable } from './mark.ts';
import {
  alone,
  dropSchema,
  makeSchema,
  publicationsOver,
  stateOfSchema,
  type SchemaState,
} from './schema.ts';

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
  const { standby, ...place } = await oneRow<Place & { standby: boolean }>(
    client,
    `select current_database() as database, current_user as role,
       (select system_identifier::text from pg_control_system()) as system,
       pg_is_in_recovery() as standby`,
  );
  const mark = await markOfTable(client, HEARTBEAT_TABLE);
  const state = await stateOfSchema(client, HEARTBEAT_SCHEMA);
  const publications = await publicationsOver(client, HEARTBEAT_SCHEMA);
  const problem = problemOf({ standby, mark, state, publications });
  return { ...place, isMade: mark !== undefined, problem };
}

type Place = Pick<HeartbeatPlace, 'database' | 'role' | 'system'>;

interface Found {
  readonly standby: boolean;
  /** Of its table; undefined: there is none. */
  readonly mark: string | null | undefined;
  readonly state: SchemaState;
  readonly publications: readonly string[];
}

function problemOf({ standby, mark, state, publications }: Found): string | null {
  if (standby) return 'it is a standby, and takes no write';
  if (mark !== undefined) {
    return mark === TABLE_MARK ? null : `${HEARTBEAT_TABLE} is there, and not drill’s`;
  }
  if (state !== 'none' && state !== 'own') {
    return `the schema ${HEARTBEAT_SCHEMA} is there, and not drill’s`;
  }
  if (publications.length === 0) return null;
  const [name, are] = [publications.join(', '), publications.length === 1 ? 'is' : 'are'];
  const which = `for all tables, or for all of ${HEARTBEAT_SCHEMA}`;
  return `the publication ${name} ${are} ${which}: its subscribers would stop`;
}

/** Doing it twice is fine. */
export async function makeHeartbeat(client: pg.Client): Promise<void> {
  await alone(client, async () => {
    await makeSchema(client, 'the server', HEARTBEAT_SCHEMA);
    await client.query(
      `create table if not exists ${HEARTBEAT_TABLE} (
         one boolean primary key default true check (one),
         at timestamptz not null
       ) with (fillfactor = 50);
       comment on table ${HEARTBEAT_TABLE} is '${TABLE_MARK}'`,
    );
  });
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
  await alone(client, async () => {
    if (isMade) await client.query(`drop table ${HEARTBEAT_TABLE}`);
    await dropSchema(client, HEARTBEAT_SCHEMA);
  });
}
