import { expect } from 'chai';
import { planHash } from '../../../src/archive/compare.ts';
import { conditionsOf } from '../../../src/drill/plan/conditions.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import type { Plan, Strategy } from '../../../src/drill/plan/plan.ts';
import { planFrom } from '../../../src/drill/plan/read-plan.ts';
import { planTrial, trialSeed } from '../../../src/drill/plan/trial.ts';
import { parse } from '../../support/plan/drill-file.ts';
import { of } from '../../support/plan/strategy-file.ts';

const SEEDS = Array.from({ length: 200 }, (_, number) => trialSeed(1, number));

function drillWith(faults: readonly string[], strategy: Strategy = 'warm-standby') {
  const { drill, diagnostics } = parse(of(strategy, { faults }));
  if (drill === null) throw new Error(JSON.stringify(diagnostics));
  return drill;
}

const LOSS = 'kind: lose-region, region: east';

describe('the plan of a trial', () => {
  const plansOf = (drill: ReturnType<typeof drillWith>): Plan[] => {
    return SEEDS.map((seed) => planTrial(drill, seed, 'abc', 1));
  };
  const moments = (plans: readonly Plan[], kind: string) => {
    return plans.map(({ faults }) => faults.find((fault) => fault.kind === kind)!.at_ms);
  };

  it('has the fault anywhere in a round of health checks, evenly', () => {
    const drill = drillWith([`at: 2s, ${LOSS}`]);
    const at = moments(plansOf(drill), 'lose-region');
    expect(Math.min(...at)).to.be.within(2000, 2010);
    expect(Math.max(...at)).to.be.within(2240, 2250);
    const early = at.filter((ms) => ms < 2125).length;
    expect(early).to.be.within(75, 125);
  });

  it('has it anywhere in the wait of a segment for its archive, where that is longer', () => {
    const drill = drillWith([`at: 2s, ${LOSS}`], 'backup-restore');
    const at = moments(plansOf(drill), 'lose-region');
    expect(Math.max(...at)).to.be.within(2950, 3000);
  });

  it('leaves a moment alone that the seed draws anyway', () => {
    const drill = drillWith([`at: 1s..4s, ${LOSS}`]);
    for (const seed of SEEDS.slice(0, 20)) {
      const { trial, ...plan } = planTrial(drill, seed, 'abc', 1);
      expect(plan).to.deep.equal(planDrill(drill, seed, 'abc'));
      expect(trial).to.deep.equal({ series_seed: 1, moved_ms: 0, within_ms: 0 });
    }
  });

  it('moves all faults together, but for one that is there beforehand', () => {
    const slow = 'kind: latency, link: east-west, latency: 40ms';
    const drill = drillWith([`at: 1s, ${slow}`, `at: 2s, ${LOSS}`]);
    for (const { faults, trial } of plansOf(drill)) {
      expect(faults.map(({ at_ms }) => at_ms - trial!.moved_ms)).to.deep.equal([1000, 2000]);
    }
    const before = drillWith([`at: beforehand, ${slow}`, `at: 2s, ${LOSS}`]);
    expect(new Set(moments(plansOf(before), 'latency')).size).to.equal(1);
  });

  it('moves what is drawn from a range too, so that nothing comes nearer to another', () => {
    const slow = 'at: 500ms..1500ms, kind: latency, link: east-west, latency: 40ms';
    const drill = drillWith([slow, `at: 2s, ${LOSS}`]);
    for (const plan of plansOf(drill)) {
      const gaps = (of: Plan) => of.faults[1]!.at_ms - of.faults[0]!.at_ms;
      expect(gaps(plan)).to.equal(gaps(planDrill(drill, plan.seed, 'abc')));
    }
  });

  it('is the same plan for the same seed, and alike for all trials but for what is drawn', () => {
    const drill = drillWith([`at: 2s, ${LOSS}`]);
    const plans = plansOf(drill);
    expect(plansOf(drill)).to.deep.equal(plans);
    expect(new Set(plans.map(planHash)).size).to.equal(1);
    expect(planHash(plans[3]!), 'and alike for a run by itself').to.equal(
      planHash(planDrill(drill, 5, 'abc')),
    );
  });

  it('has the conditions of all trials of its series, and says what is chance in them', () => {
    const slow = 'at: 500ms..1500ms, kind: latency, link: east-west, latency: 40ms';
    const plans = plansOf(drillWith([slow, `at: 2s, ${LOSS}`]));
    const words = new Set(plans.map((plan) => JSON.stringify([...conditionsOf(plan)])));
    expect(words.size).to.equal(1);
    expect(new Set(plans.map(planHash)).size).to.equal(1);
    const conditions = conditionsOf(plans[5]!);
    expect(conditions.get('faults')).to.include('at 2s, up to 250ms later');
    expect(conditions.get('faults')).to.include('at 500ms..1.5s');
    expect(conditions.get('seed')).to.equal('1, another for each trial');
  });

  it('is read again from a file as it was', () => {
    const plan = planTrial(drillWith([`at: 2s, ${LOSS}`]), 7, 'abc', 1);
    expect(planFrom(JSON.parse(JSON.stringify(plan)))).to.deep.equal({ plan, version: 2 });
    expect(planFrom({ ...plan, trial: { ...plan.trial, moved_ms: -1 } })).to.deep.equal({
      problem: 'trial.moved_ms: expected at least 0, found the number -1',
    });
  });
});

describe('the seed of a trial', () => {
  it('is that of the series for the first, and another for each', () => {
    expect(trialSeed(42, 0)).to.equal(42);
    expect(new Set(SEEDS).size).to.equal(SEEDS.length);
    for (const seed of SEEDS) expect(seed).to.be.within(0, 0xffff_ffff);
  });
});
