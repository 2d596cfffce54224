// Empties the carts of a system that is drilled again: ids of an earlier drill would be taken for
// this one's.
import { CART_KEYS } from '../base/cart.ts';
import { withConnection, type RedisAddress } from './connection.ts';

const LIMITS = { connect_ms: 5_000, command_ms: 10_000 };

/** On the primary; replication carries it to the replica. Resolves to how many items there were. */
export async function emptyCarts(address: RedisAddress): Promise<number> {
  return await withConnection(address, LIMITS, async (client) => {
    const keys = await client.keys(CART_KEYS);
    const lengths = await Promise.all(keys.map((key) => client.llen(key)));
    await client.flushall();
    return lengths.reduce((sum, length) => sum + length, 0);
  });
}
