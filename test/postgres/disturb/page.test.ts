// A page of a real database that is damaged on its disk, seen by a client and by the checks that a
// drill makes of a database that serves.
import { expect } from 'chai';
import { Client } from 'pg';
import { hostClock } from '../../../src/host/clock.ts';
import type { VerificationResult } from '../../../src/evidence/event.ts';
import {
  isPageDamaged,
  mendPage,
  openLastPage,
  readsDamage,
  type PageDamage,
} from '../../../src/postgres/disturb/page.ts';
import { inspect } from '../../../src/postgres/verification/inspect.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const FILL = `insert into orders (writer, sequence, payload, region)
  select 1, n, repeat('x', 100), 'east' from generate_series(1, 500) n`;
const INSERT = `insert into orders (writer, sequence, payload, region) values (2, 1, 'x', 'east')`;
const READ = 'select sum(length(payload)) from orders';
const CORRUPTED = 'XX001';

describe('a damaged page', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  beforeEach(async () => {
    database = await startTestDatabase();
    await database.query(FILL);
  });
  afterEach(() => database.stop());

  const user = () => database.address();
  const admin = () => ({ ...database.address(), ...database.credentials.admin });

  async function outcome(text: string): Promise<string> {
    const client = new Client(user());
    await client.connect();
    try {
      await client.query(text);
      return '';
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.end();
    }
  }

  async function damage(): Promise<PageDamage> {
    const page = await openLastPage(admin());
    await page.act();
    await page.close();
    return page.damage;
  }

  const harmed = (checks: readonly VerificationResult[]) =>
    checks.filter(({ ok, proves }) => !ok && proves === 'harm').map(({ name }) => name);

  it('is met by whoever writes and reads, is counted, and no verification passes it', async () => {
    expect(await readsDamage(user(), hostClock())).to.include({
      error: null,
      isCorrupt: false,
      failures: 0,
    });
    expect(harmed(await inspect(admin()))).to.deep.equal([]);
    const done = await damage();
    expect(await database.query('select extname from pg_extension order by 1')).to.deep.equal([
      ...[{ extname: 'amcheck' }, { extname: 'plpgsql' }],
    ]);
    expect(await outcome(INSERT)).to.equal(CORRUPTED);
    expect(await outcome(READ)).to.equal(CORRUPTED);
    const seen = await readsDamage(user(), hostClock());
    expect(seen).to.include({ isCorrupt: true });
    expect(seen.error).to.match(/invalid page in block \d+ of relation/);
    expect(seen.failures).to.be.above(0);
    expect(await isPageDamaged(admin(), done)).to.equal(true);
    expect(harmed(await inspect(admin()))).to.include.members([
      ...['tables are sound (verify_heapam)', 'page checksums'],
    ]);
  });

  it('is as it was once it is mended, by whom and how often that is done', async () => {
    const before = await database.query(READ);
    const done = await damage();
    expect((await readsDamage(user(), hostClock())).failures).to.be.above(0);
    await mendPage(admin(), done);
    await mendPage(admin(), done);
    expect(await isPageDamaged(admin(), done)).to.equal(false);
    expect(await database.query(READ)).to.deep.equal(before);
    expect(await outcome(INSERT)).to.equal('');
    expect(await readsDamage(user(), hostClock())).to.include({ error: null, failures: 0 });
    expect(harmed(await inspect(admin()))).to.deep.equal([]);
  });

  it('is remembered by a server that had met one before', async () => {
    const { counted: _, ...first } = await damage();
    await readsDamage(user(), hostClock());
    await mendPage(admin(), first); // as of an entry that says nothing of it
    const second = await damage();
    expect(second.counted).to.be.above(0);
    await mendPage(admin(), second);
    expect((await readsDamage(user(), hostClock())).failures).to.be.above(0);
    expect(harmed(await inspect(admin()))).to.deep.equal(['page checksums']);
  });

  it('is left alone where somebody else has written there, or the table is another file', async () => {
    const done = await damage();
    const other = { ...done, after: '00'.repeat(16) };
    await mendPage(admin(), other);
    expect(await outcome(READ)).to.equal(CORRUPTED);
    await database.query('truncate orders');
    await database.query('checkpoint');
    await mendPage(admin(), done);
    expect(await outcome(READ)).to.equal('');
  });

  it('is none before it is damaged, and nobody waits for it longer than that takes', async () => {
    const page = await openLastPage(admin());
    const reading = outcome(READ);
    await page.close();
    expect(await reading).to.equal('');
    expect(await isPageDamaged(admin(), page.damage)).to.equal(false);
  });

  it('needs orders', async () => {
    await database.query('truncate orders');
    const thrown = await openLastPage(admin()).catch((error: Error) => error);
    expect((thrown as Error).message).to.equal('the orders: expected a page of them, found none');
  });
});
