// What was done to a real standby, and what of it is said to be gone when that is undone.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { startServer, type Server } from '../../../src/postgres/server/launcher.ts';
import { ownerOf } from '../../../src/postgres/server/identity.ts';
import { setStandby } from '../../../src/postgres/server/settings.ts';
import { disturbDatabase } from '../../../src/topology/assembled/disturbed-store.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

describe('a standby that applies nothing', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: Server;

  /** Replays its own log; nobody is there to be followed. */
  async function startStandby(): Promise<void> {
    await server.stop();
    const { data, identity } = database.started;
    setStandby(data, true, ownerOf(identity));
    server = await startServer({ ...database.started, port: database.port });
  }

  function paused() {
    const workload = database.address();
    const admin = { ...workload, ...database.credentials.admin };
    const node = 'west/postgres';
    return disturbDatabase({ node, admin, workload, clock: hostClock() }).pauseReplay!();
  }

  before(async () => {
    database = await startTestDatabase();
    ({ server } = database);
    await startStandby();
  });
  after(async () => {
    await server.stop();
    await database.stop();
  });

  it('is said to have gone on where somebody resumed it, and not where it was promoted', async () => {
    const honest = paused();
    await honest.act();
    expect(await honest.undo()).to.deep.equal([]);

    const resumed = paused();
    await resumed.act();
    await database.query('select pg_wal_replay_resume()');
    expect(await resumed.undo()).to.deep.equal(['the paused replay of west/postgres']);

    const [promoted, madeAgain] = [paused(), paused()];
    for (const each of [promoted, madeAgain]) await each.act();
    await database.query('select pg_promote()');
    expect(await promoted.undo(), 'promoted').to.deep.equal([]);
    await startStandby();
    expect(await madeAgain.undo(), 'a standby again').to.deep.equal([]);
  });
});
