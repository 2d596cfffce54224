// The functions on a Redis server, against real ones: start, watch, promote, read, inspect, and a
// dead server's directory.
import { readFileSync, statSync, truncateSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { payloadOf, digestOf } from '../../src/base/payload.ts';
import type { SurvivorRow } from '../../src/evidence/survivors.ts';
import { hostClock } from '../../src/host/clock.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { findRunProcesses } from '../../src/host/process/processes.ts';
import { readCarts } from '../../src/redis/carts.ts';
import { startAlone, type Server } from '../../src/redis/launcher.ts';
import { inspect } from '../../src/redis/inspect.ts';
import { Monitor, probeWrite } from '../../src/redis/monitor.ts';
import { promote } from '../../src/redis/promote.ts';
import { clientOf, failureOf, pause, requireRedis, TestServers } from '../support/servers/redis.ts';

const clock = hostClock();

describe('a Redis server', function () {
  this.timeout(30_000);
  let servers: TestServers;

  before(function () {
    requireRedis(this);
  });
  beforeEach(() => (servers = new TestServers()));
  afterEach(() => servers.stop());

  const readAll = async (server: Server) => {
    const rows: SurvivorRow[] = [];
    const facts = await readCarts(server, (row) => rows.push(row));
    return { rows, facts };
  };
  const ids = (rows: readonly SurvivorRow[]) =>
    rows.map(({ writer, sequence }) => `${writer}-${sequence}`).toSorted();

  it('carries the mark of its run, asks for its password and shows it nowhere', async () => {
    const server = await servers.start('east');
    expect(findRunProcesses('in-test', servers.directory)).to.include(server.pid);
    const stranger = await probeWrite({ ...server, password: 'another' }, 1_000);
    expect(stranger.accepted).to.equal(false);
    expect(stranger.detail).to.match(/WRONGPASS|NOAUTH/);
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    expect(commandLine).not.to.contain(server.password);
    const file = join(servers.directory, 'east', 'redis.conf');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('takes writes as a primary, none as a replica, none when it stands still or is dead', async () => {
    const primary = await servers.start('east');
    const replica = await servers.startReplica(primary);
    expect(await probeWrite(primary, 1_000)).to.include({ accepted: true });
    const refused = await probeWrite(replica, 1_000);
    expect(refused.accepted).to.equal(false);
    expect(refused.detail).to.contain('READONLY');
    process.kill(primary.pid, 'SIGSTOP');
    const began = clock.now();
    expect(await probeWrite(primary, 200)).to.include({ accepted: false });
    expect(clock.now() - began).to.be.below(5_000);
    process.kill(primary.pid, 'SIGKILL');
    await primary.ended;
    expect(await probeWrite(primary, 1_000)).to.include({ accepted: false });
  });

  it('says what it knows of its replica, and whether that is still there', async () => {
    const primary = await servers.start('east');
    const monitor = new Monitor(primary);
    expect(await monitor.replica()).to.equal(null);
    const replica = await servers.startReplica(primary);
    while ((await monitor.replica())?.state !== 'online') await pause(5);
    const seen = await monitor.replica();
    expect(seen!.reply_age_ms).to.be.below(2_000);
    process.kill(replica.pid, 'SIGSTOP');
    const client = await clientOf(primary);
    await client.rpush('cart:1', `1 ${'x'.repeat(5_000)}`);
    client.disconnect();
    expect((await monitor.replica())!.lag_bytes).to.be.above(5_000);
    process.kill(replica.pid, 'SIGKILL');
    await replica.ended;
    while ((await monitor.replica()) !== null) await pause(5);
    await monitor.close();
  });

  it('that is a replica becomes the primary, without its old one', async () => {
    const primary = await servers.start('east');
    const replica = await servers.startReplica(primary);
    process.kill(primary.pid, 'SIGKILL');
    const told: string[] = [];
    const on = { onSent: () => told.push('sent'), onWritable: () => told.push('writable') };
    await promote(replica, on, clock);
    expect(told).to.deep.equal(['sent', 'writable']);
    expect(await probeWrite(replica, 1_000)).to.include({ accepted: true });
    const checks = await inspect(replica);
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    expect(checks).to.have.length(3);
  });

  it('that is a replica is no serving one to the inspection, nor is one that cannot write', async () => {
    const primary = await servers.start('east');
    const replica = await servers.startReplica(primary);
    const failed = (await inspect(replica)).filter(({ ok }) => !ok).map(({ name }) => name);
    expect(failed).to.deep.equal(['redis takes a write', 'redis is a primary']);
    process.kill(primary.pid, 'SIGKILL');
    await primary.ended;
    const [gone, ...rest] = await inspect(primary);
    expect(gone).to.include({ name: 'redis takes connections', ok: false });
    expect(rest).to.deep.equal([]);
  });

  it('gives every item of every cart, with the digest of its payload', async () => {
    const server = await servers.start('east');
    const client = await clientOf(server);
    const many = Array.from({ length: 4_500 }, (_, i) => i + 1);
    await client.rpush('cart:3', ...many.map((i) => `${i} ${payloadOf(7, 3, i, 20)}`));
    await client.rpush('cart:65535', '1 with spaces in it', '2 ');
    await client.set('drill:probe', '1');
    const { rows, facts } = await readAll(server);
    expect(facts).to.include({ rows: 4_502, timeline: 0 });
    expect(facts.snapshot).to.match(/^[0-9a-f]{40}:\d+$/);
    expect(rows.filter(({ writer }) => writer === 3).map(({ sequence }) => sequence)).to.deep.equal(
      many,
    );
    const { high, low } = digestOf(Buffer.from(payloadOf(7, 3, 4_321, 20)));
    const row = rows.find(({ writer, sequence }) => writer === 3 && sequence === 4_321);
    expect(row).to.include({ digest_high: high, digest_low: low, payload_bytes: 20 });
    expect(rows.filter(({ writer }) => writer === 65_535)).to.have.length(2);
    client.disconnect();
  });

  it('gives what is no item of the service as a row that nobody can have written', async () => {
    const server = await servers.start('east');
    const client = await clientOf(server);
    await client.rpush('cart:1', '1 abc', 'abc', '01 abc', ' 2 abc', '-3 abc', '4');
    await client.set('cart:2', 'overwritten');
    await client.rpush('cart:two', '1 abc');
    const { rows } = await readAll(server);
    const sound = rows.filter(({ writer, sequence }) => writer >= 0 && sequence >= 0);
    expect(ids(sound)).to.deep.equal(['1-1']);
    expect(rows).to.have.length(8);
    client.disconnect();
  });

  it('whose carts change while they are read is not taken for read', async () => {
    const server = await servers.start('east');
    const client = await clientOf(server);
    const many = Array.from({ length: 20_000 }, (_, i) => `${i + 1} x`);
    await client.rpush('cart:1', ...many);
    let change: Promise<unknown> = Promise.resolve();
    let isFirst = true;
    const reading = readCarts(server, () => {
      if (isFirst) change = client.rpush('cart:1', '20001 x');
      isFirst = false;
    });
    expect((await failureOf(reading)).message).to.contain('carts that changed meanwhile');
    await change;
    isFirst = true;
    const added = readCarts(server, () => {
      if (isFirst) change = client.rpush('cart:2', '1 x');
      isFirst = false;
    });
    expect((await failureOf(added)).message).to.contain('carts that changed meanwhile');
    await change;
    client.disconnect();
  });

  it('that was killed gives from its directory what it had acknowledged, again and again', async () => {
    const server = await servers.start('east');
    const client = await clientOf(server);
    for (let i = 1; i <= 50; i++) await client.rpush('cart:1', `${i} x`);
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    client.disconnect();
    for (let i = 0; i < 2; i++) {
      const dead = await startAlone(servers.options('east'));
      expect(dead.port).to.be.a('number');
      expect((await readAll(dead)).rows).to.have.length(50);
      await dead.stop();
    }
  });

  it('whose file is torn gives what stands before the tear', async () => {
    const server = await servers.start('east');
    const client = await clientOf(server);
    for (let i = 1; i <= 50; i++) await client.rpush('cart:1', `${i} x`);
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    client.disconnect();
    const folder = join(servers.directory, 'east', 'appendonlydir');
    const file = readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!;
    truncateSync(join(folder, file), statSync(join(folder, file)).size - 5);
    const dead = await startAlone(servers.options('east'));
    expect((await readAll(dead)).rows).to.have.length(49);
    await dead.stop();
  });

  it('without its file is not opened as an empty one', async () => {
    const server = await servers.start('east');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    rmSync(join(servers.directory, 'east', 'appendonlydir'), { recursive: true });
    const error = await failureOf(startAlone(servers.options('east')));
    expect(error.message).to.match(/expected an append-only file in .*, found none/);
  });

  it('that cannot start says so with the end of its log', async () => {
    const error = await failureOf(servers.start('east', { password: 'of two words' }));
    expect(error).to.be.instanceOf(EnvironmentError);
    const { what, log } = (error as EnvironmentError).problem;
    expect(what).to.equal('Redis on east/redis');
    expect(log?.join('\n')).to.contain('FATAL CONFIG FILE ERROR');
    const broken = servers.start('west', { server: '/nowhere/redis-server' });
    expect((await failureOf(broken)).message).to.contain('could not be started');
  });
});
