// The workload straight to a real PostgreSQL.
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { payloadOf } from '../../src/base/payload.ts';
import { OPERATION_FLAG, OPERATION_KIND, OUTCOME } from '../../src/evidence/ledger/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { Address } from '../../src/host/ports.ts';
import { startTestDatabase, type TestDatabase } from '../support/postgres/database.ts';
import { startKnownService, type KnownService } from '../../src/selftest/known/service.ts';
import { startKnownBalancer, type KnownBalancer } from '../../src/selftest/known/balancer.ts';
import { openTestWorkload, rowsOf } from './harness.ts';

interface Opening {
  readonly reads?: number;
  readonly change?: { readonly password?: string };
  readonly rate_per_s?: number;
  readonly payload_bytes?: number;
  readonly at?: Address;
}

const clock = hostClock();

describe('workload via SQL', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let stub: KnownService;
  let gslb: KnownBalancer;

  const open = ({
    reads = 0,
    change = {},
    rate_per_s = 200,
    payload_bytes = 64,
    at = gslb.address,
  }: Opening = {}) => {
    const { user, password, database: name } = database.address();
    const more = {
      nodes: ['east/app-1', 'east/postgres'],
      database: { user, password, database: name, ...change },
    };
    const planned = { via: 'sql', timeout_ms: 500, reads, rate_per_s, payload_bytes } as const;
    return openTestWorkload(at, planned, more);
  };
  const switchReplication = async (change: string) => {
    await database.query(`alter system ${change}`);
    await database.query('select pg_reload_conf()');
    await clock.sleep(100);
  };

  before(async () => {
    database = await startTestDatabase();
    stub = await startKnownService({ clock }); // its health stands for the region's
    gslb = await startKnownBalancer([stub], clock);
    const { host, port } = database;
    gslb.balancer.add({ node: 'east/postgres', region: 'east', service: 'postgres', host, port });
  });
  beforeEach(() => database.query('truncate orders'));
  after(async () => {
    gslb.close();
    await stub.close();
    await database.stop();
  });

  it('records exactly the rows that the database holds, with node and timeline', async () => {
    const test = await open();
    test.workload.run();
    await clock.sleep(600);
    const rows = rowsOf(await test.finish());
    const stored = await database.query<{ writer: number; sequence: string; payload: string }>(
      'select writer, sequence, payload from orders order by writer, sequence',
    );
    expect(rows.length).to.be.greaterThan(80);
    expect(rows.every((row) => row.outcome === OUTCOME.acknowledged && row.node === 1)).to.equal(
      true,
    );
    expect(rows.every((row) => row.timeline === 1)).to.equal(true);
    const ids = rows.map((row) => `${row.writer}-${row.sequence}`).sort();
    expect(stored.map((row) => `${row.writer}-${row.sequence}`).sort()).to.deep.equal(ids);
    for (const { writer, sequence, payload } of stored) {
      expect(payload).to.equal(payloadOf(7, writer, Number(sequence), 64));
    }
  });

  it('reads its rows back, and counts those that are gone as wrong', async () => {
    const test = await open({ reads: 0.5 });
    test.workload.run();
    await clock.sleep(300);
    await database.query('truncate orders');
    await clock.sleep(300);
    const reads = rowsOf(await test.finish()).filter((row) => row.kind === OPERATION_KIND.read);
    const wrong = reads.filter((row) => (row.flags & OPERATION_FLAG.wrong_read) !== 0);
    expect(reads.length - wrong.length).to.be.greaterThan(5);
    expect(wrong.length).to.be.greaterThan(5);
  });

  it('writes and reads rows that do not come in one piece', async () => {
    const test = await open({ reads: 0.5, payload_bytes: 20_000 });
    test.workload.run();
    await clock.sleep(400);
    const rows = rowsOf(await test.finish());
    const reads = rows.filter((row) => row.kind === OPERATION_KIND.read);
    expect(reads.length).to.be.greaterThan(5);
    expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.acknowledged]));
    expect(reads.every((row) => (row.flags & OPERATION_FLAG.wrong_read) === 0)).to.equal(true);
    const stored = await database.query<{ bytes: number }>(
      'select distinct length(payload) as bytes from orders',
    );
    expect(stored).to.deep.equal([{ bytes: 20_000 }]);
  });

  it('calls refused what the database of another run refuses, for its password', async () => {
    const test = await open({ change: { password: 'of another run' } });
    test.workload.run();
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    expect(rows.length).to.be.greaterThan(20);
    expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.refused]));
    expect(await database.query('select * from orders')).to.deep.equal([]);
  });

  it('calls refused what never got past a balancer', async () => {
    // As HAProxy while no server is up: it takes connections and closes them, or keeps them waiting.
    const held = new Set<Socket>();
    let isClosing = true;
    const balancer = createServer((socket) => {
      socket.on('error', () => {});
      if (isClosing) return socket.destroy();
      held.add(socket);
    });
    balancer.listen(0, '127.0.0.1');
    await once(balancer, 'listening');
    const { port } = balancer.address() as AddressInfo;
    const endpoint = { node: 'east/postgres', region: 'east', service: 'postgres' } as const;
    const front = await startKnownBalancer([stub], clock);
    front.balancer.add({ ...endpoint, host: '127.0.0.1', port });
    const test = await open({ at: front.address });
    try {
      test.workload.run();
      await clock.sleep(200);
      isClosing = false;
      await clock.sleep(200);
      const rows = rowsOf(await test.finish());
      expect(held.size).to.be.greaterThan(10);
      expect(rows.length).to.be.greaterThan(held.size);
      expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.refused]));
    } finally {
      front.close();
      for (const socket of held) socket.destroy();
      balancer.close();
    }
  });

  it('calls a write to a read-only database refused', async () => {
    const { user } = database.credentials.workload;
    await database.query(`alter role ${user} set default_transaction_read_only = on`);
    const test = await open();
    test.workload.run();
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    await database.query(`alter role ${user} reset default_transaction_read_only`);
    expect(rows.length).to.be.greaterThan(20);
    expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.refused]));
  });

  it('calls a cancelled wait for the standby unknown, and so a write that never ends', async () => {
    await switchReplication(`set synchronous_standby_names = 'nobody'`);
    // Each needs a connection, for the server even after its time: slowly, or they run out on a busy
    // machine, which is a refusal.
    const test = await open({ rate_per_s: 80 });
    test.workload.run();
    await clock.sleep(200);
    await database.query(
      `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`,
    );
    await clock.sleep(100);
    const rows = rowsOf(await test.finish());
    await switchReplication('reset synchronous_standby_names');
    expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.unknown]));
    const answered = rows.filter((row) => row.done_ms - row.sent_ms < 450);
    expect(answered.length).to.be.greaterThan(5);
    expect(answered.length).to.be.lessThan(rows.length);
    // Those were done, by an answer that warned; of the others nobody knows.
    const isWarned = ({ flags }: { flags: number }) => (flags & OPERATION_FLAG.unprotected) !== 0;
    expect(rows.filter(isWarned)).to.deep.equal(answered);
  });
});
