// The carts of the orders service, as the program that it is, in front of a real Redis: what is
// acknowledged, and what each failure proves.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import type { AppSettings, CartSettings } from '../../src/app/protocol.ts';
import { startProgram, type Program } from '../../src/host/program/program.ts';
import type { Server } from '../../src/redis/launcher.ts';
import { clientOf, pause, requireRedis, TestServers } from '../support/servers/redis.ts';
import { startTcpServer } from '../support/servers/tcp.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';

const NOWHERE = { host: '127.0.0.1', port: 1, user: 'u', password: 'p', database: 'd' };

describe('the carts of the orders service', function () {
  this.timeout(60_000);
  let directory: string;
  let servers: TestServers;
  let primary: Server;
  let client: Redis;
  const programs: Program[] = [];

  before(async function () {
    requireRedis(this);
    directory = mkdtempSync(join(tmpdir(), 'drill-carts-'));
    servers = new TestServers();
  });
  beforeEach(async () => {
    primary = await servers.start(`east-${programs.length}`);
    client = await clientOf(primary);
  });
  afterEach(() => client?.disconnect());
  after(async () => {
    for (const program of programs) program.release();
    await Promise.all(programs.map((program) => program.exited));
    await servers?.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  const startApp = async (
    redis: Partial<CartSettings> | null = {},
    database: AppSettings['database'] = NOWHERE,
  ) => {
    const program = startProgram({
      title: 'east/app-1',
      module: new URL('../../src/app/main.ts', import.meta.url),
      env: process.env,
      logFile: join(directory, 'app.log'),
    });
    programs.push(program);
    const { host, port, password } = primary;
    const carts = { host, port, password, wait: 0, wait_timeout_ms: 1_000 };
    const settings: AppSettings = {
      ...{ origin_ms: 0, node: 'east/app-1', region: 'east', capacity_per_s: 1000, database },
      redis: redis && { ...carts, ...redis },
    };
    const at = (await program.request('start', settings)) as { host: string; port: number };
    return `http://${at.host}:${at.port}`;
  };
  const post = async (app: string, sequence: number, writer = 3, cart = writer) => {
    const body = JSON.stringify({ writer, sequence, payload: 'abc' });
    const response = await fetch(`${app}/carts/${cart}/items`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const items = () => client.lrange('cart:3', 0, -1);

  it('take each write at their end and say by which node', async () => {
    const app = await startApp();
    for (const sequence of [1, 2, 2]) {
      const { status, body } = await post(app, sequence);
      expect(status).to.equal(201);
      expect(body).to.deep.equal({ node: 'east/app-1' });
    }
    expect(await items()).to.deep.equal(['1 abc', '2 abc', '2 abc']);
  });

  it('take many at once, each exactly once', async () => {
    const app = await startApp();
    const many = Array.from({ length: 300 }, (_, i) => i + 1);
    const answers = await Promise.all(many.map((sequence) => post(app, sequence)));
    expect(answers.filter(({ status }) => status !== 201)).to.deep.equal([]);
    const found = (await items()).map((item) => Number(item.split(' ')[0]));
    expect(found.toSorted((a, b) => a - b)).to.deep.equal(many);
    const names = (await client.client('LIST')) as string;
    expect(names.match(/name=carts:east\/app-1 /g)!.length).to.be.at.most(21);
  });

  it('refuse, definitely, what is addressed or written wrongly', async () => {
    const app = await startApp();
    expect(await post(app, 1, 3, 4)).to.deep.include({ status: 400 });
    expect((await post(app, 1, 3, 4)).body).to.include({ definite: true });
    expect(await post(app, -1)).to.deep.include({ status: 400 });
    for (const path of ['/carts/x/items', '/carts/3', '/carts/3/items/1']) {
      expect((await fetch(app + path, { method: 'POST', body: '{}' })).status, path).to.equal(404);
    }
    expect(await items()).to.deep.equal([]);
  });

  it('are not there where the system has no Redis', async () => {
    const app = await startApp(null);
    expect((await post(app, 1)).body).to.include({ definite: true });
    expect(await post(app, 1)).to.include({ status: 404 });
  });

  it('refuse, definitely, what Redis refused', async () => {
    const app = await startApp();
    await client.config('SET', 'min-replicas-to-write', '1');
    const { status, body } = await post(app, 1);
    expect(status).to.equal(503);
    expect(body).to.include({ definite: true });
    expect(body['error']).to.contain('NOREPLICAS');
    await client.config('SET', 'min-replicas-to-write', '0');
    expect(await post(app, 2)).to.include({ status: 201 });
    expect(await items()).to.deep.equal(['2 abc']);
  });

  it('refuse, definitely, what a replica or nobody could take', async () => {
    const app = await startApp();
    await client.replicaof('127.0.0.1', '1');
    const readOnly = await post(app, 1);
    expect(readOnly.body).to.include({ definite: true });
    expect(readOnly.body['error']).to.match(/READONLY|MASTERDOWN/);
    process.kill(primary.pid, 'SIGKILL');
    await primary.ended;
    // The app may not have seen yet that its idle connection is gone: nothing is certain of that one.
    expect(await post(app, 2)).to.include({ status: 503 });
    const dead = await post(app, 3);
    expect(dead).to.include({ status: 503 });
    expect(dead.body).to.include({ definite: true });
  });

  it('with wait: 1 acknowledge what a replica has, and nothing else', async () => {
    const app = await startApp({ wait: 1 });
    const alone = await post(app, 1);
    expect(alone).to.include({ status: 202 });
    expect(alone.body['warning']).to.contain('0 of 1 replicas');
    expect(alone.body).not.to.have.property('definite');
    const replica = await servers.startReplica(primary, `west-${programs.length}`);
    expect(await post(app, 2)).to.deep.include({ status: 201 });
    const there = await clientOf(replica);
    expect(await there.lrange('cart:3', 0, -1)).to.deep.equal(['1 abc', '2 abc']);
    there.disconnect();
    process.kill(replica.pid, 'SIGSTOP');
    expect(await post(app, 3)).to.include({ status: 202 });
  });

  it('of a server that stands still are neither acknowledged nor refused for certain', async () => {
    const app = await startApp();
    expect(await post(app, 1)).to.include({ status: 201 });
    process.kill(primary.pid, 'SIGSTOP');
    const { status, body } = await post(app, 2);
    expect(status).to.equal(503);
    expect(body).to.include({ definite: false });
    process.kill(primary.pid, 'SIGCONT');
    while ((await items()).length < 2) await pause(10);
    expect(await items(), 'it was sent once').to.deep.equal(['1 abc', '2 abc']);
  });

  it('do not call definite what was sent on a connection that ended before the reply', async () => {
    let isDeaf = false;
    const relay = await startTcpServer((socket) => relayTo(primary.port, socket, () => isDeaf));
    const app = await startApp({ port: relay.port });
    expect(await post(app, 1)).to.include({ status: 201 });
    isDeaf = true;
    const { status, body } = await post(app, 2);
    expect(status).to.equal(503);
    expect(body).to.include({ definite: false });
    isDeaf = false;
    await pause(100);
    expect(await items(), 'it was done once, and not repeated').to.deep.equal(['1 abc', '2 abc']);
    expect(await post(app, 3), 'and the next goes on').to.include({ status: 201 });
    await relay.close();
  });

  it('are ready when Redis takes writes, and the database too', async () => {
    const database: TestDatabase = await startTestDatabase();
    try {
      const app = await startApp({}, database.address());
      const ready = async () => (await fetch(`${app}/readyz`)).status;
      expect(await ready()).to.equal(200);
      await client.replicaof('127.0.0.1', '1');
      expect(await ready()).to.equal(503);
      await client.replicaof('NO', 'ONE');
      expect(await ready()).to.equal(200);
      process.kill(primary.pid, 'SIGSTOP');
      expect(await ready()).to.equal(503);
      process.kill(primary.pid, 'SIGCONT');
      expect(await ready()).to.equal(200);
    } finally {
      await database.stop();
    }
    const bare = await startApp();
    expect((await fetch(`${bare}/readyz`)).status, 'without its database').to.equal(503);
  });
});

/** Passes everything on; when it turns deaf, the replies are swallowed and the connection ends. */
function relayTo(port: number, socket: Socket, isDeaf: () => boolean): void {
  const server = connect({ host: '127.0.0.1', port });
  server.on('error', () => socket.destroy());
  socket.on('data', (chunk) => server.write(chunk));
  server.on('data', (chunk) => (isDeaf() ? socket.destroy() : socket.write(chunk)));
  socket.once('close', () => server.destroy());
  server.once('close', () => socket.destroy());
}
