// What each fault reaches: links that it disturbs or silences, parts that answer nobody.
import { expect } from 'chai';
import { reachOf } from '../../../src/drill/plan/reach.ts';
import type { PlannedFault } from '../../../src/drill/fault/registry.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const EDGE = 'clients-east';
const BETWEEN = 'east-west';
const reach = (fault: PlannedFault) => reachOf(fault, { from: 'east', to: 'west' });

describe('what a fault reaches', () => {
  it('is the links that nothing comes through, of those that it disturbs', () => {
    const link = EDGE;
    const of = {
      partition: plannedFault('partition', { link }),
      blackhole: plannedFault('blackhole', { link }),
      refuse: plannedFault('refuse', { link }),
      'reset-connections': plannedFault('reset-connections', { link, after_ms: 0 }),
      latency: plannedFault('latency', { link, latency_ms: 9 }),
      bandwidth: plannedFault('bandwidth', { link, bytes_per_s: 9 }),
      flaky: plannedFault('flaky', { link, share: 0.9 }),
    };
    for (const [kind, fault] of Object.entries(of)) {
      const isSilent = !['latency', 'bandwidth', 'flaky'].includes(kind);
      const { links, silenced } = reach(fault);
      expect(links, kind).to.deep.equal([link]);
      expect(silenced, kind).to.deep.equal({ links: isSilent ? [link] : [], part: null });
    }
  });

  it('is each link of the region that loses its network, or the one', () => {
    const linksOf = (of: 'both' | 'clients' | 'replication') =>
      reach(plannedFault('lose-network', { of })).silenced.links;
    expect(linksOf('clients')).to.deep.equal([EDGE]);
    expect(linksOf('replication')).to.deep.equal([BETWEEN]);
    expect(linksOf('both')).to.deep.equal([EDGE, BETWEEN]);
    const lost = reach(plannedFault('lose-region', { how: 'partition', disks: 'kept' }));
    expect(lost.silenced).to.deep.equal({
      links: [EDGE, BETWEEN],
      part: { name: 'east', state: 'isolated' },
    });
  });

  it('is the part that is dead or stands still', () => {
    const part = (fault: PlannedFault) => reach(fault).silenced.part;
    const node = 'east/app-1';
    expect(part(plannedFault('kill-node', { node }))).to.deep.equal({ name: node, state: 'dead' });
    expect(part(plannedFault('stress-cpu', { node, leaves: 0.2 }))).to.equal(null);
    const gslb = { name: 'gslb', state: 'frozen' };
    expect(part(plannedFault('lose-gslb', { node: 'gslb' }))).to.deep.equal(gslb);
  });
});
