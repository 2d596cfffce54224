// The steady state of a few operations, counted by hand: who is due, who is served, and how fast.
import { expect } from 'chai';
import {
  isServed,
  latencyP99,
  servedIn,
  steadyIn,
  steadyOf,
} from '../../../src/measure/service/steady.ts';
import { operationsOf, plan, type Op } from '../../support/evidence/synthetic.ts';

const WINDOW = { from_ms: 1_000, to_ms: 2_000 };
const rules = { sustain: plan.sustain, timeout_ms: 1_000 };
const HIT = 3_000;

let sequence = 0;
const op = (scheduled_ms: number, after_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer: 1, sequence: ++sequence, scheduled_ms, done_ms: scheduled_ms + after_ms },
  ...{ outcome: 'acknowledged', ...more },
});

describe('operations of a window', () => {
  it('are those of clients that were due in it, its start included and its end not', () => {
    const ops = [op(999, 1), op(1_000, 1), op(1_999, 1), op(2_000, 1)];
    const others = [op(1_500, 1, { kind: 'seed' }), op(1_500, 1, { kind: 'marker' })];
    const operations = operationsOf([...ops, ...others, op(1_500, 1, { kind: 'read' })]);
    expect(servedIn(operations, WINDOW, 100)).to.deep.equal({ due: 3, served: 3 });
  });

  it('are served where they were acknowledged in time since they were due, limit included', () => {
    const late = { sent_ms: 1_090, done_ms: 1_101 }; // waited for a turn: 11 ms are not all
    const operations = operationsOf([
      op(1_000, 100),
      op(1_000, 100.5),
      op(1_000, 0, late),
      op(1_000, 1, { outcome: 'refused' }),
      op(1_000, 1, { outcome: 'unknown' }),
      op(1_000, 1, { outcome: 'unsent' }),
    ]);
    const served = [0, 1, 2, 3, 4, 5].map((row) => isServed(operations, row, 100));
    expect(served).to.deep.equal([true, false, false, false, false, false]);
    expect(servedIn(operations, WINDOW, 100)).to.deep.equal({ due: 6, served: 1 });
  });

  it('are not decided where the first fault came before an answer, and before they were late', () => {
    const unanswered = { outcome: 'unknown', done_ms: null } as const;
    const undecided = (its: Op) => {
      const { due, decided } = steadyIn(operationsOf([its]), WINDOW, 100, 1_500);
      return due - decided === 1;
    };
    expect(undecided(op(1_450, 0, unanswered))).to.equal(true);
    expect(undecided(op(1_401, 0, unanswered))).to.equal(true);
    expect(undecided(op(1_400, 0, unanswered))).to.equal(false); // late by then
    expect(undecided(op(1_450, 20))).to.equal(false); // served
    expect(undecided(op(1_450, 50, { outcome: 'refused' }))).to.equal(false); // answered by then
    expect(undecided(op(1_450, 51, { outcome: 'refused' }))).to.equal(true);
    expect(undecided(op(1_450, 0, { outcome: 'unsent' }))).to.equal(false);
    expect(undecided(op(2_000, 0, unanswered))).to.equal(false); // not in the window
  });
});

describe('the p99 latency', () => {
  const spread = (count: number) =>
    operationsOf(Array.from({ length: count }, (_, at) => op(1_000 + at, count - at)));

  it('is the nearest rank', () => {
    expect(latencyP99(spread(1), WINDOW)).to.equal(1);
    expect(latencyP99(spread(100), WINDOW)).to.equal(99);
    expect(latencyP99(spread(101), WINDOW)).to.equal(100);
    expect(latencyP99(spread(200), WINDOW)).to.equal(198);
  });

  it('leaves out what was not acknowledged, or counts it with the time that is said', () => {
    const operations = operationsOf([
      op(1_000, 7),
      op(1_001, 3),
      op(1_002, 900, { outcome: 'unknown' }),
      op(2_000, 500),
      op(1_003, 600, { kind: 'seed' }),
    ]);
    expect(latencyP99(operations, WINDOW)).to.equal(7);
    expect(latencyP99(operations, WINDOW, 1_000)).to.equal(1_000);
    expect(latencyP99(operations, WINDOW, 5)).to.equal(7);
    expect(latencyP99(operations, { from_ms: 1_002, to_ms: 1_003 })).to.equal(null);
    expect(latencyP99(operations, { from_ms: 1_002, to_ms: 1_003 }, 50)).to.equal(50);
    expect(latencyP99(operations, { from_ms: 5_000, to_ms: 6_000 }, 50)).to.equal(null);
  });
});

describe('the steady rate', () => {
  const ops = [op(1_000, 2), op(1_250, 2), op(1_500, 2), op(1_750, 1, { outcome: 'refused' })];

  it('is what was served in a second', () => {
    const half = { from_ms: 1_000, to_ms: 1_500 };
    expect(steadyOf(operationsOf(ops), WINDOW, rules)).to.deep.equal({
      ...{ due: 4, served: 3, served_per_s: 3, p99_ms: 2, within_ms: 100 },
    });
    expect(steadyOf(operationsOf(ops), half, rules)!.served_per_s).to.equal(4);
  });

  it('takes what the fault did not let end for as good as the rest', () => {
    const open = op(1_990, 0, { outcome: 'unknown', done_ms: null });
    const operations = operationsOf([...ops, open]);
    expect(steadyOf(operations, WINDOW, rules, 2_001)!.served_per_s).to.equal((3 / 4) * 5);
    expect(steadyOf(operations, WINDOW, rules, HIT)!.served_per_s).to.equal(3);
  });

  it('is none without a window, and nothing where all were too late', () => {
    const operations = operationsOf(ops);
    expect(steadyOf(operations, { from_ms: 1_000, to_ms: 1_000 }, rules)).to.equal(null);
    expect(steadyOf(operations, { from_ms: 5_000, to_ms: 6_000 }, rules)).to.equal(null);
    const strict = { ...rules, sustain: { ...plan.sustain, within_ms: 1 } };
    expect(steadyOf(operations, WINDOW, strict)).to.include({ served: 0, served_per_s: 0 });
    const open = op(1_990, 50); // acknowledged after the fault, and not in time: nothing is decided
    const late = steadyOf(operationsOf([open]), WINDOW, { ...strict }, 1_990.5);
    expect(late).to.include({ due: 1, served: 0, served_per_s: 0 });
  });
});
