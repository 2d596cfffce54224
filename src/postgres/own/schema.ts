// The schema that drill makes in a database of somebody's own: it carries drill's mark, and goes
// when nothing is left in it.
import type pg from 'pg';
import { OperationFailed } from '../../host/operation-failed.ts';
import { errorCode, oneRow } from '../server/connection.ts';
import { MARK, markOf, MODEST } from './mark.ts';

/** Whoever makes or drops something in the schema does it alone, until its transaction ends. */
const ALONE = `select pg_advisory_xact_lock(hashtext('dr-drill'))`;

/** `work` in one transaction, beside no other runner of drill, on whatever machine. */
export async function alone<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(`begin; ${MODEST}`);
  await client.query(ALONE);
  const done = await work();
  await client.query('commit');
  return done;
}

/**
 * `own`: it carries drill's mark; `foreign`: it does not, and there are things in it, or a comment.
 * A statement has ASCII alone: the encoding of a database may lack anything else.
 */
export type SchemaState = 'none' | 'own' | 'empty' | 'foreign';

/** Only reads. */
export async function stateOfSchema(client: pg.Client, schema: string): Promise<SchemaState> {
  const { state } = await oneRow<{ state: SchemaState }>(
    client,
    `with found as (select to_regnamespace($1) as schema)
     select case when schema is null then 'none'
       when obj_description(schema, 'pg_namespace') = $2 then 'own'
       when exists (select from pg_class where relnamespace = schema)
         or exists (select from pg_proc where pronamespace = schema)
         or obj_description(schema, 'pg_namespace') is not null then 'foreign'
       else 'empty' end as state
     from found`,
    [schema, MARK],
  );
  return state;
}

/**
 * Publications that would take in whatever is made in the schema: a subscriber without such a table
 * stops for good.
 */
export async function publicationsOver(client: pg.Client, schema: string): Promise<string[]> {
  // Those of whole schemas are of PostgreSQL 15 and later.
  const { found } = await oneRow<{ found: boolean }>(
    client,
    `select to_regclass('pg_catalog.pg_publication_namespace') is not null as found`,
  );
  const published = found
    ? `or oid in (select pnpubid from pg_publication_namespace where pnnspid = to_regnamespace($1))`
    : '';
  const { rows } = await client.query<{ name: string }>(
    `select pubname::text as name from pg_publication where puballtables ${published}
     order by 1`,
    found ? [schema] : [],
  );
  return rows.map(({ name }) => name);
}

/** Rejects where a schema of that name is not drill's; `node`: for what it says then. */
export async function makeSchema(client: pg.Client, node: string, schema: string): Promise<void> {
  await client.query(`create schema if not exists ${schema}`);
  const state = await stateOfSchema(client, schema);
  if (state === 'empty') await client.query(`comment on schema ${schema} is '${MARK}'`);
  if (state !== 'foreign') return;
  const mark = await markOf(client, schema);
  const found = mark === null ? 'one with things in it and without it' : JSON.stringify(mark);
  throw foreign(node, schema, found);
}

/** Another run's things keep it. */
export async function dropSchema(client: pg.Client, schema: string): Promise<void> {
  if ((await markOf(client, schema)) !== MARK) return;
  await client.query('savepoint kept');
  await client.query(`drop schema ${schema}`).catch(async (error: unknown) => {
    if (errorCode(error) !== NOT_EMPTY) throw error;
    await client.query('rollback to savepoint kept');
  });
}

const NOT_EMPTY = '2BP01';

export function foreign(node: string, what: string, found: string): OperationFailed {
  const expected = `the mark "${MARK}" on it`;
  return new OperationFailed({ what: `${what} on ${node}`, expected, found });
}
