// What the recovery region took, from results of this and of older versions, one or several.
import { expect } from 'chai';
import { costOf } from '../../src/archive/standing-cost.ts';
import { compared, STANDING, warmStandby } from '../support/evidence/compared.ts';

describe('comparison of costs', () => {
  const withCost = (cost: unknown) => warmStandby({ cost });

  it('takes what was measured, and null for every key that is missing', () => {
    expect(costOf(withCost(STANDING).result)).to.deep.equal({
      ...{ region: 'west', components: STANDING.components, cpu_share: 0.03 },
      ...{ memory_bytes: 120e6, disk_bytes: 48e6, replicated_bytes_per_s: 91_000 },
      ...{ monthly_total: 12.34, currency: 'EUR', formula: '1 × 2 + 3', recovery_steps: 5 },
    });
    const some = costOf(withCost({ components: [], monthly: null }).result);
    expect(some).to.include({ cpu_share: null, monthly_total: null, recovery_steps: null });
    expect(some!.components).to.deep.equal([]);
  });

  it('is null where nothing was measured, and never makes a number of what is none', () => {
    for (const cost of [{}, null, undefined]) {
      expect(costOf(withCost(cost).result)).to.equal(null);
    }
    const strange = {
      cpu_share: '3',
      disk_bytes: NaN,
      memory_bytes: null,
      monthly: { total: '1', currency: 3, formula: null },
    };
    expect(costOf(withCost(strange).result)).to.equal(null);
  });

  it('takes no money of results that priced what was used, without a currency', () => {
    const old = { ...STANDING, monthly: { cpu: 1, storage: 1, transfer: 1, total: 3 } };
    const read = costOf(withCost(old).result);
    expect(read).to.include({ monthly_total: null, currency: null, formula: null });
  });

  it('has the formula of the run whose total is the median', () => {
    const of = (total: number) => {
      return { ...STANDING, monthly: { currency: 'EUR', total, formula: `${total} × 1` } };
    };
    const [drill] = compared([of(3), of(1), of(2)].map(withCost)).drills;
    expect(drill!.cost).to.include({ monthly_total: 2, formula: '2 × 1', currency: 'EUR' });
  });

  it('has the median of repeats, of those that measured it', () => {
    const costs = [{ ...STANDING, memory_bytes: 300 }, { ...STANDING, memory_bytes: 100 }, {}];
    const [drill] = compared(costs.map(withCost)).drills;
    expect(drill!.cost).to.include({ memory_bytes: 300, disk_bytes: 48e6 });
  });
});
