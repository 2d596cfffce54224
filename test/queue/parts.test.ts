// Evidence through the queue's database over a slow way: it arrives however long it takes, since a
// statement's limit is one for silence; what has arrived is not sent again.
import { expect } from 'chai';
import { randomBytes, randomUUID } from 'node:crypto';
import { DatabaseGone, QueueDatabase, type Statements } from '../../src/queue/database.ts';
import type { Taken } from '../../src/queue/holders.ts';
import { countOf, fetchParts, sendParts } from '../../src/queue/parts.ts';
import { SharedQueue } from '../../src/queue/queue.ts';
import { it } from '../support/commands.ts';
import {
  startQueueDatabase,
  type QueueDatabase as Started,
} from '../support/queue/queue-database.ts';
import { slowWay } from '../support/queue/slow-way.ts';
import { startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

const QUEUE = 'jobs';
const NEVER = new AbortController().signal;

describe('what is too large for a statement', function () {
  this.timeout(240_000);
  let database: Started;
  let links: TestedLinks;
  let queue: SharedQueue;
  let direct: QueueDatabase;
  let taken: Taken;
  before(async function () {
    database = await startQueueDatabase();
    links = await startTestedLinks(this, 'built-in');
    queue = await SharedQueue.open(database.address);
    direct = await QueueDatabase.of(database.address, 1_000);
  });
  after(async () => {
    await Promise.all([queue.close(), direct.close()]);
    await links.stop();
    await database.stop();
  });
  beforeEach(async () => {
    await queue.send(QUEUE, randomUUID(), {});
    taken = (await queue.take(QUEUE, 'a'))!;
  });

  const own = () => ({ id: taken.id, token: taken.held.at(-1)!.token });

  /** Over a way that lets so much through, with that limit for a statement. */
  async function overSlowWay(bytes: Buffer, rate_kBs: number, limit?: number): Promise<void> {
    const how = limit === undefined ? {} : { statement_ms: limit };
    const slowly = await SharedQueue.open(await slowWay(links, database.address, rate_kBs), how);
    try {
      expect(await slowly.attach(taken, bytes, NEVER)).to.equal(true);
      expect(await slowly.complete(taken, { parts: countOf(bytes) })).to.equal(true);
      const parts: Buffer[] = [];
      const of = { ...own(), count: countOf(bytes) };
      expect(await slowly.attached(of, parts, NEVER)).to.equal('whole');
      expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
    } finally {
      await slowly.close();
    }
  }

  it('arrives although all of it takes longer than a statement may', async () => {
    await overSlowWay(randomBytes(1_500_000), 2_000, 500);
  });

  it.full('arrives, 30 MB at 1 MB/s', async () => {
    await overSlowWay(randomBytes(30_000_000), 1_000);
  });

  /** As `direct`, and gone after so many statements. */
  function goneAfter(statements: number): Statements & { asked: string[] } {
    const asked: string[] = [];
    const executeSql: Statements['executeSql'] = async (text, values) => {
      if (asked.push(text) > statements) throw new DatabaseGone('cut');
      return await direct.executeSql(text, values);
    };
    return { asked, executeSql };
  }

  const goneOf = async (made: Promise<unknown>) => {
    const error = await made.then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).to.be.instanceOf(DatabaseGone);
  };

  it('goes on where it was after the database was gone, on both sides', async () => {
    const bytes = randomBytes(1_000_000);
    await goneOf(sendParts(goneAfter(3), taken, bytes, NEVER));
    const rest = goneAfter(Infinity);
    expect(await sendParts(rest, taken, bytes, NEVER)).to.equal(true);
    expect(rest.asked.filter((text) => text.startsWith('insert'))).to.have.lengthOf(2);
    const parts: Buffer[] = [];
    const of = { ...own(), count: countOf(bytes) };
    await goneOf(fetchParts(goneAfter(3), of, parts, NEVER));
    expect(parts).to.have.lengthOf(3);
    expect(await fetchParts(direct, of, parts, NEVER)).to.equal('whole');
    expect(Buffer.concat(parts).equals(bytes)).to.equal(true);
  });

  it('is not taken of who holds the job no more, nor sent or fetched once that is stopped', async () => {
    const bytes = randomBytes(1_000);
    const stopped = AbortSignal.abort(new Error('SIGTERM'));
    expect(await sendParts(direct, taken, bytes, stopped)).to.equal(null);
    const stranger = { ...taken, held: [{ worker: 'b', token: randomUUID() }] };
    expect(await sendParts(direct, stranger, bytes, NEVER)).to.equal(false);
    const of = { ...own(), count: 1 };
    expect(await fetchParts(direct, of, [], stopped)).to.equal('stopped');
    expect(await fetchParts(direct, of, [], NEVER)).to.equal('lacking');
  });

  it('goes with its job', async () => {
    await queue.attach(taken, randomBytes(1_000), NEVER);
    await queue.complete(taken, {});
    await queue.removeUnmade(QUEUE, [taken.id]);
    const of = { ...own(), count: 1 };
    expect(await queue.attached(of, [], NEVER)).to.equal('whole');
    await queue.remove(QUEUE, [taken.id]);
    expect(await queue.attached(of, [], NEVER)).to.equal('lacking');
  });

  it('goes with a job that came back from who had sent some of it', async () => {
    await queue.attach(taken, randomBytes(1_000), NEVER);
    await queue.giveBack(taken, 'a test');
    expect(await queue.removeWaiting(QUEUE, [taken.id])).to.deep.equal([taken.id]);
    expect(await queue.attached({ ...own(), count: 1 }, [], NEVER)).to.equal('lacking');
  });
});
