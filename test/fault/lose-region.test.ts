// The proofs that a region is lost: what they take for one, and what they do not.
import { expect } from 'chai';
import type { Socket } from 'node:net';
import type { LossWay } from '../../src/drill/fault/lose-region.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import type { FaultContext } from '../../src/fault/fault.ts';
import { loseRegion } from '../../src/fault/lose-region.ts';
import { hostClock } from '../../src/host/clock.ts';
import { mayListen } from '../../src/host/http.ts';
import type { NodeLook, Region } from '../../src/topology/system/region.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { startKnownService } from '../../src/selftest/known/service.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { faultContext } from '../support/system/fault-context.ts';
import { withTcpServer } from '../support/servers/tcp.ts';

const clock = hostClock();

/**
 * A region of one node, seen in that state, whose edge proxy is what listens at the address, and a
 * standby that has that much of its log.
 */
function contextOf(
  how: LossWay,
  state: NodeLook['state'],
  at: { readonly host: string; readonly port: number },
  changes: Partial<Region> = {},
  standby = 6n,
): FaultContext<'lose-region'> {
  const system = new MemorySystem(plan);
  const east = Object.assign(system.region('east'), changes);
  const [node] = east.nodes();
  east.nodes = () => [{ ...node!, look: async () => ({ state, detail: 'seen' }) }];
  const proxy = { name: 'clients-east.app-1', ...at, upstream: at };
  east.edge.proxies.push(proxy);
  east.follower = null; // what the standby has got is said here
  east.position = 6n;
  system.region('west').position = standby;
  system.mayListen = (each, ms) => mayListen(each, 'mine', ms);
  const fault = plannedFault('lose-region', { how, disks: 'kept' }, { heal_after_ms: 400 });
  return faultContext({ plan, fault, system, clock });
}

const prove = async (...parts: Parameters<typeof contextOf>) =>
  (await loseRegion.prove(contextOf(...parts))).map(({ ok }) => ok);

describe('the proof of lose-region', () => {
  it('by kill holds when another run answers on the ports, and not when its own does', async () => {
    for (const run of ['another', 'mine']) {
      const stub = await startKnownService({ clock, run });
      try {
        expect(await prove('kill', 'dead', stub), run).to.deep.equal([true, run === 'another']);
      } finally {
        await stub.close();
      }
    }
  });

  it('by partition and freeze holds only while the links are silent', async () => {
    const listeners: readonly (readonly [string, (socket: Socket) => void, boolean])[] = [
      ['silent', () => {}, true],
      ['answers', (socket) => socket.once('data', () => socket.write('HTTP/1.1 200\r\n')), false],
      ['hangs up', (socket) => socket.once('data', () => socket.end()), false],
      ['resets', (socket) => socket.once('data', () => socket.resetAndDestroy()), false],
    ];
    for (const [what, serve, isSilent] of listeners) {
      await withTcpServer(serve, async (at) => {
        expect(await prove('partition', 'running', at), what).to.deep.equal([true, isSilent, true]);
        expect(await prove('freeze', 'frozen', at), what).to.deep.equal([true, isSilent]);
      });
    }
    let closed = { host: '', port: 0 };
    await withTcpServer(
      () => {},
      async (at) => void (closed = at),
    );
    expect(await prove('partition', 'running', closed), 'refused').to.deep.equal([
      ...[true, false, true],
    ]);
  });

  it('by partition does not hold while the other region gets what is written', async () => {
    await withTcpServer(
      () => {},
      async (at) => {
        const checks = await prove('partition', 'running', at, {}, 7n);
        expect(checks).to.deep.equal([true, true, false]);
      },
    );
  });

  it('wants every node in the state that the fault leaves it in', async () => {
    await withTcpServer(
      () => {},
      async (at) => {
        const wanted = { kill: 'dead', partition: 'running', freeze: 'frozen' } as const;
        for (const [how, state] of Object.entries(wanted)) {
          for (const seen of ['dead', 'running', 'frozen'] as const) {
            const [node] = await prove(how as LossWay, seen, at);
            expect(node, `${how}, seen ${seen}`).to.equal(seen === state);
          }
        }
      },
    );
  });
});

describe('the injection of lose-region', () => {
  for (const [how, ability] of [
    ['partition', 'isolate'],
    ['freeze', 'freeze'],
  ] as const) {
    it(`by ${how} has its undo deferred before it does anything`, async () => {
      const done: string[] = [];
      const entry = { undo: 'toxics', url: '', toxics: ['a'] } as const;
      const act = async () => void done.push('act');
      const effect = () => ({ entry, act, undo: async () => void done.push('undo') });
      const context = contextOf(how, 'running', { host: '', port: 0 }, { [ability]: effect });
      const defer: FaultContext['defer'] = async (written, heal) => {
        expect(written).to.equal(entry);
        done.push('deferred');
        await heal();
      };
      await loseRegion.inject({ ...context, defer });
      expect(done).to.deep.equal(['deferred', 'undo', 'act']);
    });
  }
});
