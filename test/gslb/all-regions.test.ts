// The load balancer that answers with all healthy regions at once: who is in the answer, how much
// each weighs, and that clients spread so.
import { expect } from 'chai';
import { GlobalLoadBalancer } from '../../src/gslb/gslb.ts';
import { ORDERS_SERVICE, type GslbSettings } from '../../src/gslb/protocol.ts';
import { resolveService } from '../../src/gslb/resolver.ts';
import { weighted } from '../../src/gslb/weights.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { Address } from '../../src/host/ports.ts';
import { startKnownService, type KnownService } from '../../src/selftest/known/service.ts';

const clock = hostClock();
const TIMINGS = { every_ms: 40, timeout_ms: 40, failures: 3, ttl_s: 2 };

describe('gslb that answers all regions', () => {
  let stubs: KnownService[];
  let gslb: GlobalLoadBalancer;
  let address: Address;
  let changes: (readonly string[])[];

  const endpointOf = ({ node, host, port }: KnownService) => ({
    ...{ node, host, port, region: node.split('/', 1)[0]!, service: 'orders' as const },
  });
  const open = async (settings: Partial<GslbSettings> = {}) => {
    const endpoints = stubs.map(endpointOf);
    const own = { origin_ms: 0, run: 'test', ...TIMINGS, endpoints, mode: 'all' } as const;
    gslb = new GlobalLoadBalancer(
      { ...own, serving: ['east', 'west'], ...settings },
      clock,
      (_name, body) => {
        if ('regions' in body) changes.push(body.regions);
      },
    );
    address = await gslb.start();
  };
  const until = async (isSo: () => boolean) => {
    const limit_ms = clock.now() + 5000;
    while (!isSo() && clock.now() < limit_ms) await clock.sleep(5);
    if (!isSo()) throw new Error('it did not happen within 5 s');
  };
  const untilAnswered = (...regions: string[]) =>
    until(() => gslb.state().answered.join() === regions.join());
  const ask = async () => {
    const { addresses } = await resolveService(address, ORDERS_SERVICE, { timeout_ms: 1000 });
    return addresses.map(({ node, weight }) => `${node} ${weight}`).sort();
  };

  beforeEach(async () => {
    changes = [];
    stubs = await Promise.all(
      ['east/app-1', 'east/app-2', 'west/app-1'].map((node) => startKnownService({ clock, node })),
    );
  });
  afterEach(async () => {
    gslb.close();
    await Promise.all(stubs.map((stub) => stub.close()));
  });
  const east = async (kind: 'serve' | 'refuse') => {
    await stubs[0]!.behave({ kind });
    await stubs[1]!.behave({ kind });
  };
  const untilAllUp = () =>
    until(() => {
      const { regions } = gslb.state();
      const nodes = Object.values(regions).flatMap((region) => Object.values(region.nodes));
      return nodes.length === 3 && nodes.every((isUp) => isUp);
    });

  it('gives each region its weight, however many instances it has', async () => {
    await open({ weights: { east: 3, west: 2 } });
    await untilAllUp();
    expect(gslb.state().answered).to.deep.equal(['east', 'west']);
    expect(await ask()).to.deep.equal(['east/app-1 3', 'east/app-2 3', 'west/app-1 4']);
  });

  it('weighs regions alike when nothing is said, also with an instance down', async () => {
    await open();
    await untilAllUp();
    expect(await ask()).to.deep.equal(['east/app-1 1', 'east/app-2 1', 'west/app-1 2']);
    await stubs[1]!.behave({ kind: 'refuse' });
    await until(() => !gslb.state().regions['east']!.nodes['east/app-2']);
    expect(await ask()).to.deep.equal(['east/app-1 1', 'west/app-1 1']);
  });

  it('drops a region that is down at once, and has it again when it is healthy', async () => {
    await open();
    await untilAllUp();
    await ask();
    await east('refuse');
    await untilAnswered('west');
    expect(gslb.state().regions['east']!.healthy).to.equal(false);
    expect(await ask()).to.deep.equal(['west/app-1 1']);
    await east('serve');
    await untilAnswered('east', 'west');
    await untilAllUp();
    expect(await ask()).to.have.length(3);
    expect(changes).to.deep.equal([['west'], ['east', 'west']]);
  });

  it('leaves out a healthy region that no longer serves until it is told to serve again', async () => {
    await open();
    await untilAllUp();
    expect(await gslb.serve(['west'])).to.deep.equal({ answered: ['west'] });
    await clock.sleep(3 * TIMINGS.every_ms);
    expect(await ask()).to.deep.equal(['west/app-1 1']);
    expect(await gslb.serve(['east', 'west'])).to.deep.equal({ answered: ['east', 'west'] });
    expect(await ask()).to.have.length(3);
  });

  it('checks a region at once when it is to serve beside one that does', async () => {
    await east('refuse');
    await open({ serving: ['west'], every_ms: 2000 });
    await untilAnswered('west');
    await east('serve');
    expect(await gslb.serve(['east', 'west'])).to.deep.equal({ answered: ['east', 'west'] });
  });

  it('keeps its last answer when none is healthy', async () => {
    await open();
    await untilAllUp();
    await east('refuse');
    await untilAnswered('west');
    await stubs[2]!.behave({ kind: 'refuse' });
    await until(() => !gslb.state().regions['west']!.healthy);
    expect(await ask()).to.deep.equal(['west/app-1 1']);
  });

  it('answers one region alone unless it is told otherwise', async () => {
    await open({ mode: 'best', weights: { east: 3, west: 2 } });
    await untilAllUp();
    expect(gslb.state().answered).to.deep.equal(['east']);
    expect(await ask()).to.have.length(2);
  });

  it('fits two regions of 16 instances with long names into one datagram', async () => {
    const [stub] = stubs as [KnownService];
    const names = ['e', 'w'].map((letter) => letter.repeat(40));
    const endpoints = names.flatMap((region) =>
      Array.from({ length: 16 }, (_, at) => {
        return { ...endpointOf(stub), node: `${region}/app-${at + 1}`, region };
      }),
    );
    await open({ endpoints, serving: names, every_ms: 500, timeout_ms: 500 });
    await until(() => {
      const { regions } = gslb.state();
      return names.every((name) => Object.values(regions[name]!.nodes).every((isUp) => isUp));
    });
    expect(await ask()).to.have.length(32);
  });
});

describe('weights of SRV records', () => {
  const endpoints = (counts: Record<string, number>) =>
    Object.entries(counts).flatMap(([region, count]) =>
      Array.from({ length: count }, (_, at) => ({
        ...{ node: `${region}/app-${at + 1}`, region, service: 'orders' as const },
        ...{ host: '127.0.0.1', port: at + 1 },
      })),
    );
  const sums = (counts: Record<string, number>, weights: Record<string, number>) => {
    const found: Record<string, number> = {};
    for (const { region, weight } of weighted(endpoints(counts), weights)) {
      expect(weight).to.be.within(1, 0xffff);
      expect(Number.isInteger(weight)).to.equal(true);
      found[region] = (found[region] ?? 0) + weight;
    }
    return found;
  };

  it('add up to the proportion of the regions, exactly', () => {
    for (let east = 1; east <= 16; east++) {
      for (let west = 1; west <= 16; west++) {
        const found = sums({ east, west }, { east: 97, west: 31 });
        expect(found['east']! * 31, `${east} and ${west}`).to.equal(found['west']! * 97);
      }
    }
  });

  it('stay within what a record can hold, nearly in proportion, for many regions', () => {
    const counts = { a: 16, b: 15, c: 13, d: 11, e: 7 };
    const found = sums(counts, { a: 100, b: 100, c: 100, d: 100, e: 100 });
    const [least, most] = [Math.min(...Object.values(found)), Math.max(...Object.values(found))];
    expect(most / least).to.be.within(1, 1.01);
    expect(weighted([], {})).to.deep.equal([]);
  });
});
