// A file of a series that lost, swapped or eased its trials is no green.
import { expect } from 'chai';
import type { TrialRule } from '../../src/drill/file/schema-repeat.ts';
import type { Result } from '../../src/verdict/result.ts';
import { judgeSeries } from '../../src/verdict/series.ts';
import { hasLostTrials } from '../../src/verdict/series-seal.ts';
import { passed } from '../support/evidence/results.ts';

const WORST: TrialRule = { gate: 'worst' };

function trial(number: number, of: number, change: Partial<Result['drill']> = {}): Result {
  const own = { series_seed: 1, moved_ms: 0, within_ms: 250, number, of, needed: of };
  return { ...passed, id: `run-${number}`, drill: { ...passed.drill, trial: own, ...change } };
}

const judged = (trials: readonly (Result | null)[], rule: TrialRule = WORST) =>
  judgeSeries({ id: 'series', rule, trials })!;
const WHOLE = [0, 1, 2].map((number) => trial(number, 3));
const [FIRST, SECOND, THIRD] = WHOLE as [Result, Result, Result];

describe('the trials of a series', () => {
  it('pass where they are those that were begun, and where nobody told them', () => {
    expect(judged(WHOLE).verdict).to.equal('pass');
    expect(judged([passed, passed]).verdict, 'of an older version').to.equal('pass');
  });

  it('are those that were begun where one of them was not made or does not count', () => {
    const { reasons } = judged([FIRST, null, THIRD]);
    expect(reasons.join()).not.to.include('as it began');
  });

  it('prove nothing where one was taken out, wherever it stood', () => {
    for (const left of [[FIRST, SECOND], [FIRST, THIRD], [THIRD]]) {
      const { verdict, reasons } = judged(left);
      expect(verdict).to.equal('inconclusive');
      expect(reasons.join()).to.include(`of 3 trials, and the series has ${left.length}`);
    }
    expect(hasLostTrials([THIRD]), 'one of three').to.equal(true);
    expect(hasLostTrials([passed]), 'one run, of no series').to.equal(false);
    expect(hasLostTrials([trial(0, 1)]), 'one of one').to.equal(false);
    expect(hasLostTrials([FIRST, SECOND]), 'a series still').to.equal(false);
    expect(hasLostTrials([null]), 'not made').to.equal(false);
    expect(hasLostTrials([]), 'nothing at all').to.equal(false);
  });

  it('prove nothing where one stands in the place of another', () => {
    expect(judged([FIRST, SECOND, SECOND]).verdict).to.equal('inconclusive');
    const { verdict, reasons } = judged([SECOND, FIRST, THIRD]);
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.include(
      'run-1 was begun as trial 2, and the series has it as trial 1',
    );
  });

  it('prove nothing where one was begun in another series', () => {
    const of = (series: string) => {
      return WHOLE.map((each) => {
        return { ...each, drill: { ...each.drill, trial: { ...each.drill.trial!, series } } };
      });
    };
    const [own, others] = [of('series'), of('another')];
    expect(judged(own).verdict).to.equal('pass');
    const { verdict, reasons } = judged(own.with(1, others[1]!));
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.include('run-1 was begun as a trial of the series another');
  });

  it('prove nothing where the rule asks for less than it did', () => {
    const { verdict, reasons } = judged(WHOLE, { at_least: { met: 1, of: 3 } });
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.include('3 had to meet a target, and the series asks for 1');
  });

  it('prove nothing where one is of another drill, or has an easier target', () => {
    const other = trial(2, 3, { sha256: 'another' });
    expect(judged([FIRST, SECOND, other]).reasons.join()).to.include('of another drill');
    const gates = THIRD.gates.map((gate) => ({ ...gate, target: gate.target * 4 }));
    const eased = judged([FIRST, SECOND, { ...THIRD, gates }]);
    expect(eased.verdict).to.equal('inconclusive');
    expect(eased.reasons.join()).to.include('another target');
  });

  it('still fail where one failed: what was missed was missed', () => {
    const gates = THIRD.gates.map((gate) => ({ ...gate, verdict: 'fail' as const }));
    const failed: Result = { ...THIRD, verdict: 'fail', gates };
    expect(judged([FIRST, failed]).verdict).to.equal('fail');
  });
});
