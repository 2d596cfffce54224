// Empties the tables of a system that is drilled again: ids of an earlier drill would be taken for
// this one's.
import { withConnection, type DatabaseAddress } from './connection.ts';
import { insertSharedRows } from './shared-rows.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000 };

/**
 * On the primary, or on one of two that replicate to each other; replication carries it on. There
 * are `shared_rows` shared rows afterwards, with empty histories. Resolves to how many orders there
 * were.
 */
export async function emptyOrders(address: DatabaseAddress, shared_rows = 0): Promise<number> {
  return await withConnection(address, LIMITS, async (client) => {
    const { rows } = await client.query<{ count: string }>('select count(*) from orders');
    await client.query('truncate orders, stock restart identity');
    if (shared_rows > 0) await client.query(insertSharedRows(shared_rows));
    return Number(rows[0]?.count ?? 0);
  });
}
