// The load balancer in a container: it listens where it is told, and checks an endpoint at another
// address than the one that clients are answered.
import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { GlobalLoadBalancer } from '../../src/gslb/gslb.ts';
import { ORDERS_SERVICE } from '../../src/gslb/protocol.ts';
import { resolveService } from '../../src/gslb/resolver.ts';
import { hostClock } from '../../src/host/clock.ts';
import { startKnownService } from '../../src/selftest/known/service.ts';

const clock = hostClock();
const SETTINGS = {
  ...{ origin_ms: 0, run: 'test', every_ms: 40, timeout_ms: 40, failures: 3, ttl_s: 1 },
  serving: ['east'],
};

function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

describe('gslb elsewhere', () => {
  it('listens where it is told, and answers one address while it checks another', async () => {
    const east = await startKnownService({ clock, node: 'east/app-1' });
    const port = await freeUdpPort();
    const checked = { host: east.host, port: east.port };
    const endpoint = {
      ...{ node: 'east/app-1', region: 'east', service: 'orders' as const },
      ...{ host: '192.0.2.1', port: 21001, check: checked }, // TEST-NET-1: nobody is there
    };
    const listen = { host: '127.0.0.1', port };
    const settings = { ...SETTINGS, listen, endpoints: [endpoint] };
    const gslb = new GlobalLoadBalancer(settings, clock, () => {});
    try {
      expect(await gslb.start()).to.deep.equal(listen);
      const { addresses } = await resolveService(listen, ORDERS_SERVICE, { timeout_ms: 2000 });
      expect(addresses).to.deep.equal([
        { node: 'east/app-1', host: '192.0.2.1', port: 21001, weight: 1 },
      ]);
      expect(east.checks).to.be.greaterThan(0);
      const gone_ms = clock.now() + 5000;
      await east.behave({ kind: 'refuse' });
      while (gslb.state().regions['east']?.healthy !== false && clock.now() < gone_ms) {
        await clock.sleep(10);
      }
      expect(gslb.state().regions['east']?.healthy).to.equal(false);
    } finally {
      gslb.close();
      await east.close();
    }
  });

  it('says so when it cannot listen there', async () => {
    const taken = createSocket('udp4');
    await new Promise<void>((bound) => taken.bind(0, '127.0.0.1', bound));
    const listen = { host: '127.0.0.1', port: taken.address().port };
    const gslb = new GlobalLoadBalancer({ ...SETTINGS, listen, endpoints: [] }, clock, () => {});
    const failure = await gslb.start().catch((error: NodeJS.ErrnoException) => error.code);
    gslb.close();
    taken.close();
    expect(failure).to.equal('EADDRINUSE');
  });
});
