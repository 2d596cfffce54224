// Why a gate did not pass, in its sentence; and whose doubts leave it open.
import { expect } from 'chai';
import type { Doubt, Interval, Loss } from '../../src/drill/measurement.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { measure } from '../../src/measure/measure.ts';
import { gatesOf } from '../../src/verdict/gates.ts';
import { evidenceOf, plan } from '../support/evidence/synthetic.ts';

const base = measure(evidenceOf());
const gate = (name: string, targets: Partial<Plan['targets']>, figures = {}) =>
  gatesOf({ ...plan.targets, ...targets }, { ...base, ...figures }).find(
    (each) => each.name === name,
  )!;
const rto = (interval: Interval, rto_ms: number) =>
  gate('rto', { rto_ms }, { recovery: { ...base.recovery!, rto: interval } });
const share = (availability: Interval, target: number) =>
  gate('availability', { availability: target }, { recovery: { ...base.recovery!, availability } });
const lost = (facts: Partial<Loss>, count: number) => {
  const loss = { ...base.loss!, ...facts, classes: { ...base.loss!.classes, lost: count } };
  return { loss, stores: [{ store: 'orders', loss }] };
};
const NONE = { value: null, low: null, high: null };

describe('the reason of a gate', () => {
  it('says how many are allowed', () => {
    const at = (lost_writes: number) => gate('lost_writes', { lost_writes }, lost({}, 3)).reason;
    expect(at(2)).to.equal('Lost writes: 3, and 2 are allowed.');
    expect(at(0)).to.equal('Lost writes: 3, and none is allowed.');
    expect(at(3)).to.equal(null);
  });

  it('says that none may be lost where the age of the loss rounds to nothing', () => {
    const nothing = { rpo: { value: 0, low: 0, high: 0 } };
    expect(gate('rpo', { rpo_ms: 0 }, lost(nothing, 1)).reason).to.equal(
      'RPO: acknowledged writes were lost, and the target of 0 s allows none.',
    );
  });

  it('says between what the truth lies, open ends too', () => {
    expect(rto({ value: 1_000, low: 990, high: null }, 5_000).reason).to.contain(
      'the truth lies between 990 ms and no upper bound.',
    );
    expect(share({ value: 0.97, low: null, high: 0.98 }, 0.5).reason).to.contain(
      'the truth lies between no lower bound and 98 %.',
    );
  });

  it('says how long it was watched, or that nothing was measured', () => {
    expect(rto({ ...NONE, low: 990 }, 5_000).reason).to.equal(
      'Service did not come back while it was watched (990 ms), which is less than the target of 5 s.',
    );
    expect(rto(NONE, 5_000).reason).to.equal('RTO was not measured.');
    expect(share({ ...NONE, high: 0.99 }, 0.5).reason).to.equal('Availability was not measured.');
    expect(share({ ...NONE, low: 0.4, high: 0.99 }, 0.5).reason).to.equal(
      'Availability was not measured.',
    );
  });

  it('says how far under a least it is', () => {
    expect(share({ value: 0.93, low: 0.92, high: 0.935 }, 0.95).reason).to.equal(
      'Availability 93 %, at most 93.5 %, is 1.5 points under its target of at least 95 %.',
    );
    expect(share({ ...NONE, high: 0.9 }, 0.95).reason).to.equal(
      'Availability 90 % is 5 points under its target of at least 95 %.',
    );
    const close = 0.951111; // shown as its target is
    expect(share({ value: close, low: close, high: close }, 0.951119).reason).to.contain(
      'Availability 95.1111 % is ',
    );
  });
});

describe('a doubt', () => {
  const targets = { rto_ms: 60_000, rpo_ms: 60_000, availability: 0.1 };
  const open = (...doubts: readonly Doubt[]) =>
    gatesOf({ ...plan.targets, ...targets }, { ...base, doubts })
      .filter(({ verdict }) => verdict === 'inconclusive')
      .map(({ name }) => name);
  const reason = 'The clock jumped.';

  it('leaves open what it is about, and nothing else', () => {
    expect(open()).to.deep.equal([]);
    expect(open({ affects: 'all', reason })).to.have.members([
      ...['rto', 'rpo', 'split_brain', 'availability'],
    ]);
    expect(open({ affects: 'recovery', reason })).to.have.members(['rto', 'availability']);
    expect(open({ affects: 'failback', reason })).to.deep.equal([]);
    expect(open({ affects: 'loss', reason })).to.have.members(['rpo', 'split_brain']);
    // Split-brain is counted over all stores, the RPO of each by itself.
    expect(open({ affects: 'loss', store: 'carts', reason })).to.deep.equal(['split_brain']);
    expect(open({ affects: 'loss', store: 'orders', reason })).to.include('rpo');
  });
});
