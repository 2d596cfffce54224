// What is recorded of the machine, and of the container that drill runs in.
import { availableParallelism, totalmem } from 'node:os';
import { expect } from 'chai';
import { limitsOf, machineFacts, systemName } from '../../../src/host/machine/machine-facts.ts';

const GB = 1_000_000_000;
const limitsIn = (files: Readonly<Record<string, string>>) =>
  limitsOf((file) => files[file] ?? null, 8 * GB);

describe('the facts of the machine', () => {
  it('are those of this one', () => {
    const facts = machineFacts(Date.UTC(2026, 10, 28));
    expect(facts.cores).to.equal(availableParallelism());
    expect(facts.memory_bytes).to.equal(totalmem());
    expect(facts.kernel).to.match(/^\w+ \d+\./);
    expect(facts.load).to.be.at.least(0);
    expect(Math.abs(facts.zone_min)).to.be.at.most(14 * 60);
  });

  it('name the zone by its hours where it has no other name', () => {
    const { TZ } = process.env;
    const zoneOf = (zone: string) => {
      process.env['TZ'] = zone;
      const facts = machineFacts(Date.UTC(2026, 10, 28));
      return [facts.zone, facts.zone_min];
    };
    try {
      expect(zoneOf('Europe/Berlin')).to.deep.equal(['Europe/Berlin', 60]);
      expect(zoneOf('UTC-3')).to.deep.equal(['UTC+03:00', 180]);
      expect(zoneOf('UTC+3')).to.deep.equal(['UTC-03:00', -180]);
      expect(zoneOf(':/no/such/zone')).to.deep.equal(['UTC+00:00', 0]);
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    }
  });

  it('have the name of the system that people know', () => {
    expect(systemName('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n')).to.equal(
      'Debian GNU/Linux 12',
    );
    expect(systemName('PRETTY_NAME=""')).to.equal(null);
    expect(systemName(null)).to.equal(null);
  });

  it('have the limits of a container, of both kinds of control groups', () => {
    expect(
      limitsIn({
        '/sys/fs/cgroup/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/memory.max': '2000000000\n',
      }),
    ).to.deep.equal({ cores: 1.5, memory_bytes: 2 * GB });
    expect(
      limitsIn({
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '1000000000\n',
      }),
    ).to.deep.equal({ cores: 0.5, memory_bytes: GB });
  });

  it('have none where there is none', () => {
    expect(limitsIn({})).to.deep.equal({});
    expect(
      limitsIn({ '/sys/fs/cgroup/cpu.max': 'max 100000', '/sys/fs/cgroup/memory.max': 'max' }),
    ).to.deep.equal({});
    expect(
      limitsIn({
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      }),
    ).to.deep.equal({});
  });
});
