// The databases that this machine shares with others, where it is told of any: whether they are
// there, and what the user may do in them. Nothing is made or changed there.
import { SHORT, withHistory } from '../archive/shared/connect.ts';
import { versionOf } from '../archive/shared/migrations.ts';
import type { DatabaseAddress } from '../drill/database-address.ts';
import { EnvironmentError } from '../host/environment-error.ts';
import { DatabaseGone, QueueDatabase } from '../queue/database.ts';
import { ok, warning, type DoctorCheck, type Finding } from '../topology/machine-check.ts';

export interface Shared {
  readonly history: DatabaseAddress | null;
  readonly queue: DatabaseAddress | null;
}

type Ask = (text: string) => Promise<{ readonly rows: readonly unknown[] }>;

interface Facts {
  readonly version: string;
  readonly version_num: number;
  readonly name: string;
  /** A server that only reads takes nothing. */
  readonly is_standby: boolean;
  readonly is_there: boolean;
  /** In its schema, or where that is not there, the schema. */
  readonly may_make: boolean;
  /** Null: there is no such table yet. */
  readonly may_write: boolean | null;
}

const OLDEST = 130_000;

/** One for each that there is. A drill of this machine alone goes on without them. */
export function databaseChecks({ history, queue }: Shared): DoctorCheck[] {
  return [
    ...(history === null ? [] : [checkOf('shared history', history, ofHistory)]),
    ...(queue === null ? [] : [checkOf('queue', queue, ofQueue)]),
  ];
}

function checkOf(
  name: string,
  address: DatabaseAddress,
  factsThere: (address: DatabaseAddress) => Promise<Facts>,
): DoctorCheck {
  const look = async () => findingOf(address, await factsThere(address));
  return {
    name,
    isQuick: false,
    look: async () => {
      return await look().catch((error: Error) => {
        const { what, found, hint } =
          error instanceof EnvironmentError
            ? error.problem
            : { what: address.shown, found: error.message, hint: 'what is to go there waits here' };
        return warning(`${what}: ${found}`, hint);
      });
    },
  };
}

async function ofHistory(address: DatabaseAddress): Promise<Facts> {
  return await withHistory(address, SHORT, async (client) => {
    // Of a newer drill it rejects.
    await versionOf(client);
    return await factsOf(async (text) => await client.query(text), 'drill', 'runs');
  });
}

async function ofQueue(address: DatabaseAddress): Promise<Facts> {
  const db = await QueueDatabase.of(address, SHORT.statement_ms, SHORT.statement_ms);
  try {
    return await factsOf(async (text) => await db.executeSql(text), 'drill_queue', 'job');
  } catch (error) {
    throw error instanceof DatabaseGone ? db.problem(error) : error;
  } finally {
    await db.close();
  }
}

async function factsOf(ask: Ask, schema: string, table: string): Promise<Facts> {
  const { rows } = await ask(`select current_setting('server_version') as version,
    current_setting('server_version_num')::int as version_num, current_user::text as name,
    pg_is_in_recovery() as is_standby, to_regnamespace('${schema}') is not null as is_there,
    coalesce(has_schema_privilege(to_regnamespace('${schema}')::oid, 'create'),
      has_database_privilege(current_database(), 'create')) as may_make,
    (select has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
      and has_table_privilege(c.oid, 'update') from pg_class c
      where c.relnamespace = to_regnamespace('${schema}')::oid and c.relname = '${table}')
      as may_write`);
  return rows[0] as Facts;
}

function findingOf({ shown }: DatabaseAddress, facts: Facts): Finding {
  const { version, version_num, name, is_standby, is_there, may_make, may_write } = facts;
  const tables = is_there ? 'with tables of drill' : 'no tables yet: who comes first makes them';
  const found = `${shown}: PostgreSQL ${version}, ${tables}`;
  if (version_num < OLDEST) return warning(found, 'it takes PostgreSQL 13 or newer');
  if (is_standby) return warning(`${found}, only reads`, 'name the server that takes writes');
  if (may_write ?? may_make) return ok(`${found}, ${name} may write`);
  return warning(
    `${found}, ${name} may not write`,
    `make ${name} the owner of what drill has there`,
  );
}
