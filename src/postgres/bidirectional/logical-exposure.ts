// The exposure of one of two regions that replicate to each other: what it wrote and the
// other one has not got.
import { oneRow, withConnection } from '../server/connection.ts';
import { replicationName, type LogicalSide } from './logical-side.ts';

const LIMITS = { connect_ms: 1_000, statement_ms: 5_000 };

interface Exposure {
  readonly bytes: number | null;
  /**
   * Between the newest order that the region made and the newest of them that the other one has.
   */
  readonly ms: number | null;
}

export async function exposureOf(from: LogicalSide, to: LogicalSide): Promise<Exposure> {
  const newest = `select (extract(epoch from max(created)) * 1000)::float8 as newest
    from orders where region = $1`;
  const there = await withConnection(to.address, LIMITS, (client) =>
    oneRow<{ newest: number | null }>(client, newest, [from.region]),
  );
  return await withConnection(from.address, LIMITS, async (client) => {
    const here = await oneRow<{ newest: number | null }>(client, newest, [from.region]);
    const { rows } = await client.query<{ bytes: number }>(
      `select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::float8 as bytes
       from pg_replication_slots where slot_name = $1`,
      [replicationName(to.region)],
    );
    const isKnown = here.newest !== null && there.newest !== null;
    const ms = isKnown ? Math.max(0, here.newest! - there.newest!) : null;
    return { bytes: rows[0]?.bytes ?? null, ms };
  });
}
