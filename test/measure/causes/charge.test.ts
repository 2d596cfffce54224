// The time of a phase, charged to stretches that overlap, reach beyond it, or leave some of it over;
// and phases that end by their marks, or by service that was back before.
import { expect } from 'chai';
import type { Cause } from '../../../src/drill/cause.ts';
import type { Recovery } from '../../../src/drill/measurement.ts';
import { causesOf } from '../../../src/measure/causes/causes.ts';
import { largestOf, type Stretch } from '../../../src/measure/causes/charge.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { journal, operationsOf, plan, TIMES } from '../../support/evidence/synthetic.ts';

const SPAN = { from_ms: 100, to_ms: 200 };
const step = (name: string, from_ms: number, to_ms: number): Stretch => {
  return { from_ms, to_ms, cause: { kind: 'step', step: name } };
};
const charged = (...stretches: Stretch[]) => {
  const found = largestOf(SPAN, stretches);
  return found === null ? null : [(found as Cause & { step: string }).step, found.ms];
};

describe('the time of a phase', () => {
  it('is that of the longest stretch in it, of which only that within it counts', () => {
    expect(charged(step('a', 100, 140), step('b', 140, 200))).to.deep.equal(['b', 60]);
    expect(charged(step('a', 0, 160), step('b', 160, 900))).to.deep.equal(['a', 60]);
    expect(charged(step('a', 0, 900))).to.deep.equal(['a', 100]);
  });

  it('belongs to the first of the list where two overlap', () => {
    const [whole, part] = [step('whole', 100, 200), step('part', 110, 180)];
    expect(charged(part, whole)).to.deep.equal(['part', 70]);
    expect(charged(whole, part)).to.deep.equal(['whole', 100]);
    expect(charged(step('a', 100, 145), whole)).to.deep.equal(['whole', 55]);
  });

  it('is nobody’s where more of it is left over, and a cause’s where as much is', () => {
    expect(charged(step('a', 100, 149))).to.equal(null);
    expect(charged(step('a', 100, 150))).to.deep.equal(['a', 50]);
    expect(charged()).to.equal(null);
  });

  it('is nothing of what was before it, after it, or over at once', () => {
    const all = step('all', 100, 200);
    for (const other of [step('a', 0, 100), step('a', 200, 300), step('a', 150, 150)]) {
      expect(charged(other, all)).to.deep.equal(['all', 100]);
      expect(charged(other)).to.equal(null);
    }
  });
});

describe('the cause of a phase', () => {
  const { faultStarted } = TIMES;
  const run = new Timeline({ ...plan, declare: { by: 'operator' } }, journal());
  const clients = {
    ...{ operations: operationsOf([]), nodes: [[]], lost: 'east', started_ms: faultStarted },
    ...{ isServed: () => true, within_ms: 100, timeout_ms: 1_000, ttl_ms: 1_000 },
  };
  const causes = (marks: Partial<Recovery['marks']>, ms: readonly number[], rto: number | null) => {
    const names = ['detect', 'decide', 'fence', 'promote'] as const;
    const phases = names.map((name, at) => ({ name, ms: ms[at] ?? null }));
    const all = { marks: marks as Recovery['marks'], phases };
    const measured = { ...all, rto: { value: rto, low: 0, high: null } };
    return causesOf(run, run.disaster!, measured, clients).map(({ phase, kind, ms: took }) => {
      return [phase, kind, took];
    });
  };
  const marks = { detected: faultStarted + 50, declared: faultStarted + 400 };

  it('is told where it took time, by its own mark', () => {
    expect(causes(marks, [50, 350], 900)).to.deep.equal([['decide', 'declared-by-operator', 350]]);
    expect(causes(marks, [50, 0], 900)).to.deep.equal([]);
  });

  it('is told where service was never back', () => {
    expect(causes(marks, [50, 350], null)).to.deep.equal([['decide', 'declared-by-operator', 350]]);
  });

  it('is that service was back before the mark, once', () => {
    const late = { ...marks, declared: faultStarted + 700, fenced: faultStarted + 800 };
    expect(causes(late, [50, 550, 0], 600)).to.deep.equal([['decide', 'service-back', 550]]);
    const just = { ...marks, declared: faultStarted + 600 };
    expect(causes(just, [50, 550], 600)).to.deep.equal([['decide', 'declared-by-operator', 550]]);
  });
});
