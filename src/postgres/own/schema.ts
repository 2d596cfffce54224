// The schema that drill makes in a database of somebody's own: it carries drill's mark, and goes
// when nothing is left in it.
import type pg from 'pg';
import { OperationFailed } from '../../host/operation-failed.ts';
import { errorCode, oneRow } from '../server/connection.ts';
import { MARK, markOf, MODEST } from './mark.ts';
import type { OwnServer } from './server.ts';

/** Whoever makes or drops something in the schema does it alone, until its transaction ends. */
const ALONE = `select pg_advisory_xact_lock(hashtext('dr-drill'))`;

/** `work` in one transaction, beside no other runner of drill, on whatever machine. */
export async function alone<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(MODEST);
  await client.query('begin');
  await client.query(ALONE);
  const done = await work();
  await client.query('commit');
  return done;
}

/** Rejects where a schema of that name is not drill's. */
export async function makeSchema(
  client: pg.Client,
  server: OwnServer,
  schema: string,
): Promise<void> {
  await client.query(`create schema if not exists ${schema}`);
  const mark = await markOf(client, schema);
  if (mark === MARK) return;
  if (mark !== null) throw foreign(server, schema, JSON.stringify(mark));
  const { mine } = await oneRow<{ mine: boolean }>(
    client,
    `select not exists (select from pg_class where relnamespace = $1::regnamespace) as mine`,
    [schema],
  );
  if (!mine) throw foreign(server, schema, 'one with tables and without it');
  await client.query(`comment on schema ${schema} is '${MARK}'`);
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

export function foreign({ node }: OwnServer, what: string, found: string): OperationFailed {
  const expected = `the mark "${MARK}" on it`;
  return new OperationFailed({ what: `${what} on ${node}`, expected, found });
}
