// Two runners on different machines that drill one system: the second one is told who has it, and
// what one of them drops is its own.
import { expect } from 'chai';
import { hostClock } from '../../../src/host/clock.ts';
import { takeClaim } from '../../../src/postgres/own/claim.ts';
import { groundOf } from '../../../src/postgres/own/ground.ts';
import type { OwnServer } from '../../../src/postgres/own/server.ts';
import { dropTables } from '../../../src/postgres/own/drop.ts';
import { makeTables, tablesOf } from '../../../src/postgres/own/tables.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const SCHEMA = 'dr_drill';
const LIMITS = { connect_ms: 5_000, statement_ms: 5_000 };
const HOUR_MS = 3_600_000;

describe('the claim of a system of one’s own', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let server: OwnServer;
  const [ours, theirs] = [tablesOf(SCHEMA, 'ours'), tablesOf(SCHEMA, 'theirs')];

  before(async () => {
    database = await startTestDatabase();
    const address = { ...database.address(), ...database.credentials.admin };
    server = { node: 'east/db1', region: 'east', address };
  });
  after(async () => await database?.stop());
  afterEach(async () => {
    await drop(ours);
    await drop(theirs);
  });

  const drop = async (tables: typeof ours) => await dropTables([server], tables);
  const take = async (tables: typeof ours, by: string, atMost_ms = HOUR_MS) =>
    await takeClaim(server, tables, { by, atMost_ms });
  const schemas = async () =>
    await database.query(`select from pg_namespace where nspname = '${SCHEMA}'`);

  it('is taken by one, again by the same, and not by another', async () => {
    expect(await take(ours, 'ada on a')).to.equal(null);
    expect(await take(ours, 'ada on a')).to.equal(null);
    const holder = await take(theirs, 'bob on b');
    expect(holder).to.deep.include({ by: 'ada on a', run: 'ours' });
    expect(holder!.until).to.match(/^20.*Z$/);
    const seen = await withConnection(server.address, LIMITS, (each) => groundOf(each, SCHEMA));
    expect(seen.claim).to.deep.equal(holder);
  });

  it('is taken by one of two at the same moment', async () => {
    const found = await Promise.all([take(ours, 'ada on a'), take(theirs, 'bob on b')]);
    expect(found.filter((each) => each === null)).to.have.length(1);
  });

  it('counts no more after its end', async () => {
    await take(ours, 'ada on a', 1);
    await hostClock().sleep(20);
    expect(await take(theirs, 'bob on b')).to.equal(null);
  });

  it('goes with the tables of its run, and with them the schema', async () => {
    await take(ours, 'ada on a');
    await makeTables(server, ours);
    await drop(theirs);
    expect(await take(theirs, 'bob on b')).to.deep.include({ run: 'ours' });
    await drop(ours);
    expect(await schemas()).to.deep.equal([]);
    expect(await take(theirs, 'bob on b')).to.equal(null);
  });
});
