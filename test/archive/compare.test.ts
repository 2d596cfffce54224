import { expect } from 'chai';
import * as fc from 'fast-check';
import type { FinishedRun } from '../../src/archive/compare.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { sheetOf } from '../../src/report/compare/sheet.ts';
import type { Result } from '../../src/verdict/result.ts';
import { basePlan } from '../support/plan/base-plan.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import {
  activeActive,
  allStrategies,
  backupRestore,
  compared,
  lostForGood,
  pilotLight,
  warmStandby,
} from '../support/evidence/compared.ts';
import { passed } from '../support/evidence/results.ts';

const taking = (ms: number): FinishedRun => warmStandby({ phases: [['detect', ms]] });
const notUp: Partial<Result> = {
  ...{ verdict: 'environment', runtime: null, recovery: null, loss: null, gates: [] },
};

function withPlan(changes: Partial<Plan>): FinishedRun {
  return warmStandby({ name: 'other', plan: { ...changes } });
}

describe('comparison of runs', () => {
  it('orders drills from cold to hot, then by name', () => {
    const runs = [...allStrategies(), warmStandby({ name: 'a-standby' })];
    expect(compared(runs).drills.map(({ label }) => label)).to.deep.equal([
      ...['backup-restore', 'pilot-light', 'a-standby', 'warm-standby', 'active-active'],
    ]);
  });

  it('puts the repeats of a drill together, whatever their seeds and what was drawn from them', () => {
    const later = { ...basePlan.faults[0]!, at_ms: 3456 };
    const runs = [taking(100), warmStandby({ plan: { seed: 2, faults: [later] } }), pilotLight()];
    const { drills } = compared(runs);
    expect(drills.map((drill) => drill.runs.length)).to.deep.equal([1, 2]);
    expect(drills[1]!.runs.map(({ id }) => id)).to.deep.equal(
      runs.slice(0, 2).map(({ result }) => result.id),
    );
  });

  it('keeps apart what has one name and is not one drill, and names each by its run', () => {
    const sync = warmStandby({ plan: { replication: { ...basePlan.replication, mode: 'sync' } } });
    const { drills } = compared([warmStandby(), sync]);
    expect(drills).to.have.length(2);
    for (const { name, label, runs } of drills) {
      expect(name).to.equal('warm-standby');
      expect(label).to.equal(`warm-standby (${runs[0]!.id.slice(-4)})`);
    }
  });

  it('keeps runtimes apart, and a run that never came up with the others of its drill', () => {
    const onCompose = { result: { runtime: { ...passed.runtime!, kind: 'compose' } } };
    const runs = [warmStandby({ result: notUp }), warmStandby(), warmStandby(onCompose)];
    const { drills } = compared(runs);
    expect(drills.map((drill) => drill.runs.length)).to.deep.equal([2, 1]);
  });

  it('has min, median and max of an odd number of runs', () => {
    const [drill] = compared([taking(300), taking(100), taking(200)]).drills;
    const { min, median, max, runs } = drill!.rto_ms!;
    expect([min.value, median.value, max.value, runs]).to.deep.equal([100, 200, 300, 3]);
  });

  it('takes the higher of the two in the middle of an even number', () => {
    const [drill] = compared([taking(400), taking(100), taking(300), taking(200)]).drills;
    expect(drill!.rto_ms!.median.value).to.equal(300);
  });

  it('has the phases of the run with the median RTO: they add up to it', () => {
    const sums = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(sums, (times) => {
        const [drill] = compared(times.map(taking)).drills;
        const { min, median, max } = drill!.rto_ms!;
        const sum = drill!.phases.reduce((total, { ms }) => total + (ms ?? 0), 0);
        expect(sum).to.equal(median.value);
        expect(times).to.include(median.value);
        expect([min.value, max.value]).to.deep.equal([Math.min(...times), Math.max(...times)]);
      }),
    );
  });

  it('counts service that never came back as the longest, with its lower bound', () => {
    const one = compared([lostForGood(), taking(200), taking(100)]).drills[0]!.rto_ms!;
    expect(one.median.value).to.equal(200);
    expect(one.max).to.deep.equal({ value: null, low: 60_000, high: null });
    const two = compared([lostForGood(), lostForGood(), taking(100)]).drills[0]!.rto_ms!;
    expect(two.median.value).to.equal(null);
  });

  it('does not count what was not measured, and says of how many runs a figure is', () => {
    const [drill] = compared([warmStandby({ result: notUp }), taking(200)]).drills;
    expect(drill!.rto_ms).to.include({ runs: 1 });
    expect(drill!.runs.map(({ rto_ms }) => rto_ms === null)).to.deep.equal([true, false]);
    const none = compared([warmStandby({ result: notUp })]).drills[0]!;
    expect([none.rto_ms, none.rpo_ms, none.lost, none.phases]).to.deep.equal([
      null,
      null,
      null,
      [],
    ]);
  });

  it('reaches from the least that any run can have taken to the most, or has no end', () => {
    const wide = warmStandby({ phases: [['detect', 2_100]], result: { gates: [] } });
    const { recovery } = wide.result;
    const doubtful = { ...wide.result, recovery: { ...recovery!, uncertainty_ms: 1_100 } };
    const runs = [taking(2_000), { ...wide, result: doubtful }];
    expect(compared(runs).drills[0]!.rto_range_ms).to.deep.equal({ low: 1_000, high: 2_100 });
    const open = compared([...runs, lostForGood()]).drills[0]!.rto_range_ms;
    expect(open).to.deep.equal({ low: 1_000, high: null });
  });

  it('has no figure where service was not seen to go away either', () => {
    const { recovery } = lostForGood().result;
    const run = warmStandby({
      result: { verdict: 'inconclusive', recovery: { ...recovery!, outages: [] }, gates: [] },
    });
    expect(compared([run]).drills[0]!.rto_ms).to.equal(null);
  });

  it('does not say of a run that was broken off that its service never came back', () => {
    const { recovery, gates } = lostForGood().result;
    for (const verdict of ['interrupted', 'environment', 'internal'] as const) {
      const run = warmStandby({ result: { verdict, recovery, gates } });
      expect(compared([run]).drills[0]!.rto_ms, verdict).to.equal(null);
    }
  });

  it('has the error bar of the gate, or of the measured uncertainty where there is none', () => {
    const [gate] = warmStandby().result.gates;
    const [own] = compared([warmStandby()]).drills;
    expect(own!.rto_ms!.median).to.include({ low: gate!.low, high: gate!.high });
    const [bare] = compared([warmStandby({ result: { gates: [] } })]).drills;
    expect(bare!.rto_ms!.median).to.deep.equal(own!.rto_ms!.median);
  });

  it('counts from the fault also where the gate counts from the declaration', () => {
    const { recovery, gates } = warmStandby().result;
    const rto_ms = recovery!.rto_ms!;
    const declared = { ...gates[0]!, measured: 700, low: 690, high: 700 };
    const higher = { ...recovery!, rto_high_ms: rto_ms + 10 };
    const run = warmStandby({ result: { gates: [declared], recovery: higher } });
    expect(compared([run]).drills[0]!.rto_ms!.median).to.deep.equal({
      ...{ value: rto_ms, low: rto_ms - 30, high: rto_ms + 10 },
    });
  });

  it('has the RPO from its value to its upper end, and no value where none was measured', () => {
    const [drill] = compared([warmStandby({ rpo_ms: 20 })]).drills;
    expect(drill!.rpo_ms!.median).to.deep.equal({ value: 20, low: 20, high: 30 });
    expect(compared([warmStandby({ rpo_ms: null })]).drills[0]!.rpo_ms).to.equal(null);
  });

  it('has the most of what else became of writes, and nothing where nothing did', () => {
    const few = activeActive();
    const loss = { ...few.result.loss!, late: 9, split_brain: 2 };
    const more: FinishedRun = { ...few, result: { ...few.result, loss } };
    expect(compared([few, more]).drills[0]!.besides).to.deep.equal({ late: 9, split_brain: 2 });
    expect(compared([warmStandby()]).drills[0]!.besides).to.deep.equal({});
  });

  it('does not take split-brain writes that nobody knows for none', () => {
    const unknown = (low: number): FinishedRun => {
      const run = activeActive();
      const words = { split_brain_low: low, split_brain_missing: 'no answer names its server' };
      const loss = { ...run.result.loss!, split_brain: null, ...words };
      return { ...run, result: { ...run.result, loss } };
    };
    const shown = (...runs: FinishedRun[]) => {
      const { rows } = sheetOf(compared(runs))[0]!;
      return rows.find(({ label }) => label === 'split-brain')?.cells;
    };
    expect(shown(unknown(0))).to.deep.equal(['not measured']);
    expect(shown(activeActive(), unknown(3))).to.deep.equal(['at least 3']);
    expect(shown(activeActive())).to.equal(undefined);
  });

  it('lets the worst verdict of the runs win', () => {
    const inconclusive = warmStandby({ result: { verdict: 'inconclusive' } });
    const unclean = pilotLight({ result: { verdict: 'unclean' } });
    const comparison = compared([warmStandby(), inconclusive, unclean]);
    expect(comparison.drills.map(({ verdict }) => verdict)).to.deep.equal([
      'unclean',
      'inconclusive',
    ]);
    expect(comparison.verdict).to.equal('unclean');
  });
});

const prices: Plan['cost'] = {
  currency: 'EUR',
  instance_hour: { postgres: 1, app: 1, redis: 1 },
  ...{ gb_month: 2, gb_transferred: 3, backup_every_ms: null, segment_every_ms: null },
};

describe('conditions of a comparison', () => {
  const keysOf = (...runs: readonly FinishedRun[]) =>
    compared(runs).differences.map(({ key }) => key);

  it('are all alike for one workload, fault and seed, whatever the strategies', () => {
    const { differences, conditions } = compared(allStrategies());
    expect(differences).to.deep.equal([]);
    expect(conditions).to.include({ 'workload.rate': '200/s', seed: '1', runtime: 'embedded' });
    expect(conditions['faults']).to.equal('lose-region east, kill, at 2s');
  });

  it('say what differs, with each value and whose it is', () => {
    const workload = { ...basePlan.workload, rate_per_s: 100 };
    const { differences, conditions } = compared([
      backupRestore(),
      warmStandby(),
      withPlan({ workload }),
    ]);
    expect(differences).to.deep.equal([
      {
        key: 'workload.rate',
        values: [
          { value: '200/s', drills: ['backup-restore', 'warm-standby'] },
          { value: '100/s', drills: ['other'] },
        ],
      },
    ]);
    expect(conditions).not.to.have.property('workload.rate');
  });

  it('notice every part of the workload, the fault, and what the numbers hang on', () => {
    const { workload, faults, gslb, sustain } = basePlan;
    const changed: readonly (readonly [string, Partial<Plan>])[] = [
      ['seed', { seed: 2 }],
      ['workload.writers', { workload: { ...workload, writers: 8 } }],
      ['workload.payload', { workload: { ...workload, payload_bytes: 64 } }],
      ['workload.timeout', { workload: { ...workload, timeout_ms: 500 } }],
      ['workload.via', { workload: { ...workload, via: 'sql' } }],
      ['workload.reads', { workload: { ...workload, reads: 0.2 } }],
      ['workload.updates', { workload: { ...workload, updates: 0.1 } }],
      ['workload.shared_rows', { workload: { ...workload, shared_rows: 3 } }],
      ['workload.seed_rows', { workload: { ...workload, seed_rows: 9 } }],
      ['faults', { faults: [plannedFault('lose-region', { how: 'freeze', disks: 'kept' })] }],
      ['faults', { faults: [{ ...faults[0]!, at_ms: 2100 }] }],
      ['faults', { faults: [plannedFault('lose-region', { how: 'kill', disks: 'destroyed' })] }],
      ['faults', { faults: [{ ...faults[0]!, heal_after_ms: 10 }] }],
      ['declare', { declare: { by: 'after', after_ms: 5000 } }],
      ['sustain', { sustain: { ...sustain, for_ms: 1000 } }],
      ['topology.links', { links: {} }],
      ['topology.gslb', { gslb: { ...gslb, ttl_s: 5 } }],
      ['cost', { cost: prices }],
      ['steady.for', { steady: { for_ms: 1 } }],
    ];
    for (const [key, plan] of changed) {
      expect(keysOf(warmStandby(), withPlan(plan)), key).to.deep.equal([key]);
    }
  });

  it('are not compared where the plan of a run cannot be read, which is said', () => {
    const { differences, unknown_conditions } = compared([
      pilotLight({ plan: null, name: 'planless' }),
      warmStandby(),
    ]);
    expect(differences).to.deep.equal([]);
    expect(unknown_conditions).to.deep.equal(['planless']);
  });
});
