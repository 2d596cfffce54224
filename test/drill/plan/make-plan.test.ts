import { expect } from 'chai';
import * as fc from 'fast-check';
import { drawnWords } from '../../../src/drill/fault/registry.ts';
import { longestRunMs, phaseBudgets } from '../../../src/drill/plan/budget.ts';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { GOOD, parse } from '../../support/plan/drill-file.ts';

function planOf(text: string, seed = 1): Plan {
  return planDrill(parse(text).drill!, seed, 'abc');
}

describe('planDrill', () => {
  it('fills in every default', () => {
    const plan = planOf(GOOD);
    expect(plan.recover).to.deep.equal({
      with: 'promote-standby',
      deadline_ms: 30_000,
      instances: 2,
    });
    expect(plan.targets).to.deep.equal({
      rto_ms: 15_000,
      rto_from: 'fault',
      rpo_ms: 1000,
      lost_writes: null,
      p99_latency_ms: null,
      split_brain: 0,
      duplicates: 'fail',
      failback_rto_ms: null,
      availability: null,
      errors: null,
      steady_within_ms: null,
      rto_regression: null,
      redis: null,
    });
    expect(plan.redis).to.equal(null);
    expect(plan.replication).to.deep.equal({ mode: 'async', from: 'east', to: 'west' });
    expect(plan.links).to.deep.equal({ 'east-west': { latency_ms: 20, jitter_ms: 2 } });
    expect(plan.sustain).to.deep.equal({
      for_ms: 3000,
      success: 0.99,
      capacity: 0.9,
      within_ms: null,
    });
    expect(plan.warm_up.at_most_ms).to.equal(10_000);
    expect(plan.workload).to.deep.include({ reads: 0, seed_rows: 100, payload_bytes: 256 });
  });

  it('waits twice the target for service when that is longer than 30 s', () => {
    expect(planOf(GOOD.replace('15s', '20s')).recover.deadline_ms).to.equal(40_000);
  });

  it('names the replication link after the active region and the standby, in whatever order they stand', () => {
    const text = GOOD.replace(
      'topology:',
      'topology:\n  regions: { b: { role: standby }, a: { role: active, app: { instances: 3 } } }',
    ).replace('region: east', 'region: a');
    const plan = planOf(text);
    expect(Object.keys(plan.links)).to.deep.equal(['a-b']);
    expect(plan.recover.instances).to.equal(3);
  });

  it('draws the moment of a fault from the seed, the same for the same seed', () => {
    const text = GOOD.replace('at: 2s', 'at: 1s..4s');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (seed) => {
        const [fault] = planOf(text, seed).faults;
        expect(fault!.at_ms).to.be.within(1000, 4000);
        expect(fault!.drawn_from).to.deep.equal({ from_ms: 1000, to_ms: 4000 });
        expect(planOf(text, seed).faults).to.deep.equal([fault]);
      }),
      { numRuns: 30 },
    );
    const moments = new Set([1, 2, 3, 4, 5].map((seed) => planOf(text, seed).faults[0]!.at_ms));
    expect(moments.size).to.be.greaterThan(1);
    expect(drawnWords(planOf(text).faults[0]!.drawn_from)).to.equal(', drawn from 1s..4s');
    for (const at of ['2s', '2s..2s']) {
      const stated = planOf(GOOD.replace('at: 2s', `at: ${at}`)).faults[0]!;
      expect(stated, at).not.to.have.property('drawn_from');
      expect(drawnWords(stated.drawn_from)).to.equal('');
    }
  });

  it('takes the first fault that stops a region for the disaster', () => {
    expect(planOf(GOOD).faults).to.deep.equal([
      {
        ...{ index: 0, kind: 'lose-region', region: 'east', at_ms: 2000, disaster: true },
        ...{ beforehand: false, how: 'kill', disks: 'kept', heal_after_ms: null },
        effect: {
          service: 'lost',
          region: 'dead',
          data: 'kept',
          disks: 'kept',
          seenByChecks: true,
          heals: false,
        },
      },
    ]);
  });
});

describe('describePlan', () => {
  it('says what is created, and what only the recovery starts', () => {
    const { creates } = describePlan(planOf(GOOD));
    expect(creates.nodes).to.deep.equal([
      'east/postgres',
      'east/app-1',
      'east/app-2',
      'west/postgres',
      'west/app-1',
    ]);
    expect(creates.nodes_after_recovery).to.deep.equal(['west/app-2']);
    expect(creates.links.map(({ name }) => name)).to.deep.equal([
      'clients-east',
      'clients-west',
      'east-west',
    ]);
  });

  it('states the worst detection time and a longest duration that is the sum of all budgets', () => {
    const plan = planOf(GOOD);
    const described = describePlan(plan);
    const sum = Object.values(phaseBudgets(plan)).reduce((total, ms) => total + ms, 0);
    expect(described.worst_detection_ms).to.equal(1000);
    expect(described.longest_ms).to.equal(sum);
    expect(longestRunMs(plan)).to.equal(sum);
    expect(phaseBudgets(plan).recover).to.be.greaterThan(plan.recover.deadline_ms);
  });
});
