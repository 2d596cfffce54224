// Why a gate did not pass, in its sentence; and whose doubts leave it open.
import { expect } from 'chai';
import type { Doubt, Failback, Interval, Loss } from '../../src/drill/measurement.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { measure } from '../../src/measure/measure.ts';
import { gatesOf } from '../../src/verdict/gates.ts';
import { evidenceOf, plan } from '../support/evidence/synthetic.ts';

const base = measure(evidenceOf());
const gate = (name: string, targets: Partial<Plan['targets']>, figures = {}) =>
  gatesOf({ ...plan.targets, ...targets }, { ...base, ...figures }).find(
    (each) => each.name === name,
  )!;
const rto = (interval: Interval, rto_ms: number, figures = {}) =>
  gate('rto', { rto_ms }, { recovery: { ...base.recovery!, rto: interval }, ...figures });
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
  });

  it('is exact where what was measured and its target round alike', () => {
    const exactly = (value: number) => ({ value, low: value, high: value });
    expect(share(exactly(0.9511111), 0.9511119).reason).to.equal(
      'Availability 95.11111 % is 0.00008 points under its target of at least 95.11119 %.',
    );
    expect(rto(exactly(1_000.125), 1_000).reason).to.equal(
      'RTO 1000.125 ms is 0.1 ms over its target of 1000 ms.',
    );
    // The end that decides looks like the target, the value does not.
    expect(rto({ value: 1_100, low: 1_000.125, high: 1_100 }, 1_000).reason).to.equal(
      'RTO 1100 ms, at least 1000.125 ms, is 0.1 ms over its target of 1000 ms.',
    );
  });

  it('says how long was waited at the least, also where the most is known', () => {
    const waited = 'Service was not back after 15 s, over the RTO target of 5 s.';
    expect(rto({ ...NONE, low: 15_000 }, 5_000).reason).to.equal(waited);
    expect(rto({ ...NONE, low: 15_000, high: 20_000 }, 5_000).reason).to.equal(waited);
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

  it('of the loss leaves no time of the failback open, and one of the failback does', () => {
    const { loss, stores } = base;
    const failback: Failback = {
      ...{ protected_ms: 2_000, protected_how: 'rewound', switchover_ms: 200, pause_ms: 150 },
      ...{ outages: [], salvaged: 0, rto: { value: 150, low: 140, high: 152 }, loss, stores },
    };
    const verdict = (affects: Doubt['affects']) =>
      gate('failback_rto', { failback_rto_ms: 200 }, { failback, doubts: [{ affects, reason }] })
        .verdict;
    expect(verdict('loss')).to.equal('pass');
    expect(verdict('failback')).to.equal('inconclusive');
    expect(verdict('all')).to.equal('inconclusive');
  });

  it('takes no number away: what was measured stands beside it', () => {
    const doubts: Doubt[] = [{ affects: 'all', reason }];
    const { low, measured, high } = rto({ value: 600, low: 595, high: 602 }, 900, { doubts });
    expect([low, measured, high]).to.deep.equal([595, 600, 602]);
    expect(gate('rto', { rto_ms: 1 }, { recovery: null })).to.not.have.property('needs');
  });

  it('that a run ended early leaves no wait open that was over its target by then', () => {
    const early: Doubt = { affects: 'all', reason: 'The run was stopped.', endsEarly: true };
    const waited = (low: number | null, ...doubts: readonly Doubt[]) =>
      rto({ ...NONE, low }, 5_000, { doubts });
    expect(waited(5_000.125, early).verdict).to.equal('fail');
    expect(waited(5_000, early)).to.include({ verdict: 'inconclusive', reason: early.reason });
    expect(waited(null, early)).to.include({ verdict: 'inconclusive', reason: early.reason });
    const other = waited(9_000, early, { affects: 'all', reason });
    expect(other).to.include({ verdict: 'inconclusive', reason });
    // What was lost is no wait: more of it may have been about to come.
    const loss = lost({ rpo: { value: 9_000, low: 9_000, high: 9_000 } }, 3);
    const rpo = gate('rpo', { rpo_ms: 5_000 }, { ...loss, doubts: [early] });
    expect(rpo).to.include({ verdict: 'inconclusive', reason: early.reason });
  });
});
