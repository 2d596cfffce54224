// Stores that a fault disturbs while they run, on a real system that is up, whose runner is killed:
// what it did lasts, as a client of the test's own sees it, and `drill clean` ends it.
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { it } from '../../support/commands.ts';
import { requireRedis } from '../../support/servers/redis.ts';
import { LATER, systemUp, type SystemUp } from '../../support/whole/killed.ts';

const POLL_MS = 20;

async function ask(system: SystemUp, node: string, text: string): Promise<unknown> {
  const { servers, admin } = system.parts;
  const { host, port } = servers.find((each) => each.node === node)!;
  const client = new Client({ host, port, database: 'orders', ...admin });
  await client.connect();
  try {
    return (await client.query<{ seen: unknown }>(text)).rows[0]?.seen;
  } finally {
    await client.end();
  }
}

describe('a fault on a store whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  const system = systemUp({ needs: requireRedis, topology: '  redis: {}\n' });

  async function replicas(): Promise<string> {
    const { password, servers } = system.parts.carts!;
    const { port } = servers.find(({ node }) => node === 'east/redis')!;
    const client = new Redis({ port, password });
    const info = await client.info('replication');
    client.disconnect();
    return /connected_slaves:(\d)/.exec(info)![1]!;
  }

  const followers = () =>
    ask(system, 'east/postgres', 'select count(*)::int as seen from pg_stat_replication');
  const paused = () => ask(system, 'west/postgres', 'select pg_is_wal_replay_paused() as seen');

  for (const [fault, look, disturbed, well] of [
    ['kind: stop-replication', followers, 0, 1],
    ['kind: stop-replication, store: redis', replicas, '0', '1'],
    ['kind: pause-replay', paused, true, false],
  ] as const) {
    it.full(`is healed by drill clean: ${fault}`, async () => {
      const until = async (wanted: unknown) => {
        while ((await look()) !== wanted) await new Promise((done) => setTimeout(done, POLL_MS));
      };
      await until(well);
      await system.kill('fault.proved', `{ at: 300ms, ${fault} }\n  - ${LATER}`);
      expect(await look(), 'it lasts').to.equal(disturbed);
      await system.clean();
      await until(well);
    });
  }
});

describe('a damaged page whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  const system = systemUp();
  const read = async () =>
    await ask(
      system,
      'east/postgres',
      'select sum(length(payload)) is null as seen from orders',
    ).catch((error: { code: string }) => error.code);

  it.full('is put back as it was by drill clean', async () => {
    await system.kill('fault.proved', '{ at: 300ms, kind: corrupt-page }');
    expect(await read(), 'it lasts').to.equal('XX001');
    await system.clean();
    expect(await read()).to.equal(false);
  });
});

describe('a recovery that has commits wait for no standby, whose runner is killed', function () {
  this.timeout(120_000);
  const system = systemUp({ topology: '  replication: { mode: sync }\n' });
  const required = () =>
    ask(system, 'east/postgres', `select current_setting('synchronous_standby_names') as seen`);

  it.full('is taken back by drill clean', async () => {
    const before = await required();
    expect(before).not.to.equal('');
    const lost = '{ at: 300ms, kind: lose-region, region: west, how: partition, for: 30s }';
    await system.kill('standby.released', lost, (drill) =>
      drill
        .replace(/targets: .*/, 'targets: { availability: 1% }\ndisaster: none')
        .replace('declare: after 10s', 'declare: after 500ms\nrecover: { with: release }'),
    );
    expect(await required(), 'it lasts').to.equal('');
    await system.clean();
    expect(await required()).to.equal(before);
  });
});
