// The proofs that one node is gone or stands still: what they take for one, and what they do not.
import { expect } from 'chai';
import type { Socket } from 'node:net';
import type { FaultContext } from '../../src/fault/fault.ts';
import { fillDisk } from '../../src/fault/node/fill-disk.ts';
import { killNode } from '../../src/fault/node/kill-node.ts';
import { stressCpu } from '../../src/fault/node/stress-cpu.ts';
import { stressMemory } from '../../src/fault/node/stress-memory.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { DiskLook, MemoryLook, NodeDisk, NodeLook } from '../../src/topology/system/region.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext } from '../support/system/fault-context.ts';
import { withTcpServer } from '../support/servers/tcp.ts';

const clock = hostClock();
const NODE = 'east/postgres';

/** The node in that state, behind a port of this machine. */
function contextOf(state: NodeLook['state'], port: number): FaultContext<'kill-node'> {
  const system = new MemorySystem(plan);
  const east = system.region('east');
  const [node] = east.nodes();
  const look = async () => await Promise.resolve({ state, detail: 'seen' });
  east.nodes = () => [{ ...node!, host: '127.0.0.1', port, look }];
  const fault = plannedFault('kill-node', { node: NODE }, { heal_after_ms: 400 });
  return faultContext({ plan, fault, system, clock });
}

const answers = (socket: Socket) => socket.once('data', () => socket.write('N'));
const oks = async (context: FaultContext<'kill-node'>) =>
  (await killNode.prove(context)).map(({ ok }) => ok);

describe('the proof of kill-node', () => {
  it('wants the node dead by whoever runs it', async () => {
    await withTcpServer(
      (socket) => socket.end(),
      async ({ port }) => {
        for (const state of ['dead', 'running', 'frozen'] as const) {
          const wanted = [state === 'dead', true];
          expect(await oks(contextOf(state, port)), state).to.deep.equal(wanted);
        }
      },
    );
  });

  it('does not hold while something answers in its place, whatever is said of it', async () => {
    await withTcpServer(answers, async ({ port }) => {
      expect(await oks(contextOf('dead', port))).to.deep.equal([true, false]);
    });
  });

  it('ends the one node through its region, and heals that', async () => {
    const context = contextOf('dead', 1);
    const heals: (() => Promise<readonly string[]>)[] = [];
    const entries: unknown[] = [];
    const { detail } = await killNode.inject({
      ...context,
      defer: async (entry, heal) => void entries.push(entry, heals.push(heal)),
    });
    expect(detail).to.equal('killed east/postgres');
    const { deeds } = context.system as MemorySystem;
    expect(deeds.done).to.deep.equal(['kill east/postgres']);
    await heals[0]!();
    expect(deeds.done.slice(1)).to.deep.equal(['end of kill east/postgres']);
    expect(entries).to.have.length(2);
  });

  it('names a node that is not there', async () => {
    const context = contextOf('dead', 1);
    const fault = { ...context.fault, node: 'east/app-7' };
    const failure = await killNode.prove({ ...context, fault }).catch((e: Error) => e.message);
    expect(failure).to.equal('region east: expected the node east/app-7, found east/postgres');
  });
});

describe('the proof of stress-cpu', () => {
  it('is what the node gets of a processor, and nothing that is not known', async () => {
    const system = new MemorySystem(plan);
    const east = system.region('east');
    const [node] = east.nodes();
    const fault = plannedFault('stress-cpu', { node: NODE, leaves: 0.2 });
    const context = faultContext({ plan, fault, system, clock });
    for (const [share, isProved] of [
      [0.2, true],
      [0.29, true],
      [0.5, false],
      [1, false],
      [NaN, false],
    ] as const) {
      east.nodes = () => [{ ...node!, processorShare: () => Promise.resolve(share) }];
      const [check] = await stressCpu.prove(context);
      expect(check!.ok, String(share)).to.equal(isProved);
    }
  });

  it('is looked at again where a look has time for it, and no container is asked', async () => {
    const system = new MemorySystem(plan);
    const east = system.region('east');
    const [node] = east.nodes();
    const fault = plannedFault('stress-cpu', { node: NODE, leaves: 0.2 });
    const own = faultContext({ plan, fault, system, clock });
    const looked = async (share: number, watch_ms = 500, pids = [1], isAlone = true) => {
      const processorShare = () => Promise.resolve(share);
      east.nodes = () => [{ ...node!, processorShare, pids: () => pids }];
      return (await stressCpu.look!({ ...own, watch_ms, isAlone })).map(({ ok }) => ok);
    };
    expect(await looked(0.2)).to.deep.equal([true]);
    expect(await looked(0.5), 'on a busy machine').to.deep.equal([true]);
    expect(await looked(1), 'it was started anew').to.deep.equal([false]);
    expect(await looked(1, 100), 'too short').to.deep.equal([]);
    expect(await looked(1, 500, []), 'a container').to.deep.equal([]);
    expect(await looked(1, 500, [1], false), 'not alone').to.deep.equal([]);
  });
});

describe('the proof of stress-memory', () => {
  const GB = 1e9;
  const fault = plannedFault('stress-memory', { node: NODE, share: 0.9 });
  const seen = async (look: MemoryLook) => {
    const system = new MemorySystem(plan);
    const memory = { look: () => Promise.resolve(look), squeeze: () => expect.fail() };
    Object.assign(system.region('east'), { memoryOf: () => memory });
    const context = faultContext({ plan, fault, system, clock });
    return (await stressMemory.prove(context)).map(({ ok, detail }) => ({ ok, detail }));
  };
  const used = (held_bytes: number, limit_bytes: number) => ({ held_bytes, limit_bytes });

  it('is what the node holds of a limit that is less than before', async () => {
    for (const [held, limit, isProved] of [
      [90e6, 100e6, true],
      [86e6, 100e6, true],
      [85e6, 100e6, false],
      [0.9 * GB, GB, false],
    ] as const) {
      const look = { used: used(held, limit), usual_bytes: GB, hasKilled: false };
      expect((await seen(look))[0]!.ok, `${held} of ${limit}`).to.equal(isProved);
    }
  });

  it('holds of a node that died of it, and says so; not of one that died of something else', async () => {
    const died = { used: null, usual_bytes: GB };
    const killed = 'the kernel killed a process of it for want of memory';
    expect(await seen({ ...died, hasKilled: true })).to.deep.equal([
      { ok: true, detail: `it is dead; ${killed}` },
    ]);
    expect(await seen({ ...died, hasKilled: false })).to.deep.equal([
      { ok: false, detail: 'it is dead' },
    ]);
    const after = { used: used(20e6, 100e6), usual_bytes: GB, hasKilled: true };
    expect(await seen(after)).to.deep.equal([
      {
        ok: true,
        detail: `20 MB of 100 MB (20 %), where 1.0 GB is the limit otherwise; ${killed}`,
      },
    ]);
  });

  it('has nothing to look at where a runtime has no limit for each node', async () => {
    const system = new MemorySystem(plan);
    const context = faultContext({ plan, fault, system, clock });
    const failure = await stressMemory.prove(context).catch((e: Error) => e.message);
    expect(failure).to.equal(
      'region east: expected a limit on the memory of a node, found none in this system',
    );
  });
});

describe('the proof of fill-disk', () => {
  const SIZE = 512 * 2 ** 20;
  const seen = async (free: number, look: Partial<DiskLook>) => {
    const system = new MemorySystem(plan);
    const all = { size_bytes: SIZE, free_bytes: 0, refuses: true, by: 'somebody else', ...look };
    const disk: NodeDisk = { look: () => Promise.resolve(all), fill: () => expect.fail() };
    Object.assign(system.region('east'), { diskOf: () => disk });
    const fault = plannedFault('fill-disk', { node: NODE, free });
    return (await fillDisk.prove(faultContext({ plan, fault, system, clock })))[0]!;
  };

  it('is that nothing is free, and that a write is refused', async () => {
    expect(await seen(0, {})).to.deep.equal({
      name: 'the disk of east/postgres is full',
      ok: true,
      detail: '0 B of 537 MB free, a write of 8.4 MB is refused (somebody else)',
    });
    expect((await seen(0, { refuses: false })).ok).to.equal(false);
    expect((await seen(0, { free_bytes: 2 ** 24 })).ok).to.equal(false);
  });

  it('is that no more is free than the file says, where it leaves something', async () => {
    expect((await seen(0.1, { free_bytes: 0.1 * SIZE, refuses: false })).ok).to.equal(true);
    expect((await seen(0.1, { free_bytes: 0.12 * SIZE, refuses: false })).ok).to.equal(false);
  });
});
