// What drill makes in a database of somebody's own: a schema that carries its mark, and in it the
// tables of one run.
import { MARK } from './mark.ts';
import { CHANGING, type OwnServer } from './server.ts';
import { withConnection } from '../server/connection.ts';
import { PROBE_COLUMNS } from '../server/primary.ts';
import { WRITTEN_TIMELINE } from '../server/timeline.ts';
import { alone, makeSchema } from './schema.ts';

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
