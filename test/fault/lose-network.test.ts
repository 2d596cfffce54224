// lose-network: which links go silent for which part of a region's network, and what proves it.
import { expect } from 'chai';
import type { Socket } from 'node:net';
import { NETWORK_PARTS, type NetworkPart } from '../../src/drill/fault/lose-network.ts';
import { loseNetwork } from '../../src/fault/lose-network.ts';
import { hostClock } from '../../src/host/clock.ts';
import { plan } from '../support/evidence/synthetic.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext, type Heal } from '../support/system/fault-context.ts';
import { withTcpServer } from '../support/servers/tcp.ts';

const clock = hostClock();
const NOWHERE = { host: '127.0.0.1', port: 1 };

/** Region east, whose edge proxy is what listens at the address; `standby`: what west has got. */
function contextOf(of: NetworkPart, at: { host: string; port: number } = NOWHERE, standby = 6n) {
  const system = new MemorySystem(plan);
  const east = system.region('east');
  const [node] = east.nodes();
  east.nodes = () => [{ ...node!, look: async () => ({ state: 'running', detail: 'seen' }) }];
  east.edge.proxies.push({ name: 'clients-east.app-1', ...at, upstream: at });
  east.follower = null;
  east.position = 6n;
  system.region('west').position = standby;
  const fault = plannedFault('lose-network', { of }, { heal_after_ms: 400 });
  const undone: Heal[] = [];
  const context = faultContext({ plan, fault, system, clock }, undone);
  return { context, system, undone };
}

describe('the fault lose-network', () => {
  it('lets go silent what it names and nothing else, until it is undone', async () => {
    const silent: Record<NetworkPart, unknown> = {
      both: { isIsolated: true, edge: 'open', between: 'open' },
      clients: { isIsolated: false, edge: 'silent', between: 'open' },
      replication: { isIsolated: false, edge: 'open', between: 'silent' },
    };
    for (const of of NETWORK_PARTS) {
      const { context, system, undone } = contextOf(of);
      const seen = () => ({
        isIsolated: system.region('east').isIsolated,
        edge: system.link('clients-east').state,
        between: system.link('east-west').state,
      });
      await loseNetwork.inject(context);
      expect(seen(), of).to.deep.equal(silent[of]);
      for (const undo of undone) await undo();
      expect(seen(), of).to.deep.equal({ isIsolated: false, edge: 'open', between: 'open' });
    }
  });

  it('is not proved by nodes that live where clients have no way that could be silent', async () => {
    const { context, system } = contextOf('clients');
    system.region('east').edge.proxies.length = 0;
    expect(await loseNetwork.prove(context)).to.deep.equal([]);
  });

  it('is proved where nothing is heard through what it names', async () => {
    const answers = (socket: Socket) =>
      void socket.once('data', () => socket.write('HTTP/1.1 200\r\n'));
    const proofs = async (of: NetworkPart, serve: (socket: Socket) => void, standby: bigint) => {
      let checks: (readonly [string, boolean])[] = [];
      await withTcpServer(serve, async (at) => {
        const proved = await loseNetwork.prove(contextOf(of, at, standby).context);
        checks = proved.map(({ name, ok }) => [name, ok]);
      });
      return checks;
    };
    const node = ['east/postgres is running', true];
    const edge = (ok: boolean) => ['link clients-east.app-1 is silent', ok];
    const between = (ok: boolean) => ['link east-west is silent', ok];
    // What is written comes to the standby, or does not.
    for (const [standby, isSilent] of [
      [6n, true],
      [7n, false],
    ] as const) {
      const mute = () => {};
      expect(await proofs('both', mute, standby)).to.deep.equal([
        ...[node, edge(true), between(isSilent)],
      ]);
      expect(await proofs('clients', mute, standby)).to.deep.equal([node, edge(true)]);
      expect(await proofs('clients', answers, standby)).to.deep.equal([node, edge(false)]);
      expect(await proofs('replication', answers, standby)).to.deep.equal([between(isSilent)]);
    }
  });
});
