// Stores that a fault disturbs while they run, on a real system that is up, whose runner is killed:
// what it did lasts, as a client of the test's own sees it, and `drill clean` ends it.
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { readKeptSystem } from '../../../src/topology/kept-system.ts';
import type { EmbeddedParts } from '../../../src/topology/embedded/keep.ts';
import { it } from '../../support/commands.ts';
import { requireRedis } from '../../support/servers/redis.ts';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { calmDrill, killAt } from '../../support/whole/killed.ts';

const FREEZE = '{ at: 60s, kind: lose-region, region: east, how: freeze }';
const POLL_MS = 20;
const withRedis = (faults: string) =>
  calmDrill(faults).replace('topology:\n', 'topology:\n  redis: {}\n');

describe('a fault on a store whose runner is killed, on a system that is up', function () {
  this.timeout(120_000);
  let place: Workplace;
  let system: string;

  before(async function () {
    requireRedis(this);
    place = new Workplace(withRedis(FREEZE));
    const up = await place.run(['up', 'drill.yaml']);
    expect(up.code, up.stdout + up.stderr).to.equal(0);
    system = place.runs().at(-1)!;
  });
  after(async () => {
    await place.run(['clean']);
    await place.run(['down', '--all']);
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  async function sql(node: string, text: string): Promise<unknown> {
    const { servers, admin } = readKeptSystem(system).parts as EmbeddedParts;
    const { host, port } = servers.find((each) => each.node === node)!;
    const client = new Client({ host, port, database: 'orders', ...admin });
    await client.connect();
    try {
      return (await client.query<{ seen: unknown }>(text)).rows[0]?.seen;
    } finally {
      await client.end();
    }
  }

  async function replicas(): Promise<string> {
    const { password, servers } = (readKeptSystem(system).parts as EmbeddedParts).carts!;
    const { port } = servers.find(({ node }) => node === 'east/redis')!;
    const client = new Redis({ port, password });
    const info = await client.info('replication');
    client.disconnect();
    return /connected_slaves:(\d)/.exec(info)![1]!;
  }

  const followers = () =>
    sql('east/postgres', 'select count(*)::int as seen from pg_stat_replication');
  const paused = () => sql('west/postgres', 'select pg_is_wal_replay_paused() as seen');

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
      place.write('killed.yaml', withRedis(`{ at: 300ms, ${fault} }\n  - ${FREEZE}`));
      await killAt(place, 'fault.proved', 'killed.yaml');
      expect(await look(), 'it lasts').to.equal(disturbed);
      const cleaned = await place.run(['clean']);
      expect(cleaned.code, cleaned.stdout + cleaned.stderr).to.equal(0);
      await until(well);
    });
  }
});
