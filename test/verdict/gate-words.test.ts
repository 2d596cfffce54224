// A gate in words: what was measured, what was promised, and how far apart they are.
import { expect } from 'chai';
import { gateMargin, gateMeasured, gateTarget, marginOf } from '../../src/verdict/gate-words.ts';
import type { Gate } from '../../src/verdict/result.ts';
import { rtoGate } from '../support/evidence/results.ts';

const gate = (changes: Partial<Gate>): Gate => ({ ...rtoGate, ...changes });

describe('gate words', () => {
  it('counts spare room from the worst end of the interval', () => {
    const { measured, low, high } = { measured: 900, low: 700, high: 1000 };
    expect(gateMargin(gate({ target: 2000, measured, low, high }))).to.equal('1 s to spare (50 %)');
  });

  it('counts an overrun from the best end of the interval', () => {
    const failed = gate({ target: 1000, measured: 1300, low: 1200, high: 1400, verdict: 'fail' });
    expect(gateMargin(failed)).to.equal('over by 200 ms');
  });

  it('shows the end of the interval from which it counts, so that whoever subtracts agrees', () => {
    const rpo = gate({ name: 'rpo', target: 1000, measured: 12, low: 12, high: 69.6 });
    expect([gateMeasured(rpo), gateMargin(rpo)]).to.deep.equal([
      '12 ms, at most 70 ms',
      '930 ms to spare (93 %)',
    ]);
    const over = { target: 500, measured: 1317.6, low: 1273.4, high: 1317.6 };
    const rto = gate({ ...over, verdict: 'fail' });
    expect([gateMeasured(rto), gateMargin(rto)]).to.deep.equal([
      '1.32 s, at least 1.27 s',
      'over by 770 ms (2.5 ×)',
    ]);
    expect(marginOf(rpo)).to.be.closeTo(930.4, 1e-6);
    expect(marginOf(rto)).to.be.closeTo(-773.4, 1e-6);
  });

  it('shows no end that does not decide, or looks like the value', () => {
    expect(gateMeasured(gate({ measured: 900, low: 700, high: 900 }))).to.equal('900 ms');
    expect(gateMeasured(gate({ measured: 2310, low: 2306, high: 2312 }))).to.equal('2.31 s');
    const open = gate({ measured: 900, low: 700, high: 1000, verdict: 'inconclusive' });
    expect([gateMeasured(open), marginOf(open)]).to.deep.equal(['900 ms', null]);
  });

  it('says of the latency of when it speaks', () => {
    const p99 = gate({ name: 'p99_latency', target: 50, measured: 10, low: 10, high: 10 });
    expect(gateMeasured(p99)).to.equal('10 ms after the recovery');
    expect(gateMargin(p99)).to.equal('40 ms to spare (80 %)');
  });

  it('writes nothing at all in one way, and something never as nothing', () => {
    const zero = gate({ target: 0, measured: 0, low: 0, high: 0 });
    expect([gateMeasured(zero), gateTarget(zero)]).to.deep.equal(['0 s', 'target 0 s']);
    expect(gateMeasured({ ...zero, measured: 0.04, low: 0.04, high: 0.04 })).to.equal(
      'under 0.1 ms',
    );
  });

  it('never claims all of the target as spare when something was measured', () => {
    expect(gateMargin(gate({ target: 60_000, measured: 1, low: 1, high: 1 }))).to.match(/\(99 %\)/);
  });

  it('says how a limit that is met exactly was met', () => {
    expect(gateMargin(gate({ target: 2310 }))).to.equal('met exactly');
    const none = { unit: 'writes', target: 0, measured: 0, low: 0, high: 0 } as const;
    expect(gateMargin(gate(none))).to.equal('met exactly');
  });

  it('says of a least what is above it and what is missing', () => {
    const share = { name: 'availability', unit: 'share', bound: 'at least', target: 0.95 } as const;
    const met = gate({ ...share, measured: 0.9527, low: 0.952, high: 0.96 });
    expect(gateMeasured(met)).to.equal('95.27 %, at least 95.2 %');
    expect(gateTarget(met)).to.equal('at least 95 %');
    expect(gateMargin(met)).to.equal('0.2 points to spare');
    expect(gateMargin({ ...met, low: 0.95 })).to.equal('met exactly');
    const under = { ...met, measured: 0.93, low: 0.92, high: 0.935, verdict: 'fail' } as const;
    expect(gateMargin(under)).to.equal('missed by 1.5 points');
    expect(gateMargin({ ...under, verdict: 'inconclusive' })).to.equal('between 92 % and 93.5 %');
  });

  it('says of a slow-down how much slower it is, and of what is allowed', () => {
    const slower = { name: 'rto_regression', unit: 'share', target: 0.2 } as const;
    const over = gate({ ...slower, measured: 0.5, low: 0.5, high: 0.5, verdict: 'fail' });
    const words = (one: Gate) => [gateMeasured(one), gateTarget(one), gateMargin(one)];
    expect(words(over)).to.deep.equal(['50 % slower', 'at most 20 % slower', 'over by 30 points']);
    const within = gate({ ...slower, measured: 0.05, low: 0.05, high: 0.05 });
    expect(words(within)).to.deep.equal([
      ...['5 % slower', 'at most 20 % slower', '15 points to spare'],
    ]);
  });

  it('gives the reason of an inconclusive gate, else the interval', () => {
    const open = { verdict: 'inconclusive', target: 2305 } as const;
    expect(gateMargin(gate({ ...open, reason: 'no operations' }))).to.equal('no operations');
    expect(gateMargin(gate(open))).to.equal('between 2.3 s and 2.31 s');
    expect(gateMargin(gate({ ...open, high: null }))).to.equal('between 2.3 s and any time later');
  });

  it('never shows a number where nothing was measured', () => {
    expect(gateMeasured(gate({ measured: null, low: null, high: null }))).to.equal('not measured');
    expect(gateMeasured(gate({ measured: null, low: 60_000, high: null }))).to.equal(
      'over 1 m 00 s',
    );
  });

  it('says over what a wait was that never ended, and nothing of one that had not begun', () => {
    const never = { measured: null, high: null } as const;
    expect(gateMeasured(gate({ ...never, low: 0 }))).to.equal('not measured');
    expect(gateMeasured(gate({ ...never, low: 40 }))).to.equal('over 40 ms');
  });

  it('says nothing of how far apart they are where there is no number, or no reason', () => {
    const open = { verdict: 'inconclusive', reason: null } as const;
    expect(gateMargin(gate({ ...open, measured: null, low: 700 }))).to.equal('');
    expect(gateMargin(gate({ ...open, low: null }))).to.equal('');
    // Writes were lost, and their age rounds to the nothing that is allowed.
    const rounded = { target: 0, measured: 0, low: 0, high: 0, verdict: 'fail' } as const;
    expect(gateMargin(gate(rounded))).to.equal('');
  });

  it('counts writes: one, several, thousands, and those that are too many', () => {
    const lost = (count: number, target: number) =>
      gate({
        ...{ name: 'lost_writes', unit: 'writes', target, verdict: 'fail' },
        ...{ measured: count, low: count, high: count },
      });
    const told = [lost(1, 0), lost(12, 0), lost(5, 2), lost(2_412, 1)];
    expect(told.map(gateMeasured)).to.deep.equal([
      '1 write',
      '12 writes',
      '5 writes',
      '2,412 writes',
    ]);
    expect(told.map(gateTarget).slice(1)).to.deep.equal([
      ...['target 0 writes', 'target 2 writes', 'target 1 write'],
    ]);
    expect(told.map(gateMargin)).to.deep.equal([
      ...['1 write too many', '12 writes too many', '3 writes too many', '2,411 writes too many'],
    ]);
  });

  it('says how many times over a target it is, from twice on, and none of no target', () => {
    const over = (measured: number, target: number) =>
      gateMargin(gate({ target, measured, low: measured, high: measured, verdict: 'fail' }));
    expect(over(199, 100)).to.equal('over by 99 ms');
    expect(over(200, 100)).to.equal('over by 100 ms (2.0 ×)');
    expect(over(990, 100)).to.equal('over by 890 ms (9.9 ×)');
    expect(over(1_000, 100)).to.equal('over by 900 ms (10 ×)');
    expect(over(30, 0)).to.equal('over by 30 ms');
  });

  it('says that all of a target is to spare only where nothing was measured', () => {
    const spare = (measured: number) =>
      gateMargin(gate({ target: 60_000, measured, low: measured, high: measured }));
    expect(spare(0)).to.equal('1 m 00 s to spare (100 %)');
    expect(spare(600)).to.equal('59.4 s to spare (99 %)');
    expect(spare(30_000)).to.equal('30 s to spare (50 %)');
  });

  it('of which this version knows nothing is shown all the same', () => {
    const old = gate({ name: 'of_old', target: 9, measured: 5, low: 5, high: 5 });
    expect([gateMeasured(old), gateTarget(old)]).to.deep.equal(['5 ms', 'target 9 ms']);
  });
});
