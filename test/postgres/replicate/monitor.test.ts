// The connection on which a server is asked again and again, across an end of that connection that
// nobody asked for.
import { expect } from 'chai';
import { Monitor } from '../../../src/postgres/replicate/monitor.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

describe('a monitor whose connection ended between two questions', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  before(async () => void (database = await startTestDatabase()));
  after(() => database.stop());

  it('answers the next one: a recovery must not fail for a server that had restarted', async () => {
    const address = { ...database.address(), ...database.credentials.admin };
    const monitor = new Monitor(address);
    try {
      const before = await monitor.position();
      const ended = await database.query<{ ended: boolean }>(
        `select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity
         where application_name = 'drill'`,
      );
      expect(ended).to.deep.equal([{ ended: true }]);
      await new Promise((resolve) => setTimeout(resolve, 200)); // the end is heard of
      expect((await monitor.position()) >= before).to.equal(true);
    } finally {
      await monitor.close();
    }
  });
});
