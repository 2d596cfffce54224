// Commits of a real primary that wait for a standby which is not there, and for nobody.
import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { Client } from 'pg';
import { hostClock } from '../../../src/host/clock.ts';
import {
  commitsWait,
  setCommitsWait,
  untilCommitsWait,
} from '../../../src/postgres/disturb/synchronous.ts';
import { withTcpServer } from '../../support/servers/tcp.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const INSERT = `insert into orders (writer, sequence, payload, region) values (1, 1, 'x', 'east')`;
const LOGIN_MS = 2_200;
const WAITS = `select 1 from pg_stat_activity where wait_event = 'SyncRep'`;

describe('whether commits wait for a standby', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  const clock = hostClock();

  before(async () => {
    database = await startTestDatabase({ settings: { synchronous_standby_names: 'nobody' } });
  });
  after(() => database.stop());

  const admin = () => ({ ...database.address(), ...database.credentials.admin });

  async function set(wait: boolean): Promise<void> {
    await setCommitsWait(admin(), wait);
    await untilCommitsWait(admin(), wait, clock);
    expect(await commitsWait(admin())).to.equal(wait);
  }

  it('is what its configuration says, until that is overruled, and again afterwards', async () => {
    expect(await commitsWait(admin())).to.equal(true);
    const client = new Client(database.address());
    await client.connect();
    for (let time = 0; time < 2; time++) {
      // One that waits is answered when commits are released, without a warning.
      let notices = 0;
      client.once('notice', () => notices++);
      const written = client.query(INSERT);
      while ((await database.query(WAITS)).length === 0) await clock.sleep(5);
      await set(false);
      await written;
      await client.query(INSERT);
      expect(notices).to.equal(0);
      await set(false);
      await set(true);
    }
    await setCommitsWait(admin(), false);
    await client.end();
  });

  it('is set by a login that takes long, as on a busy machine', async () => {
    const { port } = database.address();
    const slowly = (socket: Socket) => {
      void clock.sleep(LOGIN_MS).then(() => {
        const server = connect(port, '127.0.0.1');
        server.on('error', () => {});
        socket.pipe(server).pipe(socket);
      });
    };
    await withTcpServer(slowly, async (at) => {
      await setCommitsWait({ ...admin(), ...at }, false);
    });
    await untilCommitsWait(admin(), false, clock);
  });

  it('is told where it was not set', async () => {
    await setCommitsWait(admin(), false);
    const late = { ...clock, now: () => clock.now() * 1_000 };
    const thrown = await untilCommitsWait(admin(), true, late).catch((error: Error) => error);
    expect((thrown as Error).message).to.contain('commits to wait for the standby');
  });
});
