// What drill makes in a database of somebody's own, as a role without any right beyond that, and
// what it leaves alone; and the looks at such a server.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { Looker } from '../../../src/postgres/own/look.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { dropWherePrimary, makeTables, tablesOf } from '../../../src/postgres/own/tables.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const FIRST = tablesOf('dr_drill', '20261130T010203Z-own-1a2b');
const SECOND = tablesOf('dr_drill', '20261130T010203Z-own-3c4d');

describe('drill’s own tables in somebody’s database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: OwnServer;

  before(async () => {
    database = await startTestDatabase();
    const address = database.address();
    server = { node: 'east/db1', region: 'east', address };
    await database.query(`grant create on database orders to ${address.user}`);
  });
  after(() => database.stop());

  const there = async () => {
    const rows = await database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = to_regnamespace('dr_drill')
       and relkind = 'r' order by 1`,
    );
    return rows.map(({ name }) => name);
  };
  const schemas = async () =>
    (await database.query(`select from pg_namespace where nspname = 'dr_drill'`)).length;
  const saying = async (work: Promise<unknown>) =>
    await work.then(
      () => 'done',
      (error: Error) => error.message,
    );

  it('are of one run each, and go with it; the schema with the last of them', async () => {
    await makeTables(server, FIRST);
    await makeTables(server, SECOND);
    expect(await there()).to.have.length(4);
    await dropWherePrimary([server], FIRST);
    expect(await there()).to.deep.equal([
      'orders_20261130t010203z_own_3c4d',
      'probe_20261130t010203z_own_3c4d',
    ]);
    await dropWherePrimary([server], SECOND);
    expect(await schemas()).to.equal(0);
    await dropWherePrimary([server], SECOND);
  });

  it('are not made in a schema that is not drill’s', async () => {
    await database.query('create schema dr_drill');
    await database.query('create table dr_drill.theirs (id int)');
    await database.query(`grant all on schema dr_drill to ${server.address.user}`);
    expect(await saying(makeTables(server, FIRST))).to.match(/expected the mark/);
    expect(await there()).to.deep.equal(['theirs']);
    await dropWherePrimary([server], FIRST);
    expect(await there()).to.deep.equal(['theirs']);
    await database.query('drop schema dr_drill cascade');
  });

  it('are left alone where they carry another mark', async () => {
    await makeTables(server, FIRST);
    await database.query(`comment on table ${FIRST.orders} is 'mine now'`);
    expect(await saying(dropWherePrimary([server], FIRST))).to.contain('mine now');
    expect(await there()).to.have.length(2);
    await database.query('drop schema dr_drill cascade');
  });

  it('are looked for on the next server where one is gone, and it is said why nowhere', async () => {
    await makeTables(server, FIRST);
    const gone = { ...server, node: 'west/db2', address: { ...server.address, port: 1 } };
    await dropWherePrimary([gone, server], FIRST);
    expect(await schemas()).to.equal(0);
    expect(await saying(dropWherePrimary([gone], FIRST))).to.match(/west\/db2: ECONNREFUSED/);
  });

  it('show whether a server takes writes, by one', async () => {
    await makeTables(server, FIRST);
    const looker = new Looker(server, FIRST, hostClock(), 1_000);
    expect(await looker.look()).to.include({ state: 'primary', timeline: 1 });
    await database.query('alter system set default_transaction_read_only = on');
    await database.query('select pg_reload_conf()');
    await hostClock().sleep(100);
    const denied = await looker.look();
    expect(denied.state).to.equal('refuses');
    expect(denied.detail).to.contain('read-only');
    await database.query('alter system reset default_transaction_read_only');
    await database.query('select pg_reload_conf()');
    await hostClock().sleep(100);
    expect(await looker.look()).to.include({ state: 'primary' });
    await looker.close();
    const nobody = { ...server, address: { ...server.address, port: 1 } };
    const gone = new Looker(nobody, FIRST, hostClock(), 1_000);
    expect(await gone.look()).to.include({ state: 'refuses', timeline: null });
    await gone.close();
    await dropWherePrimary([server], FIRST);
  });
});
