// The proofs that one node is gone or stands still: what they take for one, and what they do not.
import { expect } from 'chai';
import type { Socket } from 'node:net';
import type { FaultContext } from '../../src/fault/fault.ts';
import { killNode } from '../../src/fault/node/kill-node.ts';
import { stressCpu } from '../../src/fault/node/stress-cpu.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { NodeLook } from '../../src/topology/system/region.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
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
  return { plan, fault, system, clock, mistake: null, defer: async () => {} };
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
    const context = { plan, fault, system, clock, mistake: null, defer: async () => {} };
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
});
