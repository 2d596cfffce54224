// Real Redis servers for tests of what talks to them, and a client of the test's own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Context } from 'mocha';
import { hostClock } from '../../../src/host/clock.ts';
import { locateRedis } from '../../../src/redis/binaries.ts';
import { startServer, type Server, type ServerOptions } from '../../../src/redis/launcher.ts';
import { findProgram } from '../find-program.ts';
import { requirePart } from '../require.ts';

const PASSWORD = 'in-test';

export function requireRedis(context: Context): void {
  const found = findProgram('redis-server') ?? findProgram('valkey-server');
  requirePart(context, 'redis', found !== null, 'neither redis-server nor valkey-server on PATH');
}

/** Servers that all end with `stop`, their directories too. */
export class TestServers {
  readonly directory = mkdtempSync(join(tmpdir(), 'drill-redis-'));
  readonly #servers: Server[] = [];

  async start(name: string, changes: Partial<ServerOptions> = {}): Promise<Server> {
    const server = await startServer({ ...this.options(name), replicaOf: null, ...changes });
    this.#servers.push(server);
    return server;
  }

  /** What it takes to start the server of that name, again too. */
  options(name: string): Omit<ServerOptions, 'replicaOf'> {
    return {
      title: `${name}/redis`,
      server: locateRedis(process.env).server,
      directory: join(this.directory, name),
      password: PASSWORD,
      appendonly: 'everysec',
      environment: { ...process.env, DRILL_RUN: 'in-test' },
      logFile: join(this.directory, `${name}.log`),
      clock: hostClock(),
      ready_ms: 10_000,
    };
  }

  /** A replica of `primary` that follows it. */
  async startReplica(primary: Server, name = 'west'): Promise<Server> {
    const { host, port } = primary;
    const replica = await this.start(name, { replicaOf: { host, port } });
    const client = await clientOf(replica);
    while (!/master_link_status:up/.test(await client.info('replication'))) await pause(5);
    client.disconnect();
    return replica;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      for (const pid of server.pids()) process.kill(pid, 'SIGKILL');
    }
    await Promise.all(this.#servers.map((server) => server.ended));
    rmSync(this.directory, { recursive: true });
  }
}

/** A plain client, by none of drill's ways. */
export async function clientOf({ port }: { readonly port: number }): Promise<Redis> {
  const client = new Redis({ port, password: PASSWORD, lazyConnect: true });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    (value) => {
      throw new Error(`it did not fail: ${JSON.stringify(value)}`);
    },
    (error: Error) => error,
  );
}
