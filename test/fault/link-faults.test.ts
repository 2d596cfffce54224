// Each fault on a link, on both proxy servers: what it does is seen from outside, its proof sees it
// and does not see it where it is not, and its heal leaves nothing of it.
import { expect } from 'chai';
import { it } from '../support/commands.ts';
import type { FaultKind, PlannedFault } from '../../src/drill/fault/registry.ts';
import type { Fault } from '../../src/fault/fault.ts';
import { faults } from '../../src/fault/registry.ts';
import { exchange } from '../../src/host/probe.ts';
import type { Address } from '../../src/host/ports.ts';
import type { Link } from '../../src/link/links.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { basePlan } from '../support/plan/base-plan.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext, type Heal } from '../support/system/fault-context.ts';
import { startSmallApp, type SmallApp } from '../support/servers/small-app.ts';
import { TcpClient } from '../support/servers/tcp.ts';
import { ask, SERVERS, startTestedLinks, type TestedLinks } from '../support/servers/toxiproxy.ts';

const LINK = 'clients-east';
/** A share of a stated time: timers are not exact. */
const EARLY = 0.9;

type Own = Parameters<typeof plannedFault>[1];
const own = (settings: object = {}) => ({ link: LINK, ...settings }) as Own;
const faultOf = (kind: FaultKind, settings: object = {}, for_ms: number | null = null) =>
  plannedFault(kind, own(settings), { heal_after_ms: for_ms });

const QUICK: readonly FaultKind[] = ['refuse', 'reset-connections', 'limit-data', 'slow-close'];

/** What the app is asked from outside. */
const QUESTION = Buffer.from('GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n');
const LASTING = Buffer.from('GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n');
const carrying = (up: number, down: number) =>
  Buffer.from(
    `POST /bytes/${down} HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: ${up}\r\n\r\n` +
      'x'.repeat(up),
  );

interface Row {
  readonly name: string;
  readonly fault: PlannedFault;
  /** The same, but for what it cannot be taken for. */
  readonly other?: PlannedFault;
  readonly seen: (at: Address) => Promise<void>;
}

const ROWS: readonly Row[] = [
  {
    name: 'a partition both ways',
    fault: faultOf('partition'),
    seen: async (at) => {
      const { end, bytes } = await exchange(at, QUESTION, { atMost_ms: 100 });
      expect([end, bytes]).to.deep.equal(['open', 0]);
    },
  },
  ...['east', 'clients'].map((from): Row => ({
    name: `a partition of what comes from ${from}`,
    fault: faultOf('partition', { from }),
    seen: async (at) => {
      const { end, bytes } = await exchange(at, LASTING, { atMost_ms: 100 });
      expect([end, bytes]).to.deep.equal(['open', 0]);
    },
  })),
  {
    name: 'a black hole',
    fault: faultOf('blackhole'),
    seen: async (at) => {
      const { end, bytes } = await exchange(at, QUESTION, { atMost_ms: 100 });
      expect([end, bytes]).to.deep.equal(['open', 0]);
    },
  },
  {
    name: 'a link that refuses',
    fault: faultOf('refuse'),
    seen: async (at) => {
      const { end } = await exchange(at, QUESTION, { atMost_ms: 100 });
      expect(end).to.equal('refused');
    },
  },
  {
    name: 'latency each way',
    fault: faultOf('latency', { latency_ms: 50, jitter_ms: 5 }),
    other: faultOf('latency', { latency_ms: 10_000 }),
    seen: async (at) => {
      const { first_ms } = await exchange(at, QUESTION, { atMost_ms: 5_000 });
      expect(first_ms).to.be.at.least(2 * 45 - 2);
    },
  },
  {
    name: 'latency one way',
    fault: faultOf('latency', { latency_ms: 80, from: 'east' }),
    other: faultOf('latency', { latency_ms: 160, from: 'east' }),
    seen: async (at) => {
      const { first_ms } = await exchange(at, QUESTION, { atMost_ms: 5_000 });
      expect(first_ms).to.be.within(78, 158);
    },
  },
  ...[null, 'clients', 'east'].map((from): Row => ({
    name: `a narrow link, ${from ?? 'both ways'}`,
    fault: faultOf('bandwidth', { bytes_per_s: 100_000, from }, 400),
    other: faultOf('bandwidth', { bytes_per_s: 50_000, from }, 400),
    seen: async (at) => {
      const [up, down] = from === 'clients' ? [20_000, 0] : [0, 20_000];
      const { last_ms } = await exchange(at, carrying(up, down), { atMost_ms: 5_000 });
      expect(last_ms).to.be.at.least(200 * EARLY);
      // Small things come as soon as ever.
      const { first_ms } = await exchange(at, QUESTION, { atMost_ms: 5_000 });
      expect(first_ms).to.be.below(150);
    },
  })),
  {
    name: 'connections that are reset',
    fault: faultOf('reset-connections', { after_ms: 40 }),
    other: faultOf('reset-connections', { after_ms: 200 }),
    seen: async (at) => {
      const { end, bytes, end_ms } = await exchange(at, QUESTION, { atMost_ms: 5_000 });
      expect([end, bytes]).to.deep.equal(['reset', 0]);
      expect(end_ms).to.be.at.least(40 * EARLY);
    },
  },
  {
    name: 'connections that close late',
    fault: faultOf('slow-close', { delay_ms: 100 }),
    other: faultOf('slow-close', { delay_ms: 500 }),
    seen: async (at) => {
      const seen = await exchange(at, QUESTION, { atMost_ms: 5_000 });
      expect(seen.end).to.equal('closed');
      expect(seen.bytes).to.be.above(0);
      // From the beginning: the last word may be read late on a busy machine.
      expect(seen.end_ms).to.be.at.least(100 * EARLY);
    },
  },
  ...[null, 'clients'].map((from): Row => ({
    name: `connections with a limit, ${from ?? 'both ways'}`,
    fault: faultOf('limit-data', { bytes: 40_000, from }),
    other: faultOf('limit-data', { bytes: 20_000, from }),
    seen: async (at) => {
      const [up, down] = from === 'clients' ? [50_000, 0] : [0, 50_000];
      const { bytes, end } = await exchange(at, carrying(up, down), { atMost_ms: 5_000 });
      expect(bytes).to.equal(from === 'clients' ? 0 : 40_000);
      expect(end).to.not.equal('open');
      const under = await exchange(at, carrying(up / 2, down / 2), { atMost_ms: 5_000 });
      expect(under.bytes).to.be.above(down / 2);
    },
  })),
  {
    name: 'a flaky link',
    fault: faultOf('flaky', { share: 0.4 }),
    other: faultOf('flaky', { share: 0.9 }),
    seen: async (at) => {
      const ends = [];
      for (let i = 0; i < 60; i++) ends.push(await exchange(at, QUESTION, { atMost_ms: 5_000 }));
      const reset = ends.filter(({ end, bytes }) => end === 'reset' && bytes === 0).length;
      expect(reset).to.be.within(5, 45);
      expect(ends.filter(({ bytes }) => bytes > 0)).to.have.length(60 - reset);
    },
  },
];

for (const server of SERVERS) {
  describe(`faults on links on ${server}`, () => {
    let started: TestedLinks;
    let app: SmallApp;
    let link: Link;
    let at: Address;
    let count = 0;

    before(async function () {
      started = await startTestedLinks(this, server);
      app = await startSmallApp();
    });
    after(async () => {
      await started?.stop();
      app?.close();
    });
    beforeEach(async () => {
      count += 1;
      link = started.links.create(`${LINK}-${count}`);
      at = await link.addProxy(`${LINK}.app-${count}`, app.at);
    });

    function contextOf(fault: PlannedFault, heals: Heal[] = []) {
      const system = Object.assign(new MemorySystem(basePlan), { link: () => link });
      return faultContext({ plan: basePlan, fault, system }, heals);
    }

    const kindOf = ({ kind }: PlannedFault): Fault => faults.find((each) => each.kind === kind)!;
    const isProved = async (fault: PlannedFault) => {
      const checks = await kindOf(fault).prove(contextOf(fault));
      expect(checks).to.have.length(1);
      return checks[0]!;
    };

    for (const { name, fault, other, seen } of ROWS) {
      // What takes its time is looked at where the whole drills are.
      const isQuick = server === 'built-in' && QUICK.includes(fault.kind);
      (isQuick ? it : it.full)(`have ${name}, until it is healed`, async () => {
        const before = await isProved(fault);
        expect(before.ok, `beforehand: ${before.detail}`).to.equal(false);
        const old = await TcpClient.to(at.port);
        const heals: (() => Promise<readonly string[]>)[] = [];
        const context = contextOf(fault, heals);
        await kindOf(fault).inject(context);
        await seen(at);
        const proof = await isProved(fault);
        expect(proof.ok, proof.detail).to.equal(true);
        const looks = await kindOf(fault).look!({ ...context, watch_ms: 200, isAlone: true });
        expect(looks.map(({ ok }) => ok)).to.deep.equal([true]);
        if (other !== undefined) {
          const taken = await isProved(other);
          expect(taken.ok, `another: ${taken.detail}`).to.equal(false);
        }
        for (const heal of heals.toReversed()) expect(await heal()).to.deep.equal([]);
        const { body } = await ask(started.links.url, 'GET', `/proxies/${LINK}.app-${count}`);
        expect(body).to.deep.include({ toxics: [], enabled: true });
        const healed = await exchange(at, carrying(100_000, 100_000), { atMost_ms: 5_000 });
        expect([healed.end, healed.bytes > 100_000]).to.deep.equal(['closed', true]);
        expect(healed.end_ms).to.be.below(1_000);
        old.close();
      });
    }
  });
}
