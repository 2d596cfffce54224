// What a server does not tell of itself: to a role without the right to ask, and as managed services
// do that have no log of PostgreSQL's. What drill asks is left out then, and works.
import { expect } from 'chai';
import { dropTables } from '../../../src/postgres/own/drop.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { Looker } from '../../../src/postgres/own/look.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { makeTables, tablesOf } from '../../../src/postgres/own/tables.ts';
import { identifierOf, logOf, timelineOf } from '../../../src/postgres/own/told.ts';
import { readOrders } from '../../../src/postgres/read/orders.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import type { TestDatabase } from '../../support/postgres/database.ts';
import { startOwnDatabase } from '../../support/postgres/own-database.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 } as const;

/** Each with how it is taken back, and what the server says. */
const KEPT: readonly (readonly [title: string, make: string, back: string, says: RegExp])[] = [
  [
    'to a role without the right',
    'revoke execute on function pg_current_wal_insert_lsn() from public',
    'grant execute on function pg_current_wal_insert_lsn() to public',
    /permission denied for function pg_current_wal_insert_lsn/,
  ],
  [
    'to a role without the right to the control file',
    'revoke execute on function pg_control_checkpoint() from public',
    'grant execute on function pg_control_checkpoint() to public',
    /permission denied for function pg_control_checkpoint/,
  ],
  [
    'as Aurora does, whose log is none of PostgreSQL’s',
    `create schema aurora; grant usage on schema aurora to public;
     create function aurora.pg_current_wal_insert_lsn() returns pg_lsn language plpgsql as $$
       begin raise 'wal_level must be set to ''logical''' using errcode = '55000'; end $$;
     alter role ROLE set search_path = aurora, pg_catalog, public`,
    'alter role ROLE reset search_path; drop schema aurora cascade',
    /wal_level must be set to 'logical'/,
  ],
];

describe('a server that keeps its log to itself', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: OwnServer;

  before(async () => {
    ({ database, server } = await startOwnDatabase());
  });
  after(() => database.stop());

  const change = (sql: string) => database.query(sql.replaceAll('ROLE', server.address.user));
  const asked = (what: typeof logOf) => withConnection(server.address, LIMITS, what);

  it('is told from one that tells', async () => {
    const log = await asked(logOf);
    expect(log.told).to.match(/00000001/);
    expect((await asked(identifierOf)).told).to.match(/^\d+$/);
    expect(timelineOf(log)).to.contain('pg_walfile_name');
  });

  for (const [title, make, back, says] of KEPT) {
    it(`${title}: it is looked at, written to and read without`, async () => {
      await change(make);
      try {
        const log = await asked(logOf);
        expect(log.told).to.equal(null);
        expect(log.why).to.match(says);
        const tables = tablesOf('dr_drill', 'kept', timelineOf(log));
        await makeTables(server, tables);
        const looker = new Looker(server, tables, hostClock(), 1_000);
        const seen = await looker.look();
        await looker.close();
        expect(seen).to.include({ state: 'primary', timeline: 0, detail: 'took a write' });
        const { orders: table, timeline } = tables;
        const read = await readOrders(server.address, () => {}, { table, timeline });
        expect(read).to.include({ rows: 0, timeline: 0 });
        await dropTables([server], tables);
      } finally {
        await change(back);
      }
    });
  }

  it('is told from one that is gone', async () => {
    const gone = { ...server.address, port: 1 };
    const error = await withConnection(gone, LIMITS, logOf).then(
      () => null,
      (why: Error) => why,
    );
    expect(error?.message).to.match(/ECONNREFUSED/);
  });
});
