// The heartbeat in a database that somebody has: only on their word, only where it does no harm, and
// gone without a trace.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { beat, makeHeartbeat, removeHeartbeat } from '../../../src/postgres/own/heartbeat.ts';
import { withConnection, type DatabaseAddress } from '../../../src/postgres/server/connection.ts';
import {
  addressOfHeartbeat,
  findHeartbeat,
  installHeartbeat,
  keepBeating,
  uninstallHeartbeat,
} from '../../../src/session/restore/heartbeat.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';
import { failureOf } from '../../support/postgres/stored.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };

describe('a heartbeat', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let address: DatabaseAddress;

  before(async () => {
    database = await startTestDatabase({});
    address = { ...database.address(), ...database.credentials.admin };
  });
  after(() => database.stop());

  const schemas = async () => {
    const sql = `select 1 from pg_namespace where nspname = 'dr_drill'`;
    return (await database.query(sql)).length;
  };

  it('is made, beats until it is stopped, and is gone', async () => {
    expect(await findHeartbeat(address)).to.include({ isMade: false, problem: null });
    expect(await schemas()).to.equal(0); // it only looked
    await installHeartbeat(address);
    await installHeartbeat(address);
    expect(await findHeartbeat(address)).to.include({ isMade: true, problem: null });
    const stop = new AbortController();
    const told: unknown[] = [];
    const beating = keepBeating({
      ...{ address, every_ms: 10, clock: hostClock(), signal: stop.signal },
      onChange: (state) => told.push(state),
    });
    const at = async () => {
      const sql = 'select at::text from dr_drill.heartbeat';
      return (await database.query<{ at: string }>(sql))[0]?.at;
    };
    const first = await at();
    while ((await at()) === first) await hostClock().sleep(5);
    stop.abort();
    await beating;
    expect(told).to.have.length(1);
    await uninstallHeartbeat(address);
    await uninstallHeartbeat(address);
    expect(await schemas()).to.equal(0);
  });

  it('needs no more of a role than to make a schema', async () => {
    const role = 'set session authorization beats';
    await database.query('create role beats');
    await database.query(`grant create on database ${address.database} to beats`);
    await withConnection(address, LIMITS, async (client) => {
      await client.query(role);
      await makeHeartbeat(client);
      await beat(client);
      await removeHeartbeat(client);
    });
    expect(await schemas()).to.equal(0);
    await database.query('drop owned by beats; drop role beats');
  });

  it('is not made where subscribers would stop at its table', async () => {
    await database.query('create publication everything for all tables');
    const { problem } = await findHeartbeat(address);
    await database.query('drop publication everything');
    expect(problem).to.include('everything is for all tables');
  });

  it('is not made where subscribers would stop at any table of its schema', async () => {
    await installHeartbeat(address);
    await database.query('drop table dr_drill.heartbeat');
    await database.query('create publication ours for tables in schema dr_drill');
    const { problem } = await findHeartbeat(address);
    await database.query('drop publication ours');
    expect(problem).to.include('publication ours').and.include('would stop');
    await uninstallHeartbeat(address);
    expect(await schemas()).to.equal(0);
  });

  it('takes no schema for its own that somebody else has made', async () => {
    await database.query('create schema dr_drill');
    expect((await findHeartbeat(address)).problem).to.include('not drill’s');
    const failure = await failureOf(uninstallHeartbeat(address));
    expect(failure.message).to.include('not drill’s');
    await database.query('drop schema dr_drill');
  });

  it('takes its password from the environment, and none into a message', () => {
    const { own } = addressOfHeartbeat('postgres://drill@db:5432/app', 'p@ss word');
    expect(own?.shown).to.equal('postgres://drill@db:5432/app');
    expect(own?.secrets).to.include('p@ss word');
    expect(() => addressOfHeartbeat('db:5432', undefined)).to.throw('expected an address');
  });
});
