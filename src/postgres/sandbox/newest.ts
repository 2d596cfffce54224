// The newest that is in a restored database, by the clock of the server that it was written on.
import {
  errorCode,
  oneRow,
  withConnection,
  type ConnectionLimits,
  type DatabaseAddress,
} from '../server/connection.ts';

/** When the last transaction that was replayed ended; null: none did since the backup began. */
export async function newestTransaction(
  address: DatabaseAddress,
  limits: ConnectionLimits,
): Promise<string | null> {
  // Stands still once the recovery is over: no write of drill's own moves it.
  const { at } = await withConnection(address, limits, (client) =>
    oneRow<{ at: Date | null }>(client, 'select pg_last_xact_replay_timestamp() as at'),
  );
  return at?.toISOString() ?? null;
}

/** No such database, schema, table. */
const NOT_THERE = ['3D000', '3F000', '42P01'];

/** Null where there is no such table, or nothing in it, or times that say no zone. */
export async function lastBeat(
  address: DatabaseAddress,
  table: string,
  limits: ConnectionLimits,
): Promise<string | null> {
  try {
    const { at, type } = await withConnection(address, limits, (client) =>
      oneRow<{ at: Date | null; type: string }>(
        client,
        `select max(at) as at, pg_typeof(max(at))::text as type from ${table}`,
      ),
    );
    return type === 'timestamp with time zone' ? (at?.toISOString() ?? null) : null;
  } catch (error) {
    if (NOT_THERE.includes(errorCode(error))) return null;
    throw error;
  }
}
