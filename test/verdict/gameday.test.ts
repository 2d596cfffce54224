import { expect } from 'chai';
import type { DayDrill, DayOutcome } from '../../src/evidence/gameday-form.ts';
import { dayVerdict, judgeDayDrill, notRun } from '../../src/verdict/gameday.ts';
import type { Result } from '../../src/verdict/result.ts';
import { passed, rtoGate } from '../support/evidence/results.ts';

const rpoGate = passed.gates[1]!;
const missed = (gate: string) => {
  return { code: 'target-missed', gate, text: `${gate} is over its target.` } as const;
};

/** A run that missed these targets, and met the others. */
function run(id: string, ...gates: string[]): Result {
  const failures = gates.map(missed);
  return {
    ...passed,
    id,
    drill: { ...passed.drill, seed: Number(id) },
    verdict: gates.length === 0 ? 'pass' : 'fail',
    reasons: failures.map(({ text }) => text),
    failures,
    gates: [rtoGate, rpoGate].map((gate) => {
      return gates.includes(gate.name) ? { ...gate, verdict: 'fail' as const } : gate;
    }),
  };
}

const judged = (trials: readonly (Result | null)[], findings: Record<string, string> = {}) => {
  return judgeDayDrill({ id: 'day-1', rule: { gate: 'worst' }, trials }, findings);
};

describe('the verdict of a drill of a game day', () => {
  it('is that of its trials where nothing is known of its gates', () => {
    expect(judged([run('1')])).to.deep.include({ verdict: 'pass', measured: 'pass', reasons: [] });
    const failed = judged([run('1', 'rto')]);
    expect(failed).to.include({ verdict: 'fail', measured: 'fail' });
    expect(failed.reasons).to.deep.equal(['rto is over its target.']);
    expect(judged([run('1'), null])).to.include({ verdict: 'inconclusive' });
  });

  it('is a pass where nothing failed but what is known to, and says so', () => {
    const known = judged([run('1', 'rto'), run('2', 'rto')], { rto: 'OPS-1' });
    expect(known).to.include({ verdict: 'pass', measured: 'fail' });
    expect(known.reasons.join()).to.match(/^Known \(OPS-1\): 0 of 2 trials met the target rto/);
    expect(known.gates.map(({ name, finding }) => [name, finding])).to.deep.equal([
      ['rto', 'OPS-1'],
      ['rpo', null],
    ]);
  });

  it('is a fail where a gate that is known to fail passes', () => {
    const mended = judged([run('1')], { rto: 'OPS-1' });
    expect(mended).to.include({ verdict: 'fail', measured: 'pass' });
    expect(mended.reasons[0]).to.equal(
      'rto passes, and is known to fail (OPS-1): take its finding away.',
    );
  });

  it('is a fail where anything else failed beside what is known', () => {
    expect(judged([run('1', 'rto', 'rpo')], { rto: 'OPS-1' }).verdict).to.equal('fail');
    const failures = [{ code: 'write-corrupt', text: 'A write is altered.' } as const];
    const harmed = { ...run('1', 'rto'), failures: [missed('rto'), ...failures] };
    expect(judged([harmed], { rto: 'OPS-1' }).verdict).to.equal('fail');
    const untold = { ...run('1', 'rto'), failures: [] };
    expect(judged([untold], { rto: 'OPS-1' }).verdict).to.equal('fail');
    const nameless = { code: 'target-missed', text: 'A target was missed.' } as const;
    expect(judged([{ ...run('1', 'rto'), failures: [nameless] }], { rto: 'x' }).verdict).to.equal(
      'fail',
    );
    // One trial of two failed by what is not known.
    expect(judged([run('1', 'rto'), run('2', 'rpo')], { rto: 'OPS-1' }).verdict).to.equal('fail');
  });

  it('is a fail where something is in doubt that no gate shows', () => {
    const one = run('1', 'rto');
    const doubted = { ...one, reasons: [...one.reasons, 'A marker is not among the survivors.'] };
    expect(judged([one], { rto: 'OPS-1' }).verdict).to.equal('pass');
    expect(judged([doubted], { rto: 'OPS-1' }).verdict).to.equal('fail');
  });

  describe('where the failure of every target is known', () => {
    const both = { rto: 'OPS-1', rpo: 'OPS-2' };
    const first = run('1', 'rto', 'rpo');
    const beside = (second: Result | null) => judged([first, second], both).verdict;

    it('is a pass by what is known alone, and tells each in the words of the trial', () => {
      const why = 'RTO of 20 s is over its target.';
      const gates = first.gates.map((gate) => ({
        ...gate,
        reason: gate.name === 'rto' ? why : null,
      }));
      expect(judged([{ ...first, gates }], both)).to.deep.include({
        verdict: 'pass',
        reasons: [`Known (OPS-1): ${why}`, 'Known (OPS-2): rpo was missed.'],
      });
      expect(beside(run('2', 'rto'))).to.equal('pass');
      expect(beside(run('2'))).to.equal('pass');
    });

    it('is a fail by all else that one of the trials failed by', () => {
      const second = run('2', 'rto', 'rpo');
      const failing = (...failures: Result['failures']) => beside({ ...second, failures });
      const text = 'A write is altered.';
      expect(failing(missed('rto'), { code: 'write-corrupt', text })).to.equal('fail');
      expect(failing({ code: 'write-corrupt', gate: 'rto', text })).to.equal('fail');
      expect(failing(missed('rto'), missed('p99_latency'))).to.equal('fail');
      expect(failing()).to.equal('fail');
    });

    it('is a fail where one of them proved nothing, or was not made', () => {
      const open: Result = { ...run('2'), verdict: 'inconclusive', failures: [missed('rto')] };
      expect(beside(open)).to.equal('fail');
      expect(beside(null)).to.equal('fail');
    });
  });

  it('is a fail by a target of the series that no trial names', () => {
    const silent = { ...run('1', 'rto', 'rpo'), failures: [missed('rto')] };
    expect(judged([silent], { rto: 'OPS-1' }).verdict).to.equal('fail');
  });

  it('says of a drill that failed otherwise, too, that a finding is mended', () => {
    const { verdict, reasons } = judged([run('1', 'rpo')], { rto: 'OPS-1' });
    expect(verdict).to.equal('fail');
    expect(reasons).to.deep.equal([
      'rto passes, and is known to fail (OPS-1): take its finding away.',
      'rpo is over its target.',
    ]);
  });

  it('stays open where trials are not of one drill, whatever is known', () => {
    const other = { ...run('2'), drill: { ...run('2').drill, sha256: 'other' } };
    for (const findings of [{}, { rto: 'OPS-1' }]) {
      expect(judged([run('1'), other], findings).verdict).to.equal('inconclusive');
    }
  });

  it('has the reasons of the series where one trial says less', () => {
    const sealed = { series_seed: 1, moved_ms: 0, within_ms: 0, number: 0, of: 3, needed: 3 };
    const one = run('1');
    const { verdict, reasons } = judged([{ ...one, drill: { ...one.drill, trial: sealed } }]);
    expect(verdict).to.equal('inconclusive');
    expect(reasons).to.have.length(1);
  });

  it('has the reasons of the series where there are several trials', () => {
    expect(judged([run('1', 'rto'), run('2')])).to.deep.include({
      ...{ verdict: 'fail', trials: { made: 2, planned: 2 } },
      reasons: ['1 of 2 trials met the target rto, every one has to; 1 missed it.'],
    });
  });

  it('is not mended, and no pass, where nothing was proved', () => {
    const open: Result = { ...run('1'), verdict: 'inconclusive', reasons: ['Nobody knows.'] };
    expect(judged([open], { rto: 'OPS-1' })).to.include({ verdict: 'inconclusive' });
    expect(judged([null], { rto: 'OPS-1' })).to.deep.include({
      verdict: 'inconclusive',
      reasons: ['No trial has a result.'],
      trials: { made: 0, planned: 1 },
    });
    expect(judged([run('1', 'rto'), open], { rto: 'OPS-1' }).verdict).to.not.equal('pass');
  });

  it('tells the longest recovery and the largest loss, or nothing where one is not known', () => {
    const loss = { ...passed.loss!, rpo_ms: 40, lost: 3 };
    const two = judged([run('1'), { ...run('2'), loss }]);
    expect(two).to.include({ rto_ms: 2310, rpo_ms: 40, lost: 3 });
    expect(judged([run('1'), { ...run('2'), loss: null }])).to.include({ rpo_ms: null });
    expect(judged([{ ...run('1'), recovery: null }])).to.include({ rto_ms: null, rpo_ms: 0 });
  });
});

describe('the verdict of a game day', () => {
  it('has a drill that was not run without a number', () => {
    expect(notRun('unclean', 'Something is left.', 3)).to.deep.equal({
      ...{ verdict: 'unclean', measured: 'unclean', reasons: ['Something is left.'] },
      ...{ trials: { made: 0, planned: 3 }, gates: [], rto_ms: null, rpo_ms: null, lost: null },
    });
  });

  const drill = (outcome: DayOutcome | null): DayDrill => {
    const names = { file: 'a.yaml', name: 'a', plan_hash: '', series: 'day-1' };
    return { ...names, set: [], findings: {}, state: outcome ? 'ended' : 'skipped', outcome };
  };
  const good = judged([run('1')]);
  const bad = judged([run('1', 'rto')]);

  it('is the worst of its drills', () => {
    expect(dayVerdict({ drills: [drill(good), drill(good)], stop: null })).to.equal('pass');
    expect(dayVerdict({ drills: [drill(good), drill(bad)], stop: null })).to.equal('fail');
    const unclean = notRun('unclean', 'Something is left.', 1);
    expect(dayVerdict({ drills: [drill(good), drill(unclean)], stop: null })).to.equal('unclean');
  });

  it('is never a pass where a drill was not run, or the day was stopped', () => {
    expect(dayVerdict({ drills: [drill(good), drill(null)], stop: null })).to.equal('inconclusive');
    expect(dayVerdict({ drills: [drill(bad), drill(null)], stop: null })).to.equal('fail');
    const stops = [
      ['precondition', 'environment'],
      ['not-approved', 'inconclusive'],
      ['missed', 'inconclusive'],
      ['blocked', 'inconclusive'],
      ['interrupted', 'interrupted'],
    ] as const;
    for (const [why, verdict] of stops) {
      expect(dayVerdict({ drills: [drill(good)], stop: { why, text: '' } })).to.equal(verdict);
    }
  });
});
