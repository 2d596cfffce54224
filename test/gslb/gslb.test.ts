// The load balancer against stubs: what it holds of regions and what clients are answered.
import { createSocket } from 'node:dgram';
import { expect } from 'chai';
import packet from 'dns-packet';
import { GlobalLoadBalancer, type GslbEvents } from '../../src/gslb/gslb.ts';
import { DATABASE_SERVICE, ORDERS_SERVICE, type GslbSettings } from '../../src/gslb/protocol.ts';
import { resolveService } from '../../src/gslb/resolver.ts';
import { hostClock } from '../../src/host/clock.ts';
import { startKnownService, type KnownService } from '../../src/selftest/known/service.ts';

const clock = hostClock();
const TIMINGS = { every_ms: 40, timeout_ms: 40, failures: 3, ttl_s: 2 };

type Told = { [N in keyof GslbEvents]: { name: N } & GslbEvents[N] }[keyof GslbEvents];

describe('gslb', () => {
  let east: KnownService;
  let west: KnownService;
  let gslb: GlobalLoadBalancer;
  let address: { host: string; port: number };
  let told: Told[];

  const endpointOf = (stub: KnownService) => {
    const region = stub.node.split('/', 1)[0]!;
    return {
      node: stub.node,
      region,
      service: 'orders' as const,
      host: stub.host,
      port: stub.port,
    };
  };
  const database = (region: string, port: number) => {
    return {
      node: `${region}/postgres`,
      region,
      service: 'postgres' as const,
      host: '127.0.0.1',
      port,
    };
  };
  const open = async (settings: Partial<GslbSettings> = {}) => {
    const endpoints = [
      endpointOf(east),
      endpointOf(west),
      database('east', 11),
      database('west', 12),
    ];
    const serving = ['east', 'west'];
    const all = { origin_ms: 0, run: 'test', ...TIMINGS, endpoints, serving, ...settings };
    gslb = new GlobalLoadBalancer(all, clock, (name, body) => told.push({ name, ...body } as Told));
    address = await gslb.start();
  };
  const ask = async (name: string) => {
    const { addresses } = await resolveService(address, name, { timeout_ms: 1000 });
    return addresses.map(({ node, port }) => `${node}:${port}`);
  };
  const until = async (isSo: () => boolean) => {
    const limit_ms = clock.now() + 5000;
    while (!isSo() && clock.now() < limit_ms) await clock.sleep(5);
    if (!isSo()) throw new Error('it did not happen within 5 s');
  };
  const untilHealthy = (...regions: string[]) =>
    until(() => regions.every((region) => gslb.state().regions[region]?.healthy === true));
  const rawReply = (bytes: Buffer) =>
    new Promise<packet.DecodedPacket | null>((resolve) => {
      const socket = createSocket('udp4');
      const end = (reply: packet.DecodedPacket | null) => {
        clearTimeout(timer);
        socket.close();
        resolve(reply);
      };
      const timer = setTimeout(end, 200, null);
      socket.on('message', (reply) => end(packet.decode(reply)));
      socket.send(bytes, address.port, address.host);
    });
  const question = (name: string, type: 'SRV' | 'A' = 'SRV') =>
    packet.encode({ type: 'query', id: 7, questions: [{ type, name }] });
  const rcodeOf = (reply: packet.DecodedPacket | null) => (reply?.flags ?? 0) & 0xf;

  beforeEach(async () => {
    told = [];
    east = await startKnownService({ clock, node: 'east/app-1' });
    west = await startKnownService({ clock, node: 'west/app-1' });
  });
  afterEach(async () => {
    gslb.close();
    await east.close();
    await west.close();
  });

  it('answers the endpoints of the best serving region, with the TTL', async () => {
    await open();
    const reply = await resolveService(address, ORDERS_SERVICE, { timeout_ms: 1000 });
    expect(reply.ttl_s).to.equal(2);
    expect(reply.addresses).to.deep.equal([
      { node: 'east/app-1', host: '127.0.0.1', port: east.port, weight: 1 },
    ]);
    expect(await ask(DATABASE_SERVICE)).to.deep.equal(['east/postgres:11']);
  });

  it('has no answer before the first good check', async () => {
    await east.behave({ kind: 'decline' });
    await open({ serving: ['east'] });
    await clock.sleep(100);
    expect(rcodeOf(await rawReply(question(ORDERS_SERVICE)))).to.equal(2);
    await east.behave({ kind: 'serve' });
    expect(await ask(ORDERS_SERVICE)).to.deep.equal([`east/app-1:${east.port}`]);
  });

  for (const kind of ['refuse', 'hang', 'decline'] as const) {
    it(`holds a region down after so many failed checks in a row (${kind})`, async () => {
      await open();
      await untilHealthy('east', 'west');
      const before_ms = clock.now();
      await east.behave({ kind });
      await until(() => told.some(({ name }) => name === 'region.down'));
      const down = told.find((event) => event.name === 'region.down')!;
      expect(down).to.include({ region: 'east' });
      expect(down.at_ms - before_ms).to.be.greaterThan(2 * TIMINGS.every_ms - 5);
      expect(await ask(ORDERS_SERVICE)).to.deep.equal([`west/app-1:${west.port}`]);
      expect(await ask(DATABASE_SERVICE)).to.deep.equal(['west/postgres:12']);
    });
  }

  it('does not take the instance of another run for its own, however ready that is', async () => {
    await open({ run: 'another' });
    await until(() => east.checks > 3 && west.checks > 3);
    expect(gslb.state().answered).to.deep.equal([]);
    expect(gslb.state().regions['east']?.healthy).to.equal(false);
  });

  it('does not hold a region down for fewer failed checks', async () => {
    await open();
    await untilHealthy('east');
    await east.behave({ kind: 'decline' });
    await clock.sleep(50);
    await east.behave({ kind: 'serve' });
    await clock.sleep(150);
    expect(told.filter(({ name }) => name === 'region.down')).to.deep.equal([]);
  });

  it('holds a region up again after one good check', async () => {
    await open();
    await untilHealthy('east');
    await east.behave({ kind: 'decline' });
    await until(() => gslb.state().regions['east']?.healthy === false);
    await east.behave({ kind: 'serve' });
    await untilHealthy('east');
    expect(
      told.filter((event) => event.name === 'region.up' && event.region === 'east').length,
    ).to.equal(2);
  });

  it('keeps its last answer when no region is healthy', async () => {
    await open();
    await untilHealthy('east', 'west');
    await ask(ORDERS_SERVICE);
    await west.behave({ kind: 'refuse' });
    await until(() => gslb.state().regions['west']?.healthy === false);
    await east.behave({ kind: 'refuse' });
    await until(() => gslb.state().regions['east']?.healthy === false);
    expect(await ask(ORDERS_SERVICE)).to.deep.equal([`east/app-1:${east.port}`]);
  });

  it('does not answer a healthy region that is not serving until it is told to', async () => {
    await open({ serving: ['east'] });
    await untilHealthy('east', 'west');
    await east.behave({ kind: 'refuse' });
    await until(() => gslb.state().regions['east']?.healthy === false);
    expect(await ask(ORDERS_SERVICE)).to.deep.equal([`east/app-1:${east.port}`]);
    expect(await gslb.serve(['west'])).to.deep.equal({ answered: ['west'] });
    expect(await ask(ORDERS_SERVICE)).to.deep.equal([`west/app-1:${west.port}`]);
  });

  it('checks a region at once when it is to serve', async () => {
    await west.behave({ kind: 'decline' });
    await open({ serving: ['east'], every_ms: 2000 });
    await untilHealthy('east');
    await west.behave({ kind: 'serve' });
    expect(await gslb.serve(['west'])).to.deep.equal({ answered: ['west'] });
  });

  it('reports the change of regions with the first reply that clients get, and once', async () => {
    await open({ serving: ['east'] });
    await ask(ORDERS_SERVICE);
    await untilHealthy('west');
    await gslb.serve(['west']);
    expect(told.filter(({ name }) => name === 'answer.changed')).to.deep.equal([]);
    await ask(ORDERS_SERVICE);
    await ask(ORDERS_SERVICE);
    const changes = told.filter((event) => event.name === 'answer.changed');
    expect(changes.map(({ regions }) => regions)).to.deep.equal([['west']]);
  });

  it('answers an endpoint that was added once it was found ready', async () => {
    await open({ serving: ['east'] });
    const second = await startKnownService({ clock, node: 'east/app-2' });
    gslb.add(endpointOf(second));
    await until(() => gslb.state().regions['east']?.nodes['east/app-2'] === true);
    expect((await ask(ORDERS_SERVICE)).length).to.equal(2);
    await second.close();
  });

  it('says that other names do not exist', async () => {
    await open();
    await untilHealthy('east');
    expect(rcodeOf(await rawReply(question('_orders._tcp.example.com')))).to.equal(3);
    const asked = resolveService(address, '_x._tcp.drill.test', { timeout_ms: 1000 });
    const error = await asked.catch((reason: Error) => reason);
    expect((error as Error).message).to.match(/does not know the name _x\._tcp\.drill\.test/);
  });

  it('answers address queries for the names that its SRV records point to', async () => {
    await open();
    await untilHealthy('east');
    const reply = await rawReply(question('app-1.east.drill.test', 'A'));
    expect(reply?.answers?.[0]).to.include({ type: 'A', data: '127.0.0.1' });
  });

  it('survives garbage and goes on answering', async () => {
    await open();
    const whole = question(ORDERS_SERVICE);
    const socket = createSocket('udp4');
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(whole);
      bytes[i % bytes.length] = (i * 37) & 0xff;
      const part = bytes.subarray(0, i % 3 === 0 ? i % bytes.length : bytes.length);
      await new Promise((sent) => socket.send(part, address.port, address.host, sent));
    }
    socket.close();
    expect(await ask(ORDERS_SERVICE)).to.deep.equal([`east/app-1:${east.port}`]);
  });

  it('refuses an endpoint without an IP address', async () => {
    await open();
    expect(() => gslb.add({ ...endpointOf(east), host: 'east.example' })).to.throw(
      'east/app-1: expected an IP address as host, got "east.example"',
    );
  });
});

describe('resolver', () => {
  it('gives up after its time, saying what it waited for', async () => {
    const silent = createSocket('udp4');
    await new Promise<void>((bound) => silent.bind(0, '127.0.0.1', bound));
    const { port } = silent.address();
    const asked = resolveService({ host: '127.0.0.1', port }, ORDERS_SERVICE, { timeout_ms: 300 });
    const error = await asked.catch((reason: Error) => reason);
    silent.close();
    expect((error as Error).message).to.equal(
      `expected an address for ${ORDERS_SERVICE} within 300 ms from the GSLB at 127.0.0.1:${port}, got no reply`,
    );
  });

  it('asks again when a datagram is lost, and ignores replies with another id', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((bound) => server.bind(0, '127.0.0.1', bound));
    let asked = 0;
    server.on('message', (bytes, client) => {
      asked += 1;
      const { id = 0, questions = [] } = packet.decode(bytes);
      const reply = (replyId: number, port: number) => {
        const target = 'app-1.east.drill.test';
        const message = packet.encode({
          type: 'response',
          id: replyId,
          questions,
          answers: [{ type: 'SRV', name: ORDERS_SERVICE, ttl: 5, data: { port, target } }],
          additionals: [{ type: 'A', name: target, ttl: 5, data: '127.0.0.1' }],
        });
        server.send(message, client.port, client.address);
      };
      if (asked === 1) reply((id + 1) & 0xffff, 1);
      else reply(id, 2);
    });
    const { port } = server.address();
    const found = await resolveService({ host: '127.0.0.1', port }, ORDERS_SERVICE, {
      timeout_ms: 2000,
    });
    server.close();
    expect(asked).to.equal(2);
    expect(found).to.deep.include({ ttl_s: 5 });
    expect(found.addresses.map((one) => one.port)).to.deep.equal([2]);
  });
});
