// Whether servers follow, on real ones: a write has to come to each, by no way but replication. One
// that calls itself a standby does so by a function of its own.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { makeTables, tablesOf } from '../../../src/postgres/own/tables.ts';
import { follows, nobodyWrites } from '../../../src/topology/attached/follows.ts';
import { it } from '../../support/commands.ts';
import type { TestDatabase } from '../../support/postgres/database.ts';
import { startOwnDatabase } from '../../support/postgres/own-database.ts';

const TABLES = tablesOf('dr_drill', 'follows');
const STANDBY = `create schema told; grant usage on schema told to public;
  create function told.pg_is_in_recovery() returns bool language sql as 'select true'`;

describe('servers that have to follow', function () {
  this.timeout(60_000);
  const databases: TestDatabase[] = [];
  let east: OwnServer;
  let west: OwnServer;

  before(async () => {
    const nodes = ['east/db1', 'west/db2'];
    const made = await Promise.all(nodes.map((node) => startOwnDatabase(node)));
    databases.push(...made.map(({ database }) => database));
    [east, west] = made.map(({ server }) => server) as [OwnServer, OwnServer];
    for (const { database, server } of made) {
      await database.query(STANDBY);
      await makeTables(server, TABLES);
    }
  });
  after(() => Promise.all(databases.map((database) => database.stop())));
  afterEach(() => Promise.all([0, 1].map((at) => callItself(at, 'reset search_path'))));

  const callItself = async (at: number, change: string) => {
    await databases[at]!.query(`alter role ${databases[at]!.address().user} ${change}`);
  };
  const standby = 'set search_path = told, pg_catalog';
  const look = async (servers: readonly OwnServer[]) => {
    const [check] = await follows('east/db1', servers, TABLES, hostClock());
    return check!;
  };

  it('do, where what is written comes to them', async () => {
    await callItself(0, standby);
    const check = await look([east, { ...east, node: 'west/db2' }]);
    expect(check).to.include({ name: 'what is written comes to west/db2', ok: true });
  });

  it('do not where they take writes themselves, however new their rows are', async () => {
    const future = `update ${TABLES.probe} set at = clock_timestamp() + interval '1 hour'`;
    await databases[1]!.query(future);
    expect(await look([east, west])).to.include({ ok: false, detail: 'it takes writes itself' });
  });

  it('are told each where none of them takes writes', () => {
    const [east, west] = ['east/db1', 'west/db2'].map((node) => {
      return { node, state: 'standby' as const };
    });
    expect(nobodyWrites([east!, west!])).to.deep.equal({
      name: 'a server takes writes',
      ok: false,
      detail:
        'east/db1 is a standby, west/db2 is a standby, as after an undo that has the old primary ' +
        'follow one that nobody has promoted',
    });
    expect(nobodyWrites([{ ...east!, state: 'refuses' }, west!]).detail).to.equal(
      'east/db1 lets nobody in, west/db2 is a standby',
    );
  });

  it('do not where they are gone, nor where what took writes is gone meanwhile', async () => {
    const gone = { ...east.address, port: 1 };
    const other = await look([east, { ...west, address: gone }]);
    expect(other).to.include({ ok: false });
    expect(other.detail).to.match(/ECONNREFUSED/);
    await callItself(1, standby);
    const source = await look([{ ...east, address: gone }, west]);
    expect(source).to.include({ ok: false });
    expect(source.detail).to.match(/ECONNREFUSED/);
  });

  it.full('do not where they answer like a standby, and nothing comes', async () => {
    await callItself(1, standby);
    expect(await look([east, west])).to.include({
      ok: false,
      detail: 'it had not come after 5 s',
    });
  });
});
