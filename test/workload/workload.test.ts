// The workload end to end against stubs: what the ledger says is what the service saw.
import { expect } from 'chai';
import { payloadOf } from '../../src/base/payload.ts';
import { sharedRowOf } from '../../src/base/shared-row.ts';
import {
  NO_NODE,
  OPERATION_FLAG,
  OPERATION_KIND,
  OUTCOME,
  UPDATE_WRITERS,
} from '../../src/evidence/ledger/operation.ts';
import { hostClock } from '../../src/host/clock.ts';
import {
  startKnownService,
  type Behaviour,
  type Lie,
  type KnownService,
} from '../../src/selftest/known/service.ts';
import { startKnownBalancer, type KnownBalancer } from '../../src/selftest/known/balancer.ts';
import { openTestWorkload, rowsOf, type LedgerRow } from './harness.ts';

const clock = hostClock();
const idOf = (row: { writer: number; sequence: number }) => `${row.writer}-${row.sequence}`;

/** Where every operation is to be served, however busy the machine. */
const PATIENT = { timeout_ms: 3_000 };

describe('workload', () => {
  let stub: KnownService;
  let gslb: KnownBalancer;

  const start = async (lie?: Lie) => {
    stub = await startKnownService({ clock, timeline: 3, ...(lie === undefined ? {} : { lie }) });
    gslb = await startKnownBalancer([stub], clock);
  };
  afterEach(async () => {
    gslb.close();
    await stub.close();
  });

  it('records exactly the writes that the service stored, with their payloads', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, PATIENT);
    test.workload.run();
    await clock.sleep(600);
    const contents = await test.finish();
    const rows = rowsOf(contents);
    expect(contents.problems).to.deep.equal([]);
    expect(rows.length).to.be.greaterThan(100);
    expect(rows.every((row) => row.outcome === OUTCOME.acknowledged)).to.equal(true);
    expect(rows.every((row) => row.node === 0 && row.timeline === 3)).to.equal(true);
    expect(rows.map(idOf).sort()).to.deep.equal(stub.stored.map(idOf).sort());
    for (const { writer, sequence, payload } of stub.stored) {
      expect(payload).to.equal(payloadOf(7, writer, sequence, 64));
    }
  });

  it('calls refused what the service of another run refuses', async () => {
    await start();
    const test = await openTestWorkload(
      gslb.address,
      { ...PATIENT, reads: 0.5 },
      { mark: 'another' },
    );
    test.workload.run();
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    expect(rows.length).to.be.greaterThan(20);
    expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([OUTCOME.refused]));
    expect(stub.stored).to.deep.equal([]);
  });

  it('gives each writer sequences without a gap and evenly spaced times', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, PATIENT);
    const { scheduled_from_ms } = test.workload.run();
    await clock.sleep(300);
    const rows = rowsOf(await test.finish());
    for (let writer = 1; writer <= 4; writer++) {
      const mine = rows
        .filter((row) => row.writer === writer)
        .sort((a, b) => a.sequence - b.sequence);
      expect(mine.map((row) => row.sequence)).to.deep.equal(mine.map((_, i) => i + 1));
      for (const [i, row] of mine.entries()) {
        expect(row.scheduled_ms).to.be.closeTo(scheduled_from_ms + (i * 4 + writer - 1) * 5, 1e-6);
      }
    }
  });

  const OUTCOMES: [Behaviour, number, string][] = [
    [{ kind: 'refuse' }, OUTCOME.refused, 'a refused connection is refused'],
    [{ kind: 'decline' }, OUTCOME.refused, 'a definite 503 is refused'],
    [{ kind: 'hang' }, OUTCOME.unknown, 'no answer within the timeout is unknown'],
    [{ kind: 'late', by_ms: 2000 }, OUTCOME.unknown, 'an answer after the timeout is unknown'],
    [{ kind: 'fail' }, OUTCOME.unknown, 'a 500 that is not definite is unknown'],
    [{ kind: 'warn' }, OUTCOME.unknown, 'an acknowledgement with a warning is unknown'],
    [{ kind: 'reset' }, OUTCOME.unknown, 'a reset connection is unknown'],
  ];
  for (const [behave, outcome, title] of OUTCOMES) {
    it(`judges outcomes: ${title}`, async () => {
      await start();
      const test = await openTestWorkload(gslb.address);
      await test.workload.marker(); // the GSLB has found the service ready
      const marks = stub.stored.length;
      await stub.behave(behave);
      test.workload.run();
      await clock.sleep(250);
      const rows = rowsOf(await test.finish()).filter((row) => row.kind === OPERATION_KIND.write);
      expect(marks).to.equal(1);
      expect(rows.length).to.be.greaterThan(30);
      expect(new Set(rows.map((row) => row.outcome))).to.deep.equal(new Set([outcome]));
      // Of these alone it is known that they were done, and stand on one server.
      const isUnprotected = rows.map(({ flags }) => (flags & OPERATION_FLAG.unprotected) !== 0);
      expect(new Set(isUnprotected)).to.deep.equal(new Set([behave.kind === 'warn']));
    });
  }

  it('keeps its schedule while the service hangs', async () => {
    await start();
    const test = await openTestWorkload(gslb.address);
    await test.workload.marker();
    await stub.behave({ kind: 'hang' });
    const { scheduled_from_ms } = test.workload.run();
    await clock.sleep(600);
    test.workload.stop();
    const until_ms = clock.now();
    const rows = rowsOf(await test.finish()).filter((row) => row.kind === OPERATION_KIND.write);
    const due = Math.floor((until_ms - scheduled_from_ms) / 5) + 1;
    expect(rows.length).to.be.within(due - 1, due);
    const waited = rows.filter((row) => row.outcome === OUTCOME.unknown);
    expect(waited.every((row) => row.done_ms - row.sent_ms >= 300)).to.equal(true);
    expect(waited.every((row) => row.node === NO_NODE)).to.equal(true);
  });

  it('reads back rows that were acknowledged before, and counts what is missing as wrong', async () => {
    await start({ kind: 'drop', every: 3 });
    const test = await openTestWorkload(gslb.address, { ...PATIENT, reads: 0.5 });
    test.workload.run();
    await clock.sleep(800);
    const rows = rowsOf(await test.finish());
    const reads = rows.filter((row) => row.kind === OPERATION_KIND.read);
    const isWrong = (row: LedgerRow) => (row.flags & OPERATION_FLAG.wrong_read) !== 0;
    const notFound = stub.requests.filter((request) => request.isRead && request.status === 404);
    expect(reads.length).to.be.within(rows.length * 0.3, rows.length * 0.7);
    expect(reads.filter(isWrong).length).to.equal(notFound.length);
    expect(notFound.length).to.be.greaterThan(0);
    expect(reads.every((row) => row.outcome === OUTCOME.acknowledged)).to.equal(true);
  });

  it('counts a read with another payload as wrong', async () => {
    await start({ kind: 'alter', every: 1 });
    const test = await openTestWorkload(gslb.address, { ...PATIENT, reads: 0.5 });
    test.workload.run();
    await clock.sleep(300);
    const reads = rowsOf(await test.finish()).filter((row) => row.kind === OPERATION_KIND.read);
    expect(reads.length).to.be.greaterThan(5);
    expect(reads.every((row) => (row.flags & OPERATION_FLAG.wrong_read) !== 0)).to.equal(true);
  });

  it('updates shared rows for its share of the operations, each with an id of its own', async () => {
    await start();
    const planned = { ...PATIENT, reads: 0.25, updates: 0.25, shared_rows: 3, rate_per_s: 400 };
    const test = await openTestWorkload(gslb.address, planned);
    test.workload.run();
    await clock.sleep(1000);
    const contents = await test.finish();
    expect(contents.problems).to.deep.equal([]);
    const rows = rowsOf(contents);
    const of = (kind: keyof typeof OPERATION_KIND) =>
      rows.filter((row) => row.kind === OPERATION_KIND[kind]);
    const updates = of('update');
    expect(updates.length).to.be.within(rows.length * 0.17, rows.length * 0.33);
    expect(of('read').length).to.be.within(rows.length * 0.17, rows.length * 0.33);
    expect(updates.every((row) => row.outcome === OUTCOME.acknowledged)).to.equal(true);
    const stored = stub.stored.filter((row) => row.stock !== undefined);
    expect(stored.map(idOf).sort()).to.deep.equal(updates.map(idOf).sort());
    const all = [...of('write'), ...updates].map(idOf);
    expect(new Set(all).size).to.equal(all.length);
    for (let writer = UPDATE_WRITERS + 1; writer <= UPDATE_WRITERS + 4; writer++) {
      const mine = updates.filter((row) => row.writer === writer).map((row) => row.sequence);
      expect(mine.sort((a, b) => a - b)).to.deep.equal(mine.map((_, i) => i + 1));
    }
    for (const { writer, sequence, payload, stock } of stored) {
      expect(stock).to.equal(sharedRowOf(7, writer, sequence, 3));
      expect(payload).to.equal(payloadOf(7, writer, sequence, 64));
    }
    expect(new Set(stored.map(({ stock }) => stock))).to.deep.equal(new Set([1, 2, 3]));
  });

  it('writes seed rows until all are acknowledged, each an operation of writer 0', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, { ...PATIENT, seed_rows: 120 });
    expect(await test.workload.seed()).to.deep.equal({ rows: 120 });
    const rows = rowsOf(await test.finish());
    expect(stub.stored.length).to.equal(120);
    expect(rows.every((row) => row.kind === OPERATION_KIND.seed && row.writer === 0)).to.equal(
      true,
    );
  });

  it('goes on with the seed when some rows were not answered, and counts those as unknown', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, { seed_rows: 20 });
    await test.workload.marker();
    await stub.behave({ kind: 'hang' });
    const seeded = test.workload.seed();
    await clock.sleep(100);
    await stub.behave({ kind: 'serve' });
    expect(await seeded).to.deep.equal({ rows: 20 });
    const rows = rowsOf(await test.finish()).filter(({ kind }) => kind === OPERATION_KIND.seed);
    const of = (outcome: number) => rows.filter((row) => row.outcome === outcome).length;
    expect([of(OUTCOME.acknowledged), of(OUTCOME.unknown)]).to.deep.equal([20, 16]);
  });

  it('rejects the seed when the service does not answer', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, { seed_rows: 20 });
    await test.workload.marker();
    await stub.behave({ kind: 'hang' });
    const error = await test.workload.seed().then(
      () => null,
      (reason: Error) => reason,
    );
    await test.finish();
    expect(error?.message).to.equal(
      'expected the service to take 20 seed rows, 0 done: no reply within 300 ms',
    );
  });

  it('writes a marker with the node that took it', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, PATIENT);
    const marker = await test.workload.marker();
    expect(marker).to.deep.include({ writer: 0xffff, sequence: 1, node: 'east/app-1', ok: true });
    await test.finish();
    expect(stub.stored.map(idOf)).to.deep.equal(['65535-1']);
  });

  it('reports samples while it runs that add up to the ledger', async () => {
    await start();
    const test = await openTestWorkload(gslb.address, PATIENT);
    test.workload.run();
    await clock.sleep(550);
    await test.finish();
    const { samples } = test;
    const last = samples.at(-1);
    expect(samples.length).to.be.at.least(3);
    expect(last?.p99_ms).to.be.a('number');
    const sum = samples.reduce((total, sample) => total + sample.acknowledged, 0);
    expect(last?.total_acknowledged).to.equal(sum);
  });
});
