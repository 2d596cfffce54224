// Empties the orders of a system that is drilled again: ids of an earlier drill would be taken for
// this one's.
import { withConnection, type DatabaseAddress } from './connection.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 10_000 };

/** On the primary; replication carries it on. Resolves to how many orders there were. */
export async function emptyOrders(address: DatabaseAddress): Promise<number> {
  return await withConnection(address, LIMITS, async (client) => {
    const { rows } = await client.query<{ count: string }>('select count(*) from orders');
    await client.query('truncate orders restart identity');
    return Number(rows[0]?.count ?? 0);
  });
}
