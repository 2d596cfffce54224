import { expect } from 'chai';
import type { TrialRule } from '../../src/drill/file/schema-repeat.ts';
import type { FailureCode } from '../../src/measure/measured.ts';
import type { Result, Verdict } from '../../src/verdict/result.ts';
import { judgeSeries, TRIALS_ASKED } from '../../src/verdict/series.ts';
import {
  interrupted,
  leftBehind,
  neverRecovered,
  notBroughtUp,
  passed,
  rtoGate,
} from '../support/evidence/results.ts';

const WORST: TrialRule = { gate: 'worst' };

/** A trial in which service was back after so long; the target is 15 s. */
function trial(rto_ms: number, change: Partial<Result> = {}): Result {
  const isMet = rto_ms <= rtoGate.target;
  const rto = { ...rtoGate, measured: rto_ms, low: rto_ms - 10, high: rto_ms };
  const missed = { code: 'target-missed', gate: 'rto', text: 'RTO is over its target.' } as const;
  return {
    ...passed,
    id: `run-${rto_ms}`,
    verdict: isMet ? 'pass' : 'fail',
    reasons: isMet ? [] : [missed.text],
    failures: isMet ? [] : [missed],
    gates: [{ ...rto, verdict: isMet ? 'pass' : 'fail' }],
    recovery: { ...passed.recovery!, rto_ms },
    drill: { ...passed.drill, seed: rto_ms },
    ...change,
  };
}

const judged = (trials: readonly (Result | null)[], rule: TrialRule = WORST) => {
  return judgeSeries({ id: 'series', rule, trials })!;
};
const verdictOf = (trials: readonly (Result | null)[], rule: TrialRule = WORST): Verdict => {
  return judged(trials, rule).verdict;
};

const GOOD = [2000, 3000, 4000].map((ms) => trial(ms));
const BAD = trial(16_000);
const NINE = { at_least: { met: 9, of: 10 } };
const ten = (...others: (Result | null)[]) => [
  ...Array.from({ length: 10 - others.length }, (_, at) => trial(2000 + at)),
  ...others,
];
const doubtful: Result = trial(2500, { verdict: 'inconclusive', reasons: ['Nobody knows.'] });

describe('the verdict over trials', () => {
  it('is a pass where every one met every target, and says by how much they differ', () => {
    const series = judged(GOOD);
    expect(series.verdict).to.equal('pass');
    expect(series.reasons).to.deep.equal([]);
    expect(series.rto_ms).to.deep.equal({ min: 2000, median: 3000, max: 4000, of: 3 });
    expect(series.gates[0]).to.deep.include({ met: 3, missed: 0, open: 0, decided: 4000 });
    expect(series.trials.map(({ rto_ms }) => rto_ms)).to.deep.equal([2000, 3000, 4000]);
  });

  it('is the worst trial’s unless the file says otherwise', () => {
    const series = judged([...GOOD, BAD]);
    expect(series.verdict).to.equal('fail');
    expect(series.reasons).to.deep.equal([
      '3 of 4 trials met the target rto, every one has to; 1 missed it.',
    ]);
  });

  it('goes by the trial in the middle, by nine of ten, by so many of so many', () => {
    expect(verdictOf([...GOOD, BAD], { gate: 'median' })).to.equal('pass');
    expect(verdictOf([GOOD[0]!, GOOD[1]!, BAD, BAD], { gate: 'median' })).to.equal('fail');
    expect(verdictOf([GOOD[0]!, BAD, BAD], { gate: 'median' })).to.equal('fail');
    expect(verdictOf(ten(BAD), { gate: 'p90' })).to.equal('pass');
    expect(verdictOf(ten(BAD, BAD), { gate: 'p90' })).to.equal('fail');
    expect(verdictOf(ten(BAD), NINE)).to.equal('pass');
    expect(verdictOf(ten(BAD, BAD), NINE)).to.equal('fail');
    expect(judged(ten(BAD), NINE).gates[0]!.decided, 'the ninth').to.equal(2008);
  });

  it('is open where too many trials are, and no pass of what was not made', () => {
    expect(verdictOf([...GOOD, null])).to.equal('inconclusive');
    expect(judged([...GOOD, null]).reasons).to.deep.equal([
      '3 of 4 trials met the target rto, every one has to; 1 was not made.',
    ]);
    expect(verdictOf(ten(null), NINE), 'nine were made and met it').to.equal('pass');
    expect(verdictOf(ten(null, null), NINE)).to.equal('inconclusive');
    expect(verdictOf(ten(null, BAD), NINE)).to.equal('inconclusive');
    expect(verdictOf(ten(BAD, BAD, null), NINE), 'whatever comes of it').to.equal('fail');
  });

  it('counts no target as met in a trial that is inconclusive, whatever its gates say', () => {
    expect(verdictOf([...GOOD, doubtful])).to.equal('inconclusive');
    expect(judged([...GOOD, doubtful]).reasons).to.include('run-2500: Nobody knows.');
    expect(verdictOf(ten(doubtful, BAD), NINE)).to.equal('inconclusive');
    expect(verdictOf(ten(doubtful), NINE), 'the file allows for one').to.equal('pass');
  });

  it('has what an inconclusive trial missed all the same', () => {
    const late = trial(16_000, { verdict: 'inconclusive' });
    expect(verdictOf([...GOOD, late])).to.equal('fail');
  });

  it('is the environment’s where that kept it open, and its own where a target was missed', () => {
    const broken = { ...notBroughtUp, id: 'broken' };
    expect(verdictOf([...GOOD, broken])).to.equal('environment');
    expect(verdictOf([...GOOD, broken, BAD])).to.equal('fail');
    expect(judged([...GOOD, broken, BAD]).reasons, 'nothing of what changed nothing').to.deep.equal(
      ['3 of 5 trials met the target rto, every one has to; 1 missed it; 1 could not be judged.'],
    );
    expect(verdictOf(ten(broken), NINE)).to.equal('pass');
  });

  const harms: readonly FailureCode[] = [
    'write-corrupt',
    'database-corrupt',
    'write-duplicated',
    'fence-open',
    'write-lost-after-recovery',
  ];
  for (const code of harms) {
    it(`is a fail for ${code}, whatever share of trials has to meet the targets`, () => {
      const text = 'Something was harmed.';
      const harmed = trial(2600, { verdict: 'fail', reasons: [text], failures: [{ code, text }] });
      for (const rule of [WORST, NINE, { gate: 'median' } as const]) {
        expect(verdictOf(ten(harmed), rule)).to.equal('fail');
      }
      expect(judged(ten(harmed), NINE).reasons).to.include(`run-2600: ${text}`);
    });
  }

  it('says what was harmed, whatever was missed beside it', () => {
    const text = 'Something was harmed.';
    const failures = [...BAD.failures, { code: 'write-corrupt', text } as const];
    const harmed = trial(16_000, { failures, reasons: [...BAD.reasons, text] });
    expect(judged(ten(harmed), NINE).reasons).to.deep.equal([`run-16000: ${text}`]);
  });

  it('has a trial whose recovery failed miss every target, and the file can allow for it', () => {
    const text = 'A step failed.';
    const failures = [{ code: 'recovery-step-failed', text }] as const;
    const failed = trial(2600, { verdict: 'fail', reasons: [text], failures });
    expect(verdictOf([...GOOD, failed])).to.equal('fail');
    expect(verdictOf(ten(failed), NINE)).to.equal('pass');
    expect(verdictOf(ten(failed, failed), NINE)).to.equal('fail');
  });

  it('is unclean where one of them is, and open where one was stopped, whatever the rule', () => {
    expect(verdictOf(ten({ ...leftBehind, id: 'left' }), NINE)).to.equal('unclean');
    const stopped = { ...interrupted, id: 'stopped' };
    expect(verdictOf([...GOOD, stopped])).to.equal('inconclusive');
    const { reasons } = judged([...GOOD, stopped, doubtful]);
    expect(reasons.slice(-2), 'in their order').to.deep.equal([
      ...[`stopped: ${stopped.reasons[0]}`, 'run-2500: Nobody knows.'],
    ]);
    const late = { ...stopped, gates: BAD.gates };
    expect(verdictOf([...GOOD, late]), 'it had missed by then').to.equal('fail');
  });

  it('is no pass with a trial that failed without saying why', () => {
    const silent = trial(2500, { verdict: 'fail', failures: [], reasons: [] });
    for (const rule of [WORST, NINE]) expect(verdictOf(ten(silent), rule)).to.equal('fail');
    expect(judged([silent]).gates[0]).to.include({ met: 0, missed: 1 });
  });

  it('is a pass under the strictest rule only where every trial is one', () => {
    const kinds = [trial(2000), BAD, doubtful, notBroughtUp, leftBehind, interrupted, trial(3000)];
    for (const one of kinds) {
      for (const other of kinds) {
        const isPass = verdictOf([one, other]) === 'pass';
        expect(isPass).to.equal(one.verdict === 'pass' && other.verdict === 'pass');
      }
    }
  });

  it('is open where the trials were made by unlike versions of drill', () => {
    const other = trial(2500, { drill_version: '9.9.9' });
    expect(verdictOf([...GOOD, other])).to.equal('inconclusive');
    expect(verdictOf([other, other])).to.equal('pass');
  });

  it('is open where the trials ran on unlike systems', () => {
    const runtime = { ...passed.runtime!, kind: 'compose' };
    expect(verdictOf([...GOOD, trial(2500, { runtime })])).to.equal('inconclusive');
    expect(judged([BAD, trial(2500, { runtime })]).reasons, 'and worst first').to.deep.equal([
      '1 of 2 trials met the target rto, every one has to; 1 missed it.',
      'The trials ran on unlike systems: embedded, PostgreSQL 18.4, proxy built-in; ' +
        'compose, PostgreSQL 18.4, proxy built-in.',
    ]);
  });

  it('claims nothing of other outages where all trials were one and the same', () => {
    const same = [2000, 2100].map((ms) => trial(ms, { drill: passed.drill }));
    expect(judged(same).gates[0]!.proves).to.equal(null);
  });

  it('counts a wait that never ended as the longest', () => {
    const never = trial(16_000, { recovery: { ...neverRecovered.recovery! } });
    const gates = never.gates.map((gate) => ({ ...gate, measured: null, high: null }));
    const series = judged([GOOD[0]!, { ...never, gates }]);
    expect(series.gates[0]!.measured).to.deep.equal({ min: 2000, median: null, max: null, of: 2 });
    expect(series.rto_ms).to.deep.equal({ min: 2000, median: null, max: null, of: 2 });
    const seen = judged([GOOD[0]!, BAD]).gates[0]!.measured;
    expect(seen, 'one that ended too late').to.deep.equal({
      ...{ min: 2000, median: 16_000, max: 16_000, of: 2 },
    });
  });

  it('is no pass of trials that all broke off, nor where the first one did', () => {
    const broken = { ...notBroughtUp, id: 'broken', gates: [], recovery: null };
    expect(verdictOf([broken, broken])).to.equal('environment');
    expect(judged([broken]).phases).to.deep.equal([]);
    expect(verdictOf([broken, ...GOOD])).to.equal('environment');
    expect(judged([broken, ...GOOD]).phases).not.to.deep.equal([]);
    const bare = { ...passed, gates: [], id: 'bare' };
    expect(verdictOf([bare, bare]), 'nothing was promised').to.equal('inconclusive');
  });

  it('is nothing before the first trial has a result', () => {
    expect(judgeSeries({ id: 'series', rule: WORST, trials: [null, null] })).to.equal(null);
  });

  it('says what so many trials prove, and never more for those that are open', () => {
    expect(judged(ten()).gates[0]!.proves).to.be.closeTo(0.741, 0.001);
    expect(judged(ten(doubtful)).gates[0]!.proves).to.be.closeTo(0.606, 0.001);
    expect(judged(ten(null)).gates[0]!.proves).to.be.closeTo(0.606, 0.001);
    expect(TRIALS_ASKED).to.equal(59);
  });

  it('sums up each phase over the trials that had it', () => {
    const phases = (ms: number | null) => {
      return { recovery: { ...passed.recovery!, phases: [{ name: 'detect', ms }] } };
    };
    const bare = trial(4, { recovery: { ...passed.recovery!, phases: [] } });
    const series = judged([trial(1, phases(5)), trial(2, phases(null)), trial(3, phases(9)), bare]);
    expect(series.phases).to.deep.equal([
      { name: 'detect', ms: { min: 5, median: 9, max: 9, of: 2 } },
    ]);
  });
});
