// Recovery against its own past: the gate of one run, and that of all trials of a series together.
import { expect } from 'chai';
import type { ChosenBaseline } from '../../src/drill/baseline.ts';
import { exactly } from '../../src/drill/gate/gate.ts';
import type { Interval } from '../../src/drill/measurement.ts';
import { measure } from '../../src/measure/measure.ts';
import { straddles } from '../../src/verdict/gates.ts';
import { judge } from '../../src/verdict/judge.ts';
import type { Gate, Result } from '../../src/verdict/result.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { comparableRto } from '../../src/verdict/series-regression.ts';
import { passed, rtoGate } from '../support/evidence/results.ts';
import { evidenceOf, journal, plan } from '../support/evidence/synthetic.ts';

const past = (rto_ms: number, runs = 20): ChosenBaseline['samples'] =>
  Array.from({ length: runs }, (_, at) => ({ run: `past-${at}`, rto_ms }));
const chosen = (of: Partial<ChosenBaseline>): ChosenBaseline => ({
  ...{ from: 'median:20', judged: 'run', allowed: 0.2, samples: past(1_000) },
  ...{ unlike: [], lacks: null, ...of },
});

describe('a run against its past', () => {
  const sound = measure(evidenceOf());
  const judged = (rto: Interval, baseline: ChosenBaseline | null, rto_regression = 0.2) => {
    const targets = { ...plan.targets, rto_regression };
    const recovery = { ...sound.recovery!, rto };
    return judge({ ...plan, targets }, journal(), { ...sound, recovery, baseline });
  };
  const gateOf = ({ gates }: Pick<Result, 'gates'>) =>
    gates.find(({ name }) => name === 'rto_regression');

  it('fails where it got slower, with the reason of the rule and with its past', () => {
    const baseline = chosen({});
    const result = judged(exactly(2_000), baseline);
    const reason =
      'RTO 2 s is 100 % slower than its past (1 s in the middle of 20); 20 % are allowed. ' +
      'That is no chance (p = 0.048).';
    expect(gateOf(result)).to.deep.include({ verdict: 'fail', measured: 1, reason });
    expect(result).to.deep.include({ verdict: 'fail', reasons: [reason], baseline });
  });

  it('passes by the same rule, whatever its gate would say of such a number', () => {
    expect(gateOf(judged(exactly(1_200), chosen({})))).to.include({
      verdict: 'pass',
      reason: null,
    });
    expect(judged(exactly(1_200), chosen({})).verdict).to.equal('pass');
    const open = gateOf(judged(exactly(1_200), null))!;
    expect(open.verdict, 'without a past').to.equal('inconclusive');
  });

  it('of a series is judged with the other trials, and has no such gate of its own', () => {
    const result = judged(exactly(2_000), chosen({ judged: 'series' }));
    expect(gateOf(result)).to.equal(undefined);
    expect(result.verdict).to.equal('pass');
  });

  it('says what its past was made with, and who judges it, where the drill has such a target', () => {
    const unlike = ['The past was made with PostgreSQL 17.'];
    const rule = 'The target rto_regression is judged over all trials of the series together.';
    const notes = (of: Partial<ChosenBaseline>) => {
      return judged(exactly(1_000), chosen({ unlike, ...of })).notes.slice(-2);
    };
    expect(notes({ judged: 'series' })).to.deep.equal([rule, ...unlike]);
    expect(notes({}).at(-1)).to.equal(unlike[0]);
    expect(notes({}).join()).to.not.include('over all trials');
    const without = judge(plan, journal(), { ...sound, baseline: chosen({ unlike }) });
    expect(without.notes.join(), 'no such target').to.not.include(unlike[0]);
    expect(judged(exactly(1_000), null)).to.not.have.property('baseline');
  });
});

describe('trials against their past', () => {
  const trials = (baseline: ChosenBaseline | undefined, ...rtos: number[]): Result[] =>
    rtos.map((measured, at) => {
      const ended = Number.isFinite(measured) ? measured : null;
      const verdict = ended === null ? 'fail' : 'pass';
      const gate: Gate = { ...rtoGate, measured: ended, low: measured, high: ended, verdict };
      const drill = { ...passed.drill, seed: at };
      return { ...passed, id: `run-${at}`, drill, gates: [gate], ...(baseline && { baseline }) };
    });
  const judged = (results: readonly (Result | null)[]) =>
    judgeSeries({ id: 'series', rule: { gate: 'worst' }, trials: results })!;
  const gateOf = (results: readonly (Result | null)[]) =>
    judged(results).gates.find(({ name }) => name === 'rto_regression');
  const series = (of: Partial<ChosenBaseline> = {}) => chosen({ judged: 'series', ...of });
  const counts = { unit: 'share', bound: 'at most', target: 0.2, proves: null };

  it('miss it together where they got slower', () => {
    const results = trials(series(), 1_400, 1_500, 1_600);
    const gate = gateOf(results)!;
    const { regression } = gate;
    const of = { min: 0.5, median: 0.5, max: 0.5, of: 3 };
    expect(gate).to.deep.include({ ...counts, verdict: 'fail', met: 0, missed: 3, open: 0 });
    expect(gate).to.deep.include({ measured: of, decided: 0.5, reason: regression!.reason });
    expect(regression).to.include({ slower: 0.5, now: 3, past: 20, now_ms: 1_500 });
    expect(judged(results)).to.include({ verdict: 'fail' });
    expect(judged(results).reasons[0]).to.match(/^RTO 1\.5 s, in the middle of 3 trials, is 50 %/);
  });

  it('meet it together where they did not', () => {
    const gate = gateOf(trials(series(), 900, 1_000, 1_100))!;
    expect(gate).to.deep.include({ ...counts, verdict: 'pass', met: 3, missed: 0, open: 0 });
    expect(gate.reason).to.equal(null);
  });

  it('leave it open where nothing can be told, and count those that were made', () => {
    const few = gateOf(trials(series({ samples: past(1_000, 2) }), 900, 1_000, 1_100))!;
    expect(few).to.include({ verdict: 'inconclusive', met: 0, missed: 0, open: 3 });
    const made = trials(series(), 900, 1_000, 1_000);
    const lacking = gateOf([null, ...made])!;
    expect(lacking, 'whatever it would have been').to.include({ verdict: 'pass', met: 4 });
    expect(lacking.measured!.of).to.equal(3);
    const half = gateOf([null, null, ...made.slice(1)]);
    expect(half, 'with the slowest that they can be').to.include({ verdict: 'inconclusive' });
  });

  it('that never came back have no number', () => {
    const gate = gateOf(trials(series(), Infinity, Infinity, 900))!;
    expect(gate).to.include({ verdict: 'fail', measured: null, decided: null });
  });

  it('have no such gate where no past was chosen for all of them', () => {
    expect(gateOf(trials(undefined, 900, 900))).to.equal(undefined);
    expect(gateOf(trials(chosen({}), 900, 900))).to.equal(undefined);
  });
});

describe('a recovery time to compare by', () => {
  const of = (gate: Partial<Gate>, result: Partial<Result> = {}) =>
    comparableRto({ ...passed, gates: [{ ...rtoGate, ...gate }], ...result });
  const open = {
    verdict: 'inconclusive',
    measured: 900,
    low: 800,
    high: 1_000,
    target: 900,
  } as const;

  it('is what was measured, or a wait that never ended', () => {
    expect(of({ measured: 900 })).to.equal(900);
    expect(of({ measured: 900, verdict: 'fail' })).to.equal(900);
    expect(of({ measured: null, verdict: 'fail' })).to.equal(Infinity);
    const reason = straddles({ ...rtoGate, ...open, title: 'RTO' });
    expect(of({ ...open, reason }), 'an error bar over its target').to.equal(900);
    expect(of({ measured: 900 }, { recovery: null })).to.equal(900);
  });

  it('is none where there is no run, no target, nobody who watched it, or a doubt', () => {
    expect(comparableRto(null)).to.equal(null);
    expect(of({ name: 'rpo' })).to.equal(null);
    expect(of({ measured: null, verdict: 'pass' })).to.equal(null);
    const recovery = { ...passed.recovery!, stopped_after_ms: 4_000 };
    expect(of({ verdict: 'fail' }, { recovery })).to.equal(null);
    expect(of({ ...open, reason: 'The clock jumped.' })).to.equal(null);
  });
});
