// The data directory of a dead server, started by the test itself and read with a plain client: a
// count of what was on the disk that none of drill's own ways has a part in.
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { hostClock } from '../../src/host/clock.ts';
import { markedEnvironment } from '../../src/host/process/environment.ts';
import { locatePostgres } from '../../src/postgres/server/binaries.ts';
import { databaseIdentity } from '../../src/postgres/server/identity.ts';
import { startServer } from '../../src/postgres/server/launcher.ts';
import { ADMIN, DATABASE } from '../../src/postgres/server/template.ts';

const READY_MS = 30_000;

/** Alone, and open to whoever asks on loopback: it is there for a moment. */
const SETTINGS = [
  `listen_addresses = '127.0.0.1'`,
  `unix_socket_directories = ''`,
  'max_connections = 1000', // recovery wants no fewer than the primary had
  'max_wal_senders = 20',
  'max_replication_slots = 20',
  'wal_level = logical',
  'dynamic_shared_memory_type = mmap',
  'max_logical_replication_workers = 0',
  'autovacuum = off',
];

/** The ids of the orders on it. What the server was configured with before is gone afterwards. */
export async function idsOnDisk(run: string, data: string): Promise<string[]> {
  const identity = databaseIdentity();
  const environment = markedEnvironment(process.env, run);
  const { bin } = await locatePostgres(environment, identity);
  for (const file of ['postmaster.pid', 'standby.signal'])
    rmSync(join(data, file), { force: true });
  writeFileSync(join(data, 'postgresql.conf'), SETTINGS.join('\n'));
  writeFileSync(join(data, 'postgresql.auto.conf'), '');
  writeFileSync(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n');
  const server = await startServer({
    ...{ title: 'a dead disk', bin, data, identity, environment, ready_ms: READY_MS },
    ...{ logFile: join(tmpdir(), `${run}-disk.log`), clock: hostClock() },
  });
  try {
    const { host, port } = server;
    return await idsFrom({ host, port, user: ADMIN, database: DATABASE });
  } finally {
    await server.stop();
    rmSync(join(tmpdir(), `${run}-disk.log`), { force: true });
  }
}

/** The ids of a running server's orders, asked with a plain client. */
export async function idsFrom(address: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}): Promise<string[]> {
  const client = new Client(address);
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `select writer || '-' || sequence as id from orders`,
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
