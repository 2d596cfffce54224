// Gates: one target against one interval, limits included.
import { expect } from 'chai';
import type { Measurement } from '../../src/measure/measured.ts';
import type { Interval } from '../../src/drill/measurement.ts';
import { measure } from '../../src/measure/measure.ts';
import { assess } from '../../src/verdict/assess.ts';
import { gatesOf } from '../../src/verdict/gates.ts';
import {
  drive,
  evidenceOf,
  goneFor,
  hangs,
  plan,
  TIMES,
  withTargets,
  type EvidenceParts,
  type Reply,
} from '../support/evidence/synthetic.ts';

const ops = drive(goneFor(600));
const result = (parts: EvidenceParts = {}) => assess(evidenceOf({ ops, ...parts }));

describe('a gate', () => {
  const base = measure(evidenceOf({ ops }));
  const rtoGate = (rto: Interval, target: number) => {
    const measurement: Measurement = { ...base, recovery: { ...base.recovery!, rto } };
    return gatesOf({ ...plan.targets, rto_ms: target }, measurement)[0]!;
  };
  const shareGate = (share: Interval, availability: number) => {
    const measurement = { ...base, recovery: { ...base.recovery!, availability: share } };
    return gatesOf({ ...plan.targets, availability }, measurement).at(-1)!;
  };
  const interval = { value: 1_000, low: 990, high: 1_000 };

  it('passes when the whole interval is inside, limits included', () => {
    expect(rtoGate(interval, 1_000).verdict).to.equal('pass');
  });

  it('fails when the whole interval is outside', () => {
    expect(rtoGate(interval, 989.875).verdict).to.equal('fail');
  });

  it('is inconclusive when the target lies in the interval, its lower limit included', () => {
    expect(rtoGate(interval, 990).verdict).to.equal('inconclusive');
    expect(rtoGate(interval, 999.875).verdict).to.equal('inconclusive');
  });

  it('does not pass without an upper bound', () => {
    expect(rtoGate({ value: null, low: 990, high: null }, 5_000).verdict).to.equal('inconclusive');
    expect(rtoGate({ value: null, low: 990, high: null }, 500).verdict).to.equal('fail');
  });

  it('never passes by what is no number', () => {
    const ends = [
      { ...interval, value: NaN },
      { ...interval, low: NaN },
      { ...interval, high: NaN },
    ];
    for (const rto of ends) expect(rtoGate(rto, 5_000).verdict).to.equal('inconclusive');
    expect(rtoGate(interval, NaN).verdict).to.equal('inconclusive');
    for (const end of ['value', 'low', 'high']) {
      const share = { value: 0.97, low: 0.96, high: 0.98, [end]: NaN };
      expect(shareGate(share, 0.5).verdict, end).to.equal('inconclusive');
    }
    expect(shareGate({ value: 0.97, low: 0.96, high: 0.98 }, NaN).verdict).to.equal('inconclusive');
  });

  it('with a least mirrors it: the whole interval has to reach the target', () => {
    const share = { value: 0.97, low: 0.96, high: 0.98 };
    const verdictAt = (target: number) => shareGate(share, target).verdict;
    expect([0.95, 0.96].map(verdictAt)).to.deep.equal(['pass', 'pass']);
    expect([0.961, 0.97, 0.98].map(verdictAt)).to.deep.equal(Array(3).fill('inconclusive'));
    expect([0.981, 1].map(verdictAt)).to.deep.equal(['fail', 'fail']);
    expect(shareGate({ ...share, low: null }, 0.5).verdict).to.equal('inconclusive');
    expect(shareGate({ ...share, high: null }, 0.99).verdict).to.equal('inconclusive');
    expect(shareGate(share, 0.97).reason).to.equal(
      'Availability 97 % cannot be told from its target of 97 %: the truth lies between 96 % and 98 %.',
    );
  });

  it('tells two numbers apart that round alike', () => {
    const close = { value: 1_000.125, low: 1_000.125, high: 1_000.125 };
    expect(rtoGate(close, 1_000).reason).to.contain('1000.125 ms').and.contain('1000 ms');
  });

  it('on the latency judges what was served after the outage', () => {
    expect(result({ plan: withTargets({ p99_latency_ms: 2 }) }).verdict).to.equal('pass');
    expect(result({ plan: withTargets({ p99_latency_ms: 1 }) }).verdict).to.equal('fail');
  });

  it('on the latency does not leave out what was too slow to be served, or never answered', () => {
    const slow = (now_ms: number, index: number): Reply => {
      const reply = goneFor(600)(now_ms, index);
      if (now_ms < TIMES.faultStarted + 5_000 || index % 60 !== 0) return reply;
      return index % 120 === 0 ? { ...reply, after_ms: 80 } : hangs;
    };
    const judged = (p99_latency_ms: number) => {
      const ops = drive(slow);
      return assess(evidenceOf({ ops, plan: withTargets({ p99_latency_ms }) }));
    };
    expect(judged(50).verdict).to.equal('fail');
    expect(judged(80).verdict).to.equal('pass');
  });

  it('on split-brain counts what is possible as uncertain', () => {
    const loss = { ...base.loss!, split_brain: 0, split_brain_possible: 1 };
    const stores = [{ store: 'orders', loss }] as const;
    const gate = gatesOf(plan.targets, { ...base, loss, stores }).find(
      ({ name }) => name === 'split_brain',
    )!;
    expect(gate.verdict).to.equal('inconclusive');
  });
});
