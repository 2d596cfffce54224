// What the doctor says of databases that machines share, on a real server: it makes nothing there.
import { expect } from 'chai';
import { databaseChecks } from '../../src/doctor/databases.ts';
import { databaseAddress } from '../../src/drill/database-address.ts';
import { SharedQueue } from '../../src/queue/queue.ts';
import type { DoctorContext } from '../../src/topology/machine-check.ts';
import { HistoryDatabase } from '../support/postgres/history-database.ts';

describe('the doctor of shared databases', function () {
  this.timeout(60_000);
  let database: HistoryDatabase;
  before(async () => (database = await HistoryDatabase.start()));
  after(async () => await database.stop());

  async function found(history: string | null, queue: string | null): Promise<string[]> {
    const [one, other] = [history, queue].map((url) =>
      url === null ? null : databaseAddress(url),
    );
    const checks = databaseChecks({ history: one!, queue: other! });
    const looked = checks.map(async (check) => {
      const { state, found: text, fix } = await check.look({} as DoctorContext, true);
      return `${check.name}: ${state}: ${text}; ${fix}`;
    });
    return await Promise.all(looked);
  }

  it('looks at those that there are', async () => {
    expect(await found(null, null)).to.deep.equal([]);
    const [history, queue] = await found(database.url, database.url);
    const fresh = /ok: postgres:\/\/.*: PostgreSQL 1\d.*, no tables yet.*, postgres may write/;
    expect(history)
      .to.match(/^shared history: ok/)
      .and.to.match(fresh);
    expect(queue)
      .to.match(/^queue: ok/)
      .and.to.match(fresh);
    const made = await database.query(`select 1 from pg_namespace where nspname like 'drill%'`);
    expect(made).to.deep.equal([]);
    await (await SharedQueue.open(database.address)).close();
    expect((await found(null, database.url))[0]).to.include('with tables of drill, postgres may');
  });

  it('says who may do nothing there, whose tables are newer, and what does not answer', async () => {
    const [powerless] = await found(database.powerless, null);
    expect(powerless).to.match(/warning: .* may not write; make \S+ the owner/);
    const gone = 'postgres://ada:geheim@127.0.0.1:1/drill';
    for (const text of await found(gone, gone)) {
      expect(text).to.match(/warning: .*postgres:\/\/ada@127\.0\.0\.1:1\/drill: .*ECONNREFUSED/);
      expect(text).not.to.include('geheim');
    }
    await database.query('create schema drill create table drill.migrations (number int)');
    await database.query('insert into drill.migrations values (99)');
    expect((await found(database.url, null))[0]).to.match(/warning: .*update drill here/);
  });
});
