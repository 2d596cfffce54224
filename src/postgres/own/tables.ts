// What drill makes in a database of somebody's own: a schema that carries its mark, and in it the
// tables of one run. They go when the run is over, on whichever server is the primary by then.
import { MARK, markOfTable } from './mark.ts';
import { CHANGING, type OwnServer } from './server.ts';
import { OperationFailed, reasonOf } from '../../host/operation-failed.ts';
import type pg from 'pg';
import { errorCode, oneRow, withConnection } from '../server/connection.ts';
import { PROBE_COLUMNS } from '../server/primary.ts';
import { WRITTEN_TIMELINE } from '../server/timeline.ts';
import { giveClaimBack } from './claim.ts';
import { alone, dropSchema, foreign, makeSchema } from './schema.ts';

/** The tables of one run. */
export interface OwnTables {
  readonly schema: string;
  readonly run: string;
  /** With the schema: `dr_drill.orders_1f2e`. */
  readonly orders: string;
  readonly probe: string;
  /** In SQL: how a server is asked for the timeline of a write to them. */
  readonly timeline: string;
}

/** A run's id may have what a name in PostgreSQL may not. */
export function tablesOf(schema: string, run: string, timeline = WRITTEN_TIMELINE): OwnTables {
  const suffix = run.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return {
    schema,
    run,
    orders: `${schema}.orders_${suffix}`,
    probe: `${schema}.probe_${suffix}`,
    timeline,
  };
}

/** Rejects where a schema of that name is not drill's. */
export async function makeTables(server: OwnServer, tables: OwnTables): Promise<void> {
  const { schema, run, orders, probe } = tables;
  await withConnection(server.address, CHANGING, (client) =>
    alone(client, async () => {
      await makeSchema(client, server.node, schema);
      await client.query(
        `create table ${orders} (
         row bigint generated always as identity primary key,
         writer integer not null,
         sequence bigint not null,
         payload text not null,
         region text not null default '',
         created timestamptz not null default clock_timestamp()
       );
       create index on ${orders} (writer, sequence);
       create table ${probe} (${PROBE_COLUMNS});
       insert into ${probe} values (true, clock_timestamp());
       comment on table ${orders} is '${MARK}, run ${run}';
       comment on table ${probe} is '${MARK}, run ${run}'`,
      );
    }),
  );
}

/** Of the run alone; the schema too, where nothing else is in it. Doing it twice is fine. */
async function dropTables(server: OwnServer, tables: OwnTables): Promise<void> {
  const { schema, run, orders, probe } = tables;
  await withConnection(server.address, CHANGING, (client) =>
    alone(client, async () => {
      await requirePrimary(client, server);
      for (const table of [orders, probe]) {
        const mark = await markOfTable(client, table);
        if (mark === undefined) continue;
        if (mark !== `${MARK}, run ${run}`) throw foreign(server.node, table, `${mark}`);
        await client.query(`drop table if exists ${table}`);
      }
      await giveClaimBack(client, tables);
      await dropSchema(client, schema);
    }),
  );
}

/** A standby that is behind may have nothing to drop, which proves nothing of the primary. */
async function requirePrimary(client: pg.Client, { node: what }: OwnServer): Promise<void> {
  const { standby } = await oneRow<{ standby: boolean }>(
    client,
    'select pg_is_in_recovery() as standby',
  );
  if (standby) throw new OperationFailed({ what, expected: 'a primary', found: 'a standby' });
}

/** On the primary of now, whoever that is: a standby has what it has. */
export async function dropWherePrimary(
  servers: readonly OwnServer[],
  tables: OwnTables,
): Promise<void> {
  const reasons: string[] = [];
  for (const server of servers) {
    try {
      return await dropTables(server, tables);
    } catch (error) {
      const code = errorCode(error);
      reasons.push(`${server.node}: ${code} ${reasonOf(error)}`.replace(':  ', ': '));
    }
  }
  throw new OperationFailed({
    what: `the tables of drill in ${tables.schema}`,
    expected: 'to be dropped on the primary',
    found: reasons.join('; '),
  });
}
