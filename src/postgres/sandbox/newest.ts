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

/** Null where there is no such table, or nothing in it. */
export async function lastBeat(
  address: DatabaseAddress,
  table: string,
  limits: ConnectionLimits,
): Promise<string | null> {
  try {
    const { at } = await withConnection(address, limits, (client) =>
      oneRow<{ at: Date | null }>(client, `select max(at) as at from ${table}`),
    );
    return at?.toISOString() ?? null;
  } catch (error) {
    if (NOT_THERE.includes(errorCode(error))) return null;
    throw error;
  }
}
