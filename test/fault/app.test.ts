// The proofs of faults of an app instance: by what it answers itself, not what a link makes of it.
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appSlow } from '../../src/fault/app/app-slow.ts';
import { hostClock } from '../../src/host/clock.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext } from '../support/system/fault-context.ts';

const clock = hostClock();
const BY_MS = 150;

describe('the proof of app-slow', () => {
  const servers = [0, BY_MS].map((delay_ms) => {
    return createServer((_, response) => void setTimeout(() => response.end(), delay_ms));
  });
  before(async () => {
    for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => {
    for (const server of servers) server.close();
  });

  it('is no slow link in front of an instance that answers at once', async () => {
    const [fast, slow] = servers.map((server) => {
      return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    });
    const system = new MemorySystem(plan);
    const east = system.region('east');
    const [server] = east.nodes();
    east.nodes = () => [{ ...server!, node: 'east/app-1', kind: 'app', ...slow! }];
    const fault = plannedFault('app-slow', { node: 'east/app-1', by_ms: BY_MS });
    const context = faultContext({ plan, fault, system, clock });
    for (const [at, isProved] of [
      [fast!, false],
      [slow!, true],
      [null, false],
    ] as const) {
      system.directAt = () => Promise.resolve(at);
      const [check] = await appSlow.prove(context);
      expect(check?.ok, check?.detail).to.equal(isProved);
    }
  });
});
