// How much a server has made of its log for those that replicate from it.
import { oneRow, withConnection, type DatabaseAddress } from '../server/connection.ts';

const LIMITS = { connect_ms: 2_000, statement_ms: 5_000 };

/** Bytes of changes, as decoded for sending, since the slot's statistics began; a moment behind. */
export async function decodedBytes(address: DatabaseAddress): Promise<number> {
  const { bytes } = await withConnection(address, LIMITS, (client) =>
    oneRow<{ bytes: number }>(
      client,
      'select coalesce(sum(total_bytes), 0)::float8 as bytes from pg_stat_replication_slots',
    ),
  );
  return bytes;
}
