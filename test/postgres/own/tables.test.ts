// What drill makes in a database of somebody's own, as a role without any right beyond that, and
// what it leaves alone; and the looks at such a server.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { Client } from 'pg';
import { ownAddress } from '../../../src/postgres/own/address.ts';
import { groundOf } from '../../../src/postgres/own/ground.ts';
import { Looker } from '../../../src/postgres/own/look.ts';
import { ASKING, type OwnServer } from '../../../src/postgres/own/server.ts';
import { dropTables } from '../../../src/postgres/own/drop.ts';
import { makeTables, tablesOf } from '../../../src/postgres/own/tables.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import type { TestDatabase } from '../../support/postgres/database.ts';
import { startOwnDatabase } from '../../support/postgres/own-database.ts';

const FIRST = tablesOf('dr_drill', '20261130T010203Z-own-1a2b');
const SECOND = tablesOf('dr_drill', '20261130T010203Z-own-3c4d');

describe('drill’s own tables in somebody’s database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: OwnServer;

  before(async () => {
    ({ database, server } = await startOwnDatabase());
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
    await dropTables([server], FIRST);
    expect(await there()).to.deep.equal([
      'orders_20261130t010203z_own_3c4d',
      'probe_20261130t010203z_own_3c4d',
    ]);
    await dropTables([server], SECOND);
    expect(await schemas()).to.equal(0);
    await dropTables([server], SECOND);
  });

  it('are not made in a schema that is not drill’s', async () => {
    await database.query('create schema dr_drill');
    await database.query('create table dr_drill.theirs (id int)');
    await database.query(`grant all on schema dr_drill to ${server.address.user}`);
    expect(await saying(makeTables(server, FIRST))).to.match(/expected the mark/);
    expect(await there()).to.deep.equal(['theirs']);
    await dropTables([server], FIRST);
    expect(await there()).to.deep.equal(['theirs']);
    await database.query('drop schema dr_drill cascade');
  });

  it('are left alone where they carry another mark', async () => {
    await makeTables(server, FIRST);
    await database.query(`comment on table ${FIRST.orders} is 'mine now'`);
    expect(await saying(dropTables([server], FIRST, 0))).to.contain('mine now');
    expect(await there()).to.have.length(2);
    await database.query('drop schema dr_drill cascade');
  });

  it('are looked for on the next server where one is gone, and it is said why nowhere', async () => {
    await makeTables(server, FIRST);
    const gone = { ...server, node: 'west/db2', address: { ...server.address, port: 1 } };
    await dropTables([gone, server], FIRST);
    expect(await schemas()).to.equal(0);
    expect(await saying(dropTables([gone], FIRST, 0))).to.match(/west\/db2: ECONNREFUSED/);
  });

  it('go where somebody reads them, once that is over; nobody waits behind drill for long', async () => {
    await makeTables(server, FIRST);
    const reader = new Client({ ...server.address, ...database.credentials.admin });
    await reader.connect();
    await reader.query('begin');
    await reader.query(`select from ${FIRST.orders}`);
    const dropping = dropTables([server], FIRST);
    await hostClock().sleep(2_500); // longer than one try waits for the lock
    const [held] = await database.query<{ held: number }>(
      `select count(*)::int as held from pg_locks where mode = 'AccessExclusiveLock' and granted
         and database = (select oid from pg_database where datname = current_database())`,
    );
    await reader.end();
    await dropping;
    expect(held).to.deep.equal({ held: 0 });
    expect(await schemas()).to.equal(0);
  });

  it('go on each of two servers that take writes', async () => {
    const { database: other, server: second } = await startOwnDatabase('west/db2');
    try {
      for (const each of [server, second]) await makeTables(each, FIRST);
      await dropTables([server, second], FIRST);
      expect(await schemas()).to.equal(0);
      const left = await other.query(`select from pg_namespace where nspname = 'dr_drill'`);
      expect(left).to.deep.equal([]);
    } finally {
      await other.stop();
    }
  });

  it('come and go in a database of another encoding and an odd name, of a run with a long one', async () => {
    const name = 'Odd "base" %40';
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await database.query('create database template0 template orders'); // no other one may be copied
    await database.query(
      `create database ${quoted} encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
    );
    const { user, password } = database.credentials.admin;
    const { host, port } = server.address;
    const url = `postgres://${user}@${host}:${port}/${encodeURIComponent(name)}`;
    const address = ownAddress(url, password)!;
    const odd = { ...server, address };
    const longest = `20261130T010203Z-${'a'.repeat(40)}-3c4d`;
    for (const run of [longest, longest.replace('3c4d', '1a2b')]) {
      const tables = tablesOf('dr_drill', run);
      await makeTables(odd, tables);
      const ground = await withConnection(address, ASKING, (each) => groundOf(each, 'dr_drill'));
      expect(ground).to.include({ database: name, role: user, schema: 'own' });
      await dropTables([odd], tables);
    }
    const sql = `select from pg_namespace where nspname = 'dr_drill'`;
    const left = await withConnection(address, ASKING, (each) => each.query(sql));
    expect(left.rows).to.deep.equal([]);
    for (const each of [quoted, 'template0']) await database.query(`drop database ${each}`);
  });

  it('are reached by sessions that keep nobody waiting, and have what the address asks for', async () => {
    const { user, password } = database.credentials.admin;
    const { host, port, database: name } = server.address;
    const url = `postgres://${user}@${host}:${port}/${name}?options=-c%20work_mem%3D128kB`;
    const limits = { ...ASKING, synchronous_commit: 'local' } as const;
    const names = ['lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout'];
    const found = await withConnection(ownAddress(url, password)!, limits, async (client) => {
      const all = [...names, 'synchronous_commit', 'work_mem'];
      const { rows } = await client.query<{ set: string[] }>(
        `select array(select current_setting(each) from unnest($1::text[]) each) as set`,
        [all],
      );
      return rows[0]!.set;
    });
    expect(found).to.deep.equal(['1s', '5s', '5s', 'local', '128kB']);
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
    await dropTables([server], FIRST);
  });
});
