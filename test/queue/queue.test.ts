// The queue that machines share, on a real PostgreSQL: whoever holds a job holds it alone, and only
// as long as it is heard of.
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { databaseAddress } from '../../src/drill/database-address.ts';
import { hostClock } from '../../src/host/clock.ts';
import { QueueDatabase } from '../../src/queue/database.ts';
import { lostIn, type Taken } from '../../src/queue/holders.ts';
import { SharedQueue } from '../../src/queue/queue.ts';
import {
  startQueueDatabase,
  type QueueDatabase as Started,
} from '../support/queue/queue-database.ts';

const QUEUE = 'jobs';
const LEASE_S = 1;

describe('a queue that is shared', function () {
  this.timeout(60_000);
  let database: Started;
  let one: SharedQueue;
  let other: SharedQueue;
  let id: string;
  let direct: QueueDatabase;
  before(async () => {
    database = await startQueueDatabase();
    // At once, as on machines that start together: both make the schema.
    [one, other] = await Promise.all([open(), open()]);
    direct = await QueueDatabase.of(database.address, LEASE_S * 1_000);
  });
  after(async () => {
    await Promise.all([one.close(), other.close(), direct.close()]);
    await database.stop();
  });
  beforeEach(async () => await one.send(QUEUE, (id = randomUUID()), { number: 7 }));
  afterEach(async () => await one.remove(QUEUE, [id]));

  async function open(): Promise<SharedQueue> {
    return await SharedQueue.open(database.address, { lease_s: LEASE_S });
  }

  async function planted(values: string): Promise<void> {
    await direct.executeSql(`update drill_queue.job set ${values} where id = $1`, [id]);
  }

  async function taken(by: SharedQueue, worker: string): Promise<Taken> {
    const job = await by.take(QUEUE, worker);
    if (job === null) throw new Error('there is no job');
    return job;
  }

  /** Until somebody who watches takes the lease for over. */
  async function outlive(watcher: SharedQueue): Promise<void> {
    for (;;) {
      await watcher.judgeLeases();
      const found = await watcher.look(QUEUE, [id]);
      if (found.get(id)!.state === 'retry') return;
      await hostClock().sleep(50);
    }
  }

  it('gives a job to one of two', async () => {
    const both = await Promise.all([one.take(QUEUE, 'a'), other.take(QUEUE, 'b')]);
    expect(both.filter((job) => job !== null)).to.have.lengthOf(1);
  });

  it('gives it with what was sent, once however often it is', async () => {
    await other.send(QUEUE, id, { number: 8 });
    expect((await taken(other, 'b')).body).to.deep.equal({ number: 7 });
    expect(await one.take(QUEUE, 'a')).to.equal(null);
  });

  it('gives it to another after the lease, and takes nothing of the first any more', async () => {
    const first = await taken(one, 'a');
    await outlive(other);
    const second = await taken(other, 'b');
    expect(lostIn(second.held.slice(0, -1))).to.deep.equal(['a']);
    expect(await one.renew(first)).to.equal(false);
    expect(await one.complete(first, { by: 'a' })).to.equal(false);
    await one.giveBack(first, 'too late');
    expect(await other.complete(second, { by: 'b' })).to.equal(true);
    expect(await one.outputOf(QUEUE, id)).to.deep.equal({ by: 'b' });
  });

  it('keeps it with who is heard of again before another has it', async () => {
    const first = await taken(one, 'a');
    await outlive(other);
    expect(await one.renew(first)).to.equal(true);
    expect(await other.take(QUEUE, 'b')).to.equal(null);
  });

  it('leaves it with who renews the lease', async () => {
    const first = await taken(one, 'a');
    const clock = hostClock();
    const deadline_ms = clock.now() + 1.5 * LEASE_S * 1_000;
    while (clock.now() < deadline_ms) {
      expect(await one.renew(first)).to.equal(true);
      await other.judgeLeases();
      await clock.sleep(50);
    }
    expect((await one.look(QUEUE, [id])).get(id)!.held!.map(({ worker }) => worker)).to.deep.equal([
      'a',
    ]);
  });

  it('lets nobody judge a lease who has not watched for a whole one', async () => {
    await taken(one, 'a');
    await hostClock().sleep(1.2 * LEASE_S * 1_000);
    const late = await open();
    await late.judgeLeases();
    expect((await one.look(QUEUE, [id])).get(id)!.state).to.equal('active');
    await late.close();
  });

  it('gives back at once, with why, and that is no loss', async () => {
    const first = await taken(one, 'a');
    await one.giveBack(first, 'it rains');
    const second = await taken(other, 'b');
    const [{ worker, back }] = second.held as [(typeof second.held)[0]];
    expect([worker, back]).to.deep.equal(['a', 'it rains']);
    expect(lostIn(second.held.slice(0, -1))).to.deep.equal([]);
  });

  it('says that a job was completed also where the answer to that was lost', async () => {
    const first = await taken(one, 'a');
    expect(await one.complete(first, { by: 'a' })).to.equal(true);
    expect(await one.complete(first, { by: 'a' })).to.equal(true);
  });

  it('takes back only what nobody has, and from a holder by force', async () => {
    const first = await taken(one, 'a');
    expect(await other.removeWaiting(QUEUE, [id])).to.deep.equal([]);
    await other.remove(QUEUE, [id]);
    expect(await one.renew(first)).to.equal(false);
    await one.send(QUEUE, id, { number: 9 });
    expect(await other.removeWaiting(QUEUE, [id])).to.deep.equal([id]);
  });

  it('leaves what somebody has completed where the rest is taken back', async () => {
    await one.complete(await taken(one, 'a'), { by: 'a' });
    await other.removeUnmade(QUEUE, [id]);
    expect(await other.outputOf(QUEUE, id)).to.deep.equal({ by: 'a' });
  });

  it('sets aside what is no job, and gives the next one', async () => {
    await planted(`data = '{}'`);
    const next = randomUUID();
    await one.send(QUEUE, next, { number: 9 });
    expect((await taken(one, 'a')).id).to.equal(next);
    const found = await one.look(QUEUE, [id]);
    expect(found.get(id)).to.deep.equal({ state: 'failed', held: null });
    await one.remove(QUEUE, [next]);
  });

  it('takes a refusal that passes for a database that is gone', async () => {
    const own = await QueueDatabase.of(database.address, LEASE_S * 1_000);
    const refusedWith = async (code: string) => {
      const text = `do $$ begin raise exception 'no' using errcode = '${code}'; end $$`;
      return await own.executeSql(text).then(
        () => null,
        (error: Error) => error.name,
      );
    };
    for (const code of ['25006', '40P01', '53100', '55P03', '57014', '58030']) {
      expect(await refusedWith(code), code).to.equal('DatabaseGone');
    }
    expect(await refusedWith('42P01')).to.equal('EnvironmentError');
    await own.close();
  });

  it('gives what was sent before the clock of the database was set back by an hour', async () => {
    await planted(
      `start_after = now() + interval '1 hour', created_on = now() + interval '1 hour'`,
    );
    expect((await taken(one, 'a')).id).to.equal(id);
  });

  it('leaves a job with who is heard of where that clock was set forward or back', async () => {
    const first = await taken(one, 'a');
    for (const sign of ['-', '+']) {
      await planted(`started_on = now() ${sign} interval '1 hour'`);
      if (sign === '-') await outlive(other);
      expect(await one.renew(first), sign).to.equal(true);
      const [row] = (
        await direct.executeSql(
          `select abs(extract(epoch from now() - started_on))::int as s from drill_queue.job
           where id = $1`,
          [id],
        )
      ).rows as { s: number }[];
      expect(row!.s, sign).to.be.below(60);
    }
    expect(await one.complete(first, { by: 'a' })).to.equal(true);
  });

  it('says what it cannot reach, and no password', async () => {
    const address = databaseAddress('postgres://drill:geheim@127.0.0.1:1/drill')!;
    const error = await SharedQueue.open(address).then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error!.name).to.equal('EnvironmentError');
    expect(error!.message).to.include(address.shown).and.include('ECONNREFUSED');
    expect(error!.message).not.to.include('geheim');
  });
});
