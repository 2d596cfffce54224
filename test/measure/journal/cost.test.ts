// What the standing region costs, from two looks at its nodes; and what was said before the disaster.
import { expect } from 'chai';
import type { CostRates, Plan } from '../../../src/drill/plan/plan.ts';
import type { NodeUsage, RunEvent } from '../../../src/evidence/event.ts';
import { costOf as costOfRun } from '../../../src/measure/journal/cost.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Cost } from '../../../src/drill/measurement.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  BACK,
  backEvents,
  backPlan,
  evidenceOfBack,
} from '../../support/evidence/failback-story.ts';
import { evidenceOf, journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const { steadyFrom, steadyTo, faultStarted, cut } = TIMES;
const rates: CostRates = {
  currency: 'EUR',
  instance_hour: { postgres: 0.05, app: 0.05, redis: null },
  ...{ gb_month: 0.01, gb_transferred: 0.09, backup_every_ms: null, segment_every_ms: null },
};
const priced: Plan = { ...plan, cost: rates };

const used = (node: string, cpu_ms: number, disk_bytes: number | null = 50e6): NodeUsage => {
  return { node, cpu_ms, memory_bytes: 100e6, disk_bytes };
};
const east = [used('east/postgres', 9_000), used('east/app-1', 7_000)];
const sample = (t: number, nodes: NodeUsage[], replicated_bytes: number | null): RunEvent => {
  return { t, event: 'usage.sampled', nodes, replicated_bytes };
};
/** West used 0.4 s of processor in the 2 s, and 3 MB crossed over. */
const first = sample(
  steadyFrom + 10,
  [...east, used('west/postgres', 1_000), used('west/app-1', 500, 0)],
  1_000_000,
);
const second = sample(
  steadyTo + 10,
  [...east, used('west/postgres', 1_300, 60e6), used('west/app-1', 600, 0)],
  4_000_000,
);
const step = (t: number): RunEvent => ({ t, event: 'step.ended', step: 'promote', ms: 5 });
const steps = [1, 2, 3].map((n) => step(faultStarted + 450 + n));

function costOf(events: readonly RunEvent[], its: Plan = priced): Cost | null {
  return measure(evidenceOf({ plan: its, events: [...journal(), ...steps, ...events] })).cost;
}

describe('the cost of the standing region', () => {
  it('is what its nodes used between the two looks, and only they', () => {
    expect(costOf([first, second])).to.deep.include({
      region: 'west',
      over_ms: 2_000,
      components: ['west/postgres', 'west/app-1'],
      cpu_seconds: 0.4,
      cpu_share: 0.2,
      memory_bytes: 200e6,
      disk_bytes: 60e6,
      replicated_bytes_per_s: 1_500_000,
      recovery_steps: 3,
    });
  });

  it('has a figure in money only where there are prices', () => {
    expect(costOf([first, second])!.monthly).to.include({ currency: 'EUR', instances: 73 });
    expect(costOf([first, second], plan)!.monthly).to.equal(null);
  });

  it('has no number that was not measured, and no total without all of its parts', () => {
    const unknownDisk = sample(second.t, [used('west/postgres', 1_300, null)], null);
    const cost = costOf([sample(first.t, [used('west/postgres', 1_000)], 5), unknownDisk])!;
    expect(cost).to.include({ disk_bytes: null, replicated_bytes_per_s: null, cpu_share: 0.15 });
    expect(cost.monthly).to.deep.include({ storage: null, transfer: null, total: null });
  });

  it('knows no processor time of nodes that came, went or began anew in between', () => {
    const nodes = (...cpus: number[]) => cpus.map((cpu, at) => used(`west/app-${at + 1}`, cpu));
    for (const [before, after] of [
      [nodes(10), nodes(10, 20)],
      [nodes(10, 20), nodes(10)],
      [nodes(10, 20), nodes(10, 5)],
      [[used('west/app-9', 1)], nodes(10)],
    ]) {
      const cost = costOf([sample(first.t, before!, 1), sample(second.t, after!, 2)])!;
      expect(cost).to.include({ cpu_seconds: null, cpu_share: null });
      expect(cost.memory_bytes).to.equal(100e6 * after!.length);
    }
  });

  it('knows what stands there from a single look, and not what it does', () => {
    const cost = costOf([second])!;
    expect(cost).to.include({ memory_bytes: 200e6, over_ms: null, cpu_seconds: null });
    expect(cost.monthly!.total).to.equal(null);
  });

  it('is nothing where nothing stands, which was seen', () => {
    const cost = costOf([sample(first.t, east, 0), sample(second.t, east, 0)])!;
    expect(cost).to.deep.include({
      components: [],
      cpu_seconds: 0,
      memory_bytes: 0,
      disk_bytes: 0,
    });
    expect(cost.monthly).to.include({ instances: 0, storage: 0, transfer: 0, total: 0 });
  });

  it('is null when nobody looked in the steady phase', () => {
    expect(costOf([])).to.equal(null);
    const late = sample(cut + 500, [used('west/postgres', 1)], 3);
    expect(costOf([sample(5, [used('west/postgres', 1)], 3), late])).to.equal(null);
  });

  it('is looked at from the first moment of the steady phase to that of the disaster', () => {
    const at = (t: number, cpu_ms: number) => sample(t, [used('west/postgres', cpu_ms)], 3);
    const looks = (from: number, to: number, changes: Parameters<typeof journal>[0] = {}) =>
      costOfRun(
        new Timeline(plan, [...journal(changes), at(from, 100), at(3_000, 200), at(to, 400)]),
      );
    expect(looks(steadyFrom, faultStarted)).to.include({ cpu_seconds: 0.3, over_ms: 4_000 });
    expect(looks(steadyFrom - 1, faultStarted)).to.include({ cpu_seconds: 0.2, over_ms: 2_000 });
    expect(looks(steadyFrom, faultStarted + 1)).to.include({ cpu_seconds: 0.1, over_ms: 2_000 });
    const whole = looks(steadyFrom, cut, { 'fault.started': null });
    expect(whole).to.include({ cpu_seconds: 0.3, over_ms: 19_000, recovery_steps: null });
    expect(looks(steadyFrom, cut, { 'steady.started': null })).to.equal(null);
  });

  it('counts no step of the failback, which begins with its phase', () => {
    const events = [...journal(), ...backEvents(), ...steps, step(BACK.phase), first, second];
    expect(costOfRun(new Timeline(backPlan, events))!.recovery_steps).to.equal(3);
  });

  it('does not count the steps of the failback', () => {
    const events = [...backEvents(), step(24_000), first, second];
    const drilled = [...journal(), ...steps];
    const { cost } = measure(evidenceOfBack({ events, drilled, plan: { ...backPlan } }));
    expect(cost!.recovery_steps).to.equal(3);
  });

  it('stands in the result as it was measured, and null else', () => {
    const events = [...journal(), ...steps, first, second];
    expect(assess(evidenceOf({ plan: priced, events })).cost).to.deep.equal(
      costOf([first, second]),
    );
    expect(assess(evidenceOf({})).cost).to.equal(null);
  });
});
