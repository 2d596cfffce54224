// Connections that speak the replication protocol, and what a server says of itself over them.
import { driverFailure, tellingFailures } from '../../host/operation-failed.ts';
import { Client } from 'pg';
import { closeConnection } from '../../host/database/close.ts';
import { oneRow, whereIs, type DatabaseAddress } from '../server/connection.ts';

/** The address at which a role that may replicate connects; no database is named. */
export type ReplicationAddress = Omit<DatabaseAddress, 'database'>;

/**
 * An open connection; an error of it afterwards rejects the command that runs. `name` is how the
 * server calls it (`application_name`). Whoever is stopped does not wait for a link that swallows
 * everything.
 */
export async function openReplication(
  from: ReplicationAddress,
  name: string,
  connect_ms: number,
  signal: AbortSignal,
): Promise<Client> {
  const client = new Client({
    ...from,
    ssl: false,
    application_name: name,
    connectionTimeoutMillis: connect_ms,
    ...({ replication: 'true' } as object), // in libpq's terms; pg passes it on and has no type
  });
  client.on('error', () => {});
  // The driver's `connect` never settles once the connection is told to end.
  let stop: () => void = () => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([client.connect(), stopped]);
    signal.throwIfAborted();
    return tellingFailures(client, 'query', whereIs(from));
  } catch (error) {
    void closeConnection(client);
    signal.throwIfAborted();
    throw driverFailure(error, whereIs(from));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The cluster and timeline of a log. */
export interface LogSource {
  /** The identifier of the cluster; all copies of it have the same. */
  readonly system: string;
  readonly timeline: number;
  readonly segment_bytes: number;
}

export async function identify(client: Client): Promise<LogSource> {
  const { systemid, timeline } = await oneRow<{ systemid: string; timeline: number | string }>(
    client,
    'IDENTIFY_SYSTEM',
  );
  const { wal_segment_size } = await oneRow<{ wal_segment_size: string }>(
    client,
    'SHOW wal_segment_size',
  );
  const segment_bytes = parseMemory(wal_segment_size);
  return { system: systemid, timeline: Number(timeline), segment_bytes };
}

/** `16MB` as PostgreSQL writes it, where an MB has 1024² bytes. */
function parseMemory(text: string): number {
  const [, number, unit] = /^(\d+)(kB|MB|GB)$/.exec(text) ?? [];
  const units: Record<string, number> = { kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };
  if (number === undefined) throw new Error(`expected a size such as 16MB, found "${text}"`);
  return Number(number) * units[unit!]!;
}
