// Who drills a system of somebody's own: a row in drill's schema, which follows it to every server.
// A second runner, on whatever machine, finds it there and refuses.
import type pg from 'pg';
import { withConnection } from '../server/connection.ts';
import { MARK, markOfTable } from './mark.ts';
import { alone, makeSchema } from './schema.ts';
import { CHANGING, type OwnServer } from './server.ts';

/** The run, and where it makes its things. */
interface Owned {
  readonly schema: string;
  readonly run: string;
}

export interface Claim {
  /** `ada on runner-1, pid 4711` */
  readonly by: string;
  readonly run: string;
  /** When it counts no more, should its runner be gone. */
  readonly until: string;
}

/** Resolves to who has it instead; null: it is this run's until it is given back. */
export async function takeClaim(
  server: OwnServer,
  { schema, run }: Owned,
  { by, atMost_ms }: { readonly by: string; readonly atMost_ms: number },
): Promise<Claim | null> {
  return await withConnection(server.address, CHANGING, (client) =>
    alone(client, async () => {
      await makeSchema(client, server.node, schema);
      await client.query(
        `create table if not exists ${schema}.claim (
           one boolean primary key default true check (one),
           run text not null, by text not null, until timestamptz not null)`,
      );
      await client.query(`comment on table ${schema}.claim is '${MARK}'`);
      const { rowCount } = await client.query(
        `insert into ${schema}.claim as held (run, by, until)
         values ($1, $2, clock_timestamp() + $3 * interval '1 ms')
         on conflict (one) do update
           set run = excluded.run, by = excluded.by, until = excluded.until
           where held.until < clock_timestamp() or held.run = excluded.run`,
        [run, by, Math.ceil(atMost_ms)],
      );
      return rowCount === 1 ? null : await holderOf(client, schema);
    }),
  );
}

/** Who drills it now; null: nobody. Only reads. */
export async function claimOf(client: pg.Client, schema: string): Promise<Claim | null> {
  const isThere = (await markOfTable(client, `${schema}.claim`)) !== undefined;
  return isThere ? await holderOf(client, schema) : null;
}

async function holderOf(client: pg.Client, schema: string): Promise<Claim | null> {
  const { rows } = await client.query<Claim>(
    `select by, run, to_char(until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until
     from ${schema}.claim where until >= clock_timestamp()`,
  );
  return rows[0] ?? null;
}

/** In a transaction of its own; nothing happens where it is another run's. */
export async function giveClaimBack(client: pg.Client, { schema, run }: Owned): Promise<void> {
  if ((await markOfTable(client, `${schema}.claim`)) === undefined) return;
  await client.query(`delete from ${schema}.claim where run = $1`, [run]);
  const { rowCount } = await client.query(`select from ${schema}.claim`);
  if (rowCount === 0) await client.query(`drop table ${schema}.claim`);
}
