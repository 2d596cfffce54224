// What is done to Redis servers that run, seen by a plain client, and undone.
import { expect } from 'chai';
import { disturbCarts } from '../../src/topology/assembled/disturbed-store.ts';
import { clientOf, pause, requireRedis, TestServers } from '../support/servers/redis.ts';

const CART = 'cart:0';

describe('a Redis server that is disturbed', function () {
  this.timeout(30_000);
  let servers: TestServers;

  before(function () {
    requireRedis(this);
  });
  beforeEach(() => (servers = new TestServers()));
  afterEach(() => servers.stop());

  it('follows its primary no more, stays a replica, and catches up once it is undone', async () => {
    const primary = await servers.start('east');
    const replica = await servers.startReplica(primary);
    const [writer, reader] = [await clientOf(primary), await clientOf(replica)];
    const stopped = disturbCarts('west/redis', replica).stopReplication();
    await stopped.act();
    await stopped.act();
    while (!(await writer.info('replication')).includes('connected_slaves:0')) await pause(5);
    await writer.set('after', '1');
    expect(await reader.get('after')).to.equal(null);
    expect(await reader.info('replication')).to.contain('role:slave');
    expect(await stopped.undo()).to.deep.equal([]);
    while ((await reader.get('after')) === null) await pause(5);
    expect(await stopped.undo()).to.deep.equal([]);
    for (const client of [writer, reader]) client.disconnect();
  });

  it('tells at its end that somebody else had ended it', async () => {
    const primary = await servers.start('east');
    const replica = await servers.startReplica(primary);
    const stopped = disturbCarts('west/redis', replica).stopReplication();
    await stopped.act();
    const reader = await clientOf(replica);
    await reader.config('SET', 'masterauth', replica.password);
    expect(await stopped.undo()).to.deep.equal(['the stopped replication of west/redis']);
    reader.disconnect();
  });

  it('is emptied, and tells it from one that is not', async () => {
    const primary = await servers.start('east');
    const client = await clientOf(primary);
    await client.rpush(CART, 'a', 'b');
    const { flush, isFlushed } = disturbCarts('east/redis', primary);
    expect(await isFlushed!(), 'nobody has').to.equal(false);
    expect(await flush!()).to.equal(2);
    expect(await isFlushed!()).to.equal(true);
    expect(await client.dbsize()).to.equal(0);
    // What a flush that did nothing would leave.
    await client.set('drill:before-the-flush', '1');
    expect(await isFlushed!()).to.equal(false);
    client.disconnect();
  });
});
