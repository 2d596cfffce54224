// Clients on a way of their own, to real PostgreSQL servers: one address, or a list of them.
import { expect } from 'chai';
import { OPERATION_FLAG, OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { PlannedWorkload } from '../../src/drill/plan/plan.ts';
import type { SqlWay } from '../../src/drill/attached/own-way.ts';
import { freePort } from '../../src/host/ports.ts';
import { UNTOLD_TIMELINE, WRITTEN_TIMELINE } from '../../src/postgres/server/timeline.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';
import { openTestWorkload, rowsOf, type LedgerRow } from './harness.ts';

const clock = hostClock();
/** A busy machine has time for a connection. */
const PATIENT_MS = 2_000;
const TABLE = 'dr_drill.orders_1f2e';
const NODES = ['east/db1', 'west/db2'];

/** As drill makes its own in a system of somebody's. */
const SCHEMA = `create schema dr_drill;
  create table ${TABLE} (row bigint generated always as identity primary key,
    writer integer not null, sequence bigint not null, payload text not null);
  grant usage on schema dr_drill to public; grant all on all tables in schema dr_drill to public`;

function urlOf({ host, port, user, password, database }: ReturnType<TestDatabase['address']>) {
  return `postgres://${user}:${password}@${host}:${port}/${database}`;
}

describe('clients on a way of their own', function () {
  this.timeout(60_000);
  let east: TestDatabase;
  let west: TestDatabase;

  before(async () => {
    [east, west] = await Promise.all([startTestDatabase(), startTestDatabase()]);
    for (const database of [east, west]) await database.query(SCHEMA);
  });
  after(async () => {
    await Promise.all([east.stop(), west.stop()]);
  });
  beforeEach(async () => {
    for (const database of [east, west]) await database.query(`truncate ${TABLE}`);
    await setReadOnly(west, false);
  });

  /** What a standby says of itself, and does: it takes no writes. */
  const setReadOnly = async (database: TestDatabase, isSo: boolean) => {
    const change = `set default_transaction_read_only = ${isSo ? 'on' : 'off'}`;
    await database.query(`alter role ${database.address().user} ${change}`);
  };
  const open = async (
    urls: readonly string[],
    { timeline = WRITTEN_TIMELINE, ...stated }: Partial<PlannedWorkload & SqlWay> = {},
  ) => {
    const servers = Object.fromEntries(
      [east, west].map(({ host, port }, at) => [`${host}:${port}`, NODES[at]!]),
    );
    const own: SqlWay = {
      by: 'sql',
      urls,
      connect_ms: PATIENT_MS,
      table: TABLE,
      timeline,
      servers,
    };
    const planned = { via: 'sql', timeout_ms: 2 * PATIENT_MS, ...stated } as const;
    return await openTestWorkload({ host: '', port: 0 }, planned, {
      gslb: null,
      own,
      nodes: NODES,
    });
  };
  const stored = async (database: TestDatabase) =>
    Number((await database.query<{ count: string }>(`select count(*) from ${TABLE}`))[0]!.count);
  const outcomes = (rows: readonly LedgerRow[]) => new Set(rows.map(({ outcome }) => outcome));

  it('writes to the one address, and the ledger says which server that was', async () => {
    const test = await open([urlOf(west.address())], { reads: 0.3 });
    test.workload.run();
    await clock.sleep(400);
    const rows = rowsOf(await test.finish());
    expect(rows.length).to.be.greaterThan(50);
    expect(outcomes(rows)).to.deep.equal(new Set([OUTCOME.acknowledged]));
    expect(new Set(rows.map(({ node }) => node))).to.deep.equal(new Set([1]));
    expect(new Set(rows.map(({ timeline }) => timeline))).to.deep.equal(new Set([1]));
    const isWrong = ({ flags }: LedgerRow) => (flags & OPERATION_FLAG.wrong_read) !== 0;
    expect(rows.filter(isWrong)).to.deep.equal([]);
    expect(await stored(east)).to.equal(0);
    expect(await stored(west)).to.be.greaterThan(30);
  });

  it('asks for no timeline where a server keeps its log to itself', async () => {
    const test = await open([urlOf(west.address())], { reads: 0.3, timeline: UNTOLD_TIMELINE });
    test.workload.run();
    await clock.sleep(200);
    const rows = rowsOf(await test.finish());
    expect(outcomes(rows)).to.deep.equal(new Set([OUTCOME.acknowledged]));
    const seen = new Set(rows.map(({ node, timeline }) => `${node} ${timeline}`));
    expect(seen).to.deep.equal(new Set(['1 0']));
  });

  it('passes over a server that is gone, and one that takes no writes', async () => {
    await setReadOnly(west, true);
    const port = await freePort();
    const gone = urlOf({ ...east.address(), port });
    const test = await open([gone, urlOf(west.address()), urlOf(east.address())]);
    test.workload.run();
    await clock.sleep(400);
    const rows = rowsOf(await test.finish());
    expect(outcomes(rows)).to.deep.equal(new Set([OUTCOME.acknowledged]));
    expect(new Set(rows.map(({ node }) => node))).to.deep.equal(new Set([0]));
    expect(await stored(east)).to.equal(rows.length);
    expect(await stored(west)).to.equal(0);
  });

  it('stays where it is while that server takes writes, though an earlier one does again', async () => {
    await setReadOnly(west, true);
    // Seldom enough that one connection does, whatever a busy machine takes for a write.
    const test = await open([urlOf(west.address()), urlOf(east.address())], { rate_per_s: 5 });
    test.workload.run();
    await clock.sleep(500);
    await setReadOnly(west, false);
    await clock.sleep(500);
    const rows = rowsOf(await test.finish());
    expect(rows.length).to.be.greaterThan(2);
    expect(new Set(rows.map(({ node }) => node))).to.deep.equal(new Set([0]));
  });

  it('calls refused what no server lets in, and sends none of it', async () => {
    for (const database of [east, west]) await setReadOnly(database, true);
    const test = await open([urlOf(west.address()), urlOf(east.address())]);
    test.workload.run();
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    await setReadOnly(east, false);
    expect(outcomes(rows)).to.deep.equal(new Set([OUTCOME.refused]));
    expect(await stored(east)).to.equal(0);
  });

  it('leaves a server that has become a standby at its first word', async () => {
    const test = await open([urlOf(west.address()), urlOf(east.address())]);
    test.workload.run();
    await clock.sleep(200);
    await setReadOnly(west, true);
    await west.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${west.address().user}'`,
    );
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    expect(rows[0]!.node).to.equal(1);
    expect(rows.at(-1)!.node).to.equal(0);
    expect(rows.at(-1)!.outcome).to.equal(OUTCOME.acknowledged);
    const acknowledged = rows.filter(({ outcome }) => outcome === OUTCOME.acknowledged);
    const unknown = rows.length - acknowledged.length;
    const all = (await stored(east)) + (await stored(west));
    expect(all).to.be.within(acknowledged.length, acknowledged.length + unknown);
  });
});
