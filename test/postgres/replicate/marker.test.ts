// A standby that looks well and follows nobody: the old primary of a failed-over pair, started as a
// standby without being rewound.
import { expect } from 'chai';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { copyTree } from '../../../src/host/files.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { killTrees, untilGone } from '../../../src/host/process/processes.ts';
import { startServer, type Server } from '../../../src/postgres/server/launcher.ts';
import { untilMarkerArrives } from '../../../src/postgres/replicate/marker.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const clock = hostClock();
const ROWS = `insert into orders (writer, sequence, payload, region)
  select 1, s, 'of-the-old-primary', 'east' from generate_series(1, 2000) s`;

describe('an old primary that was never rewound', function () {
  this.timeout(90_000);
  const running: Server[] = [];
  let east: TestDatabase;

  beforeEach(async () => (east = await startTestDatabase({ replication: true })));
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    await east.stop();
  });

  const of = (server: { readonly host: string; readonly port: number }) => {
    const { host, port } = server;
    return { host, port, database: 'orders', ...east.credentials.admin };
  };
  async function ask(server: Server, text: string): Promise<Record<string, unknown>> {
    const client = new Client(of(server));
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows[0] ?? {};
    } finally {
      await client.end();
    }
  }
  async function start(data: string, title: string): Promise<Server> {
    const server = await startServer({ ...east.started, data, title });
    running.push(server);
    return server;
  }
  /** A standby of `upstream` on the directory as it is; of nobody without one. */
  function standby(data: string, upstream: Server | null): void {
    writeFileSync(join(data, 'standby.signal'), '', { mode: 0o644 });
    if (upstream === null) return;
    const { user, password } = east.credentials.replication;
    const { host, port } = upstream;
    const conninfo = `host=${host} port=${port} user=${user} password=${password}`;
    appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  }

  it('is in recovery and answers, but the marker of the new primary never comes to it', async () => {
    const { data } = east.started;
    await east.server.stop();
    const other = join(east.place, 'other');
    await copyTree(data, other);
    chmodSync(other, 0o700);
    standby(other, null);
    const west = await start(other, 'west/postgres');
    await ask(west, 'select pg_promote()');

    // What the old primary took after the fork stands in the way of following.
    const old = await start(data, 'east/postgres');
    await ask(old, ROWS);
    expect(await untilGone(killTrees(old.pids()), clock, 5_000)).to.deep.equal([]);
    standby(data, west);
    const unrewound = await start(data, 'east/postgres');
    expect(await ask(unrewound, 'select pg_is_in_recovery() as recovers')).to.deep.equal({
      recovers: true,
    });

    const pair = { primary: of(west), standby: of(unrewound), node: 'east/postgres' };
    const failed = await untilMarkerArrives(pair, clock, 2_000).catch((e: Error) => e.message);
    expect(failed).to.match(/^east\/postgres: expected it to follow: the marker .*, found/);
    // It did reach the new primary, and was told why it cannot go on from here.
    expect(readFileSync(east.started.logFile, 'utf8')).to.match(/forked off/);
    const { held } = await ask(unrewound, 'select count(*)::int as held from orders');
    expect(held).to.equal(2000);
  });

  it('is told from one that follows, to which the marker comes', async () => {
    const { data } = east.started;
    await east.server.stop();
    const other = join(east.place, 'other');
    await copyTree(data, other);
    chmodSync(other, 0o700);
    const old = await start(data, 'east/postgres');
    standby(other, old);
    const west = await start(other, 'west/postgres');
    const pair = { primary: of(old), standby: of(west), node: 'west/postgres' };
    expect((await untilMarkerArrives(pair, clock, 20_000)).ok).to.equal(true);
  });
});
