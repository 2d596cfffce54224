import { gslbOf } from '../../../src/drill/plan/gslb.ts';
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { systemDifferences } from '../../../src/drill/plan/system-differences.ts';
import { SHORT_DRILL } from '../../support/whole/drill-cli.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const up = planOf(SHORT_DRILL);
const differs = (changes: Partial<Plan>) => systemDifferences({ ...up, ...changes }, up);

describe('a drill and a system that is up', () => {
  it('go together whatever the workload, the targets and the faults are', () => {
    expect(systemDifferences(up, up)).to.deep.equal([]);
    const workload = { ...up.workload, rate_per_s: up.workload.rate_per_s / 2, writers: 3 };
    const targets = { ...up.targets, rto_ms: 1 };
    expect(differs({ workload, targets, seed: 99, name: 'other' })).to.deep.equal([]);
  });

  it('differ by everything that the system is made of, each named by its key', () => {
    const [first, second] = up.regions;
    const regions = [{ ...first!, app: { ...first!.app, instances: 5 } }, second!];
    const links = { ...up.links, [`clients-${first!.name}`]: { latency_ms: 5, jitter_ms: 0 } };
    const gslb = { ...gslbOf(up), ttl_s: gslbOf(up).ttl_s + 1 };
    const redis = { appendonly: 'no', wait: 1, wait_timeout_ms: 5, carts_per_s: 5 } as const;
    const replication = { ...up.replication, mode: 'sync' } as const;
    const keys = differs({ regions, links, gslb, redis, replication }).map(({ key }) => key);
    expect(keys).to.have.members([
      `topology.regions.${first!.name}.app.instances`,
      'topology.replication.mode',
      `topology.links.clients-${first!.name}`,
      'topology.gslb.ttl',
      ...['appendonly', 'wait', 'wait_timeout'].map((key) => `topology.redis.${key}`),
    ]);
    expect(differs({ replication })).to.deep.equal([
      { key: 'topology.replication.mode', wanted: 'sync', found: 'async' },
    ]);
  });

  it('differ by the disk that a fault fills, either way', () => {
    const faults = [plannedFault('fill-disk', { node: 'east/postgres', free: 0 })];
    const key = 'faults (fill-disk of east/postgres)';
    const [disk, none] = ['a disk of 512MiB', 'none'];
    expect(differs({ faults })).to.deep.equal([{ key, wanted: disk, found: none }]);
    expect(systemDifferences(up, { ...up, faults })).to.deep.equal([
      { key, wanted: none, found: disk },
    ]);
  });

  it('differ where the databases take fewer connections than the workload may need', () => {
    const workload = { ...up.workload, rate_per_s: 1_000, timeout_ms: 400 };
    const [difference] = differs({ workload });
    expect(difference).to.deep.equal({
      key: 'workload (rate × timeout)',
      wanted: '900 database connections',
      found: '200 database connections',
    });
    expect(systemDifferences(up, { ...up, workload })).to.deep.equal([]);
  });
});
