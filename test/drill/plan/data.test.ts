// Room and time that rows of the databases' own take: by the strategy, and in proportion.
import { expect } from 'chai';
import { phaseBudgets } from '../../../src/drill/plan/budget.ts';
import { dataRoom, passesMs } from '../../../src/drill/plan/data.ts';
import { basePlan } from '../../support/plan/base-plan.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const GB = 1e9;
const backup = { every_ms: 600_000, keep: 3, wal: 'archive', archive_timeout_ms: 1_000 } as const;

describe('data of a size', () => {
  it('needs no room where none is asked for', () => {
    expect(dataRoom(basePlan)).to.equal(null);
    expect(passesMs(basePlan, 5)).to.equal(0);
  });

  it('needs room for each database, each base backup and the one in the making', () => {
    const plan = { ...basePlan, data_bytes: GB };
    const { parts, run_bytes, template_bytes } = dataRoom(plan)!;
    expect(parts).to.deep.equal(['2 databases']);
    expect([run_bytes, template_bytes]).to.deep.equal([2.1 * GB, 1.05 * GB]);
    const restored = dataRoom({ ...plan, backup })!;
    expect(restored.parts).to.deep.equal(['2 databases', '4 base backups']);
    expect(restored.run_bytes).to.equal(6.3 * GB);
    const faults = [plannedFault('lose-region', { how: 'kill', disks: 'destroyed' })];
    expect(dataRoom({ ...plan, faults, failback: true })!.run_bytes).to.equal(3.15 * GB);
    expect(dataRoom({ ...plan, faults })!.run_bytes).to.equal(2.1 * GB);
  });

  it('takes time in proportion, in the phases that go through it and in no other', () => {
    const small = phaseBudgets(basePlan);
    const large = phaseBudgets({ ...basePlan, data_bytes: GB });
    const larger = phaseBudgets({ ...basePlan, data_bytes: 2 * GB });
    expect(large.up - small.up).to.equal(8 * 100_000);
    expect(larger.up - small.up).to.equal(2 * 8 * 100_000);
    expect(large.verify - small.verify).to.equal(4 * 100_000);
    expect(large.down - small.down).to.equal(100_000);
    for (const phase of ['prepare', 'seed', 'warm-up', 'steady', 'fault', 'heal'] as const) {
      expect(large[phase], phase).to.equal(small[phase]);
    }
  });
});
