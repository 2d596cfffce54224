// The proof that a region is lost, while another drill has taken the ports that the loss freed.
import { expect } from 'chai';
import type { FaultContext } from '../../src/fault/fault.ts';
import { loseRegion } from '../../src/fault/lose-region.ts';
import { hostClock } from '../../src/host/clock.ts';
import type { System } from '../../src/topology/system.ts';
import { plan } from '../measure/synthetic.ts';
import { startStubService } from '../support/stub-service.ts';

describe('the proof of lose-region', () => {
  it('holds when the service of another run answers on the ports, and not when it is its own', async () => {
    const clock = hostClock();
    const stub = await startStubService({ clock, run: 'another' });
    const { host, port } = stub;
    const node = { node: 'east/app-1', kind: 'app', host, port, pids: () => [] };
    const edge = { proxies: [{ name: 'clients-east.app-1', host, port }] };
    const system = { region: () => ({ nodes: () => [node], edge }) } as unknown as System;
    const prove = async (run: string) => {
      const context: FaultContext = { run, plan, fault: plan.faults[0]!, system, clock };
      return (await loseRegion.prove(context)).map(({ ok }) => ok);
    };
    expect(await prove('mine')).to.deep.equal([true, true]);
    expect(await prove('another')).to.deep.equal([false, false]);
    await stub.close();
  });
});
