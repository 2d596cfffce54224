// Slow links on both proxy servers: two faults on one link add up, and each ends by itself. One late
// answer proves none.
import { expect } from 'chai';
import { latency } from '../../src/fault/link/latency.ts';
import type { Link } from '../../src/link/links.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { basePlan } from '../support/plan/base-plan.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext, type Heal } from '../support/system/fault-context.ts';
import { echo, pause, startTcpServer, TcpClient, type TcpServer } from '../support/servers/tcp.ts';
import { ask, SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

const FAST_MS = 50;
/** Longer than the test: what goes this way does not arrive in it. */
const NEVER_MS = 60_000;
const SILENCE_MS = 4 * FAST_MS;
const ENOUGH_MS = 4_000;

for (const server of SERVERS) {
  describe(`two slow links at once on ${server}`, () => {
    let started: TestedLinks;
    let upstream: TcpServer;
    let link: Link;
    let port: number;
    let count = 0;

    before(async function () {
      started = await startTestedLinks(this, server);
      upstream = await startTcpServer(echo);
    });
    after(async () => {
      await started?.stop();
      await upstream?.close();
    });
    beforeEach(async () => {
      link = started.links.create(`slow-${++count}`);
      const place = { host: '127.0.0.1', port: upstream.port };
      port = (await link.addProxy(`${link.name}.a`, place)).port;
    });

    /** Injects the fault; resolves to how it is healed. */
    async function slow(latency_ms: number): Promise<() => Promise<readonly string[]>> {
      const system = Object.assign(new MemorySystem(basePlan), { link: () => link });
      const fault = plannedFault('latency', { link: link.name, latency_ms });
      const heals: Heal[] = [];
      await latency.inject(faultContext({ plan: basePlan, fault, system }, heals));
      expect(heals).to.have.length(1);
      return heals[0]!;
    }

    async function toxics(): Promise<number> {
      const { body } = await ask(started.links.url, 'GET', `/proxies/${link.name}.a`);
      return (body as { toxics: unknown[] }).toxics.length;
    }

    /** How long a byte is on its way and back; null: it had not come when nobody waited longer. */
    async function roundTrip(atMost_ms = ENOUGH_MS): Promise<number | null> {
      const client = await TcpClient.to(port);
      client.send('x');
      const took = client.received(1).catch(() => null);
      const first = await Promise.race([took, pause(atMost_ms).then(() => null)]);
      client.close();
      return first;
    }

    it('take as long as both together', async () => {
      const heals = [await slow(FAST_MS / 2), await slow(FAST_MS)];
      // Either alone takes 2 × as long at most. Toxiproxy takes what a busy machine let a byte wait
      // before the first of two toxics off the second one.
      expect(await roundTrip()).to.be.at.least(2.5 * FAST_MS);
      for (const heal of heals) await heal();
      expect(await toxics()).to.equal(0);
    });

    for (const [first, second] of [
      [FAST_MS, NEVER_MS],
      [NEVER_MS, FAST_MS],
    ] as const) {
      it(`end one by one, where ${first} ms began before ${second} ms`, async () => {
        const heals = new Map([
          [first, await slow(first)],
          [second, await slow(second)],
        ]);
        expect(await roundTrip(SILENCE_MS)).to.equal(null);
        await heals.get(NEVER_MS)!();
        expect(await roundTrip()).to.be.at.least(2 * FAST_MS - 4);
        expect(await toxics()).to.equal(2);
        const again = await slow(NEVER_MS);
        await heals.get(FAST_MS)!();
        expect(await roundTrip(SILENCE_MS)).to.equal(null);
        await again();
        expect(await toxics()).to.equal(0);
        expect(await roundTrip()).not.to.equal(null);
      });
    }
  });
}

describe('the proof of a slow link', () => {
  it('is not met by one answer that was late by itself', async () => {
    let late_ms = 3 * FAST_MS;
    const app = await startTcpServer((socket) => {
      socket.once('data', () => {
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\n\r\n'), late_ms);
        late_ms = 0;
      });
    });
    const system = new MemorySystem(basePlan);
    const at = { host: '127.0.0.1', port: app.port };
    const { edge } = system.region('east');
    edge.proxies.push({ name: 'clients-east.app-1', ...at, upstream: at });
    const fault = plannedFault('latency', { link: edge.name, latency_ms: FAST_MS });
    const [check] = await latency.prove(faultContext({ plan: basePlan, fault, system }));
    await app.close();
    expect(check!.ok, check!.detail).to.equal(false);
  });
});
