// What drill holds of a real database by connections of its own, seen by a client of the test's own.
import { expect } from 'chai';
import { Client } from 'pg';
import { hostClock } from '../../../src/host/clock.ts';
import {
  cancelSyncWaits,
  lockOrders,
  refusesConnections,
  takeConnections,
  TOO_MANY_CONNECTIONS,
  warningOfCommit,
  requestWaits,
} from '../../../src/postgres/disturb/sessions.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const INSERT = `insert into orders (writer, sequence, payload, region) values (1, 1, 'x', 'east')`;
const WAIT_MS = 50;

describe('what is held of a database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  const clock = hostClock();

  before(async () => {
    database = await startTestDatabase({ settings: { max_connections: '30' } });
  });
  after(() => database.stop());

  const user = () => database.address();
  const admin = () => ({ ...database.address(), ...database.credentials.admin });

  /** What the statement ends with: a code, or nothing. */
  async function outcome(text: string, before = ''): Promise<string> {
    const client = new Client(user());
    try {
      await client.connect();
      if (before !== '') await client.query(before);
      await client.query(text);
      return '';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.end().catch(() => {});
    }
  }

  for (const [mode, read] of [
    ['access exclusive', '55P03'],
    ['exclusive', ''],
  ] as const) {
    it(`a lock (${mode}) lets writes wait until it is given up`, async () => {
      const limit = `set lock_timeout = ${WAIT_MS}`;
      const waits = async (request: 'write' | 'read') =>
        (await requestWaits(user(), request, WAIT_MS)).ok;
      expect([await waits('write'), await waits('read')]).to.deep.equal([false, false]);
      const lock = await lockOrders(admin(), mode);
      expect(await outcome(INSERT, limit)).to.equal('55P03');
      expect(await outcome('select from orders', limit)).to.equal(read);
      expect([await waits('write'), await waits('read')]).to.deep.equal([true, read !== '']);
      expect(lock.isHeld()).to.equal(true);
      await lock.end();
      expect(await outcome(INSERT, limit)).to.equal('');
    });
  }

  it('a lock that somebody else has ended is held no more', async () => {
    const lock = await lockOrders(admin(), 'exclusive');
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'drill' and state = 'idle in transaction'`);
    while (lock.isHeld()) await clock.sleep(5);
    await lock.end();
  });

  it('all connections are taken but for those that are left, and the superuser comes in', async () => {
    expect((await refusesConnections(user(), 0)).ok).to.equal(false);
    for (const leaves of [0, 2]) {
      const taken = await takeConnections(admin(), user(), leaves, clock);
      const clients = Array.from({ length: leaves }, () => new Client(user()));
      for (const client of clients) await client.connect();
      expect(await outcome('select 1')).to.equal(TOO_MANY_CONNECTIONS);
      for (const client of clients) await client.end();
      expect(await database.query('select 1 as one')).to.deep.equal([{ one: 1 }]);
      expect((await refusesConnections(user(), leaves)).ok).to.equal(true);
      await taken.end();
      expect((await refusesConnections(user(), leaves)).ok).to.equal(false);
    }
  });

  it('waits for a standby that is not there are cancelled, counted and told', async () => {
    await database.query(`alter system set synchronous_standby_names = 'nobody'`);
    await database.query('select pg_reload_conf()');
    let writes = 0;
    const client = new Client(user());
    const notices: string[] = [];
    client.on('notice', ({ message = '' }) => notices.push(message));
    await client.connect();
    const written = client.query(INSERT);
    const waits = `select 1 from pg_stat_activity where wait_event = 'SyncRep'`;
    while ((await database.query(waits)).length === 0) await clock.sleep(5);
    const held = await cancelSyncWaits(admin(), user().user, clock, (n) => (writes += n));
    await written;
    expect(notices.join()).to.contain('canceling wait for synchronous replication');
    expect(await warningOfCommit(admin())).to.contain('canceling wait');
    expect(writes).to.equal(1);
    await held.end();
    await client.end();
  });
});
