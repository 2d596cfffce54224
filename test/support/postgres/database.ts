// One real PostgreSQL with the orders table, for tests of what talks to it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { ORDERS_SCHEMA } from '../../../src/app/protocol.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { copyTree, makePrivateDirectory } from '../../../src/host/files.ts';
import { locatePostgres } from '../../../src/postgres/server/binaries.ts';
import { cacheDirectory } from '../../../src/postgres/server/cache.ts';
import { databaseIdentity, ownerOf } from '../../../src/postgres/server/identity.ts';
import {
  startServer,
  type Server,
  type ServerOptions,
} from '../../../src/postgres/server/launcher.ts';
import {
  newCredentials,
  preparePrimary,
  type Credentials,
} from '../../../src/postgres/server/primary.ts';
import {
  serverSettings,
  writeConfiguration,
  type Settings,
} from '../../../src/postgres/server/settings.ts';
import { ADMIN, DATABASE, ensureTemplate } from '../../../src/postgres/server/template.ts';

export interface TestDatabase {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly server: Server;
  /** What it was started with; it can be started so again after it was killed. */
  readonly started: ServerOptions;
  /** A directory of its own beside the data. */
  readonly place: string;
  /** One statement as the superuser. */
  query<T extends QueryResultRow>(text: string): Promise<T[]>;
  /** What an app needs to reach it. */
  address(): { host: string; port: number; user: string; password: string; database: string };
  stop(): Promise<void>;
}

export async function startTestDatabase(
  options: {
    readonly replication?: boolean;
    readonly region?: string;
    readonly settings?: Settings;
  } = {},
): Promise<TestDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'drill-app-'));
  chmodSync(directory, 0o711);
  const identity = databaseIdentity();
  const environment = process.env;
  const binaries = await locatePostgres(environment, identity);
  const template = await ensureTemplate({
    binaries,
    identity,
    cache: cacheDirectory(environment, identity),
    environment,
    signal: new AbortController().signal,
    onFirstRun: () => Promise.resolve(),
  });
  const { region = 'east' } = options;
  const place = join(directory, region);
  makePrivateDirectory(place, ownerOf(identity));
  const data = join(place, 'data');
  await copyTree(template.data, data);
  chmodSync(data, 0o700);
  const credentials = newCredentials();
  const admissions = [
    { database: 'all', user: ADMIN },
    { database: DATABASE, user: credentials.workload.user },
    ...(options.replication === true
      ? ['replication', DATABASE].map((database) => ({
          ...{ database, user: credentials.replication.user },
        }))
      : []),
  ];
  const settings = { ...serverSettings(100), ...options.settings };
  writeConfiguration(data, settings, admissions, ownerOf(identity));
  mkdirSync(join(directory, 'logs'));
  const serverOptions: ServerOptions = {
    title: `${region}/postgres`,
    bin: binaries.bin,
    data,
    identity,
    environment,
    logFile: join(directory, 'logs', 'postgres.log'),
    clock: hostClock(),
    ready_ms: 30_000,
  };
  const server = await startServer(serverOptions);
  await preparePrimary(server, template.password, credentials, ORDERS_SCHEMA);
  const { host, port } = server;
  return {
    host,
    port,
    credentials,
    server,
    started: serverOptions,
    place,
    query: async <T extends QueryResultRow>(text: string) => {
      const client = new Client({ host, port, database: DATABASE, ...credentials.admin });
      await client.connect();
      try {
        return (await client.query<T>(text)).rows;
      } finally {
        await client.end();
      }
    },
    address: () => ({ host, port, database: DATABASE, ...credentials.workload }),
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
