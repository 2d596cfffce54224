// The tables of a shared history, `drill` in a database of the user's. Each change of them has a
// number, is made once, and is never edited: whoever connects makes what lacks.
import type { Client } from 'pg';
import { SharedHistoryError } from './connect.ts';

/** Texts are kept as they came where they are `json`: nothing reads those here. */
const MIGRATIONS: readonly string[] = [
  `create table drill.runs (
     machine text not null,
     id text not null,
     who text not null,
     drill text not null,
     at timestamptz not null,
     verdict text not null,
     entry jsonb not null,
     facts jsonb not null,
     result json not null,
     changed_ms double precision not null,
     sent_at timestamptz not null default clock_timestamp(),
     primary key (machine, id)
   );
   create index on drill.runs (drill, at);
   create table drill.series (
     machine text not null,
     id text not null,
     who text not null,
     results jsonb not null,
     changed_ms double precision not null,
     sent_at timestamptz not null default clock_timestamp(),
     primary key (machine, id)
   )`,
];

/** Of drill's own: others that want to change the tables wait. */
const LOCK = 0x6472696c; // "dril"

/** The number of the newest change; 0: the database has no tables of drill. */
export async function versionOf(client: Client): Promise<number> {
  // By the rows of the catalog: a look by name may not see what another one has just made.
  const { rows } = await client.query(
    `select 1 from pg_tables where schemaname = 'drill' and tablename = 'migrations'`,
  );
  if (rows.length === 0) return 0;
  const found = await client.query<{ number: number }>(
    'select coalesce(max(number), 0) as number from drill.migrations',
  );
  const number = found.rows[0]?.number ?? 0;
  if (number <= MIGRATIONS.length) return number;
  const known = `this version of drill knows ${MIGRATIONS.length}`;
  throw new SharedHistoryError(
    'refused',
    `its tables are of a newer drill (version ${number}, ${known}): update drill here`,
  );
}

/** Brings the tables to this version, at once or not at all. */
export async function migrate(client: Client): Promise<void> {
  if ((await versionOf(client)) === MIGRATIONS.length) return;
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    // Somebody else may have done it meanwhile.
    const number = await versionOf(client);
    if (number === 0) {
      await client.query(`create schema if not exists drill;
        create table drill.migrations (
          number int primary key, at timestamptz not null default clock_timestamp()
        )`);
    }
    for (const [at, text] of MIGRATIONS.entries()) {
      if (at < number) continue;
      await client.query(text);
      await client.query('insert into drill.migrations (number) values ($1)', [at + 1]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
