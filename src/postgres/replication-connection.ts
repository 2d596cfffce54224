// Connections that speak the replication protocol, and what a server says of itself over them.
import { Client } from 'pg';
import { oneRow, type DatabaseAddress } from './connection.ts';

/** Where a role that may replicate connects; no database is named. */
export type ReplicationAddress = Omit<DatabaseAddress, 'database'>;

/**
 * Opened by `connect`; an error of it afterwards rejects the command that runs. `name` is how the
 * server calls it (`application_name`).
 */
export function replicationClient(
  from: ReplicationAddress,
  name: string,
  connect_ms: number,
): Client {
  const client = new Client({
    ...from,
    ssl: false,
    application_name: name,
    connectionTimeoutMillis: connect_ms,
    ...({ replication: 'true' } as object), // in libpq's terms; pg passes it on and has no type
  });
  client.on('error', () => {});
  return client;
}

export interface ServerFacts {
  /** Of the cluster; the same for all copies of it. */
  readonly system: string;
  readonly timeline: number;
  readonly segment_bytes: number;
}

export async function identify(client: Client): Promise<ServerFacts> {
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
