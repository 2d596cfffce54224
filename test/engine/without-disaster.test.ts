// Drills on `noop` with `disaster: none`: faults that nothing recovers from, each with a planted
// truth of what clients saw.
import { expect } from 'chai';
import type { PlannedFault } from '../../src/drill/fault/registry.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import type { Result } from '../../src/verdict/result.ts';
import { noopPlan, SPACING_MS } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { plannedRecovery } from '../support/plan/planned-recovery.ts';

const LASTS_MS = 700;
const freeze = (changes: Partial<PlannedFault> = {}) =>
  plannedFault(
    'lose-region',
    { how: 'freeze', disks: 'kept' },
    { at_ms: 300, heal_after_ms: LASTS_MS, ...changes },
  );
const slow = (link: string, changes: Partial<PlannedFault>) =>
  plannedFault('latency', { link, latency_ms: 50 }, { at_ms: 300, ...changes });

function planOf(faults: readonly PlannedFault[], targets: Partial<Plan['targets']> = {}): Plan {
  const plan = noopPlan('warm-standby', {}, 'none');
  const own = { ...plan.targets, rto_ms: null, rpo_ms: null, steady_within_ms: 500, ...targets };
  return { ...plan, disaster: 'none', faults, targets: own };
}

/** The standby is gone for a while, and soon commits wait for it no more. */
function releasedPlan(): Plan {
  const plan = planOf([freeze({ region: 'west' })], { lost_writes: 0 });
  const recover = plannedRecovery('release', { ...plan.recover, deadline_ms: 3_000 });
  const replication = { ...plan.replication, mode: 'sync' as const };
  return { ...plan, replication, recover, declare: { by: 'after', after_ms: 200 } };
}

async function runOf(plan: Plan): Promise<{ run: NoopRun; result: Result }> {
  const run = new NoopRun(plan);
  return { run, result: await run.run() };
}

const verdictOf = ({ gates }: Result, name: string) =>
  gates.find((gate) => gate.name === name)?.verdict;

describe('a drill without a disaster', () => {
  it('passes where the steady state is back soon after the last fault, and recovers nothing', async () => {
    const { run, result } = await runOf(planOf([freeze()]));
    expect(result.reasons).to.deep.equal([]);
    expect(result).to.deep.include({ verdict: 'pass', failback: null });
    expect(result.drill.disaster).to.equal('none');
    // What clients waited for is what the fault lasted, and nobody moved them.
    expect(result.recovery!.rto_ms).to.be.within(LASTS_MS, LASTS_MS + 400);
    expect(result.recovery!.phases).to.deep.equal([]);
    const told = ['disaster.declared', 'recovery.started', 'fence.proved', 'gslb.redirected'];
    expect(run.events.map(({ event }) => event)).not.to.include.members(told);
    const [gate] = result.gates.filter(({ name }) => name === 'steady_within');
    expect(gate!.measured).to.be.within(0, 400);
  });

  it('releases nothing from a standby that follows', async () => {
    const released = releasedPlan();
    const { region } = released.faults[0]!;
    expect(region).to.equal('west');
    const plan = { ...released, faults: [slow('east-west', { heal_after_ms: 1_500 })] };
    const { run, result } = await runOf(plan);
    expect(result.verdict).to.equal('fail');
    expect(result.reasons.join()).to.contain('there is nothing to release');
    expect(run.named('standby.released')).to.deep.equal([]);
  });

  it('fails where the steady state comes back too late, or never', async () => {
    const late = new NoopRun(planOf([freeze()]));
    late.plant((system) => {
      const edge = system.link('clients-east');
      system.deeds.plant('end of freeze east', async () => {
        await edge.sever();
        void late.clock.sleep(800).then(() => edge.restore());
      });
    });
    const tooLate = await late.run();
    expect(tooLate.failures.map(({ gate }) => gate)).to.deep.equal(['steady_within']);
    // It is healed at the end only, which nobody may take for its own doing.
    const never = await runOf(planOf([freeze({ heal_after_ms: null })]));
    expect(never.result.failures.map(({ gate }) => gate)).to.deep.equal(['steady_within']);
    expect(never.result.recovery!.rto_ms).to.equal(null);
  });

  it('counts what failed, over the fault and after it', async () => {
    for (const [share, verdict] of [
      [0.9, 'pass'],
      [0.001, 'fail'],
    ] as const) {
      const targets = { errors: share, availability: 1 - share };
      const { result } = await runOf(planOf([freeze()], targets));
      expect(verdictOf(result, 'errors'), `errors ${share}`).to.equal(verdict);
      expect(verdictOf(result, 'availability'), `availability ${share}`).to.equal(verdict);
    }
  });

  it('judges the latency since the first fault, also where it is over in the end', async () => {
    const { result } = await runOf(planOf([freeze()], { p99_latency_ms: 100 }));
    const gate = result.gates.find(({ name }) => name === 'p99_latency')!;
    expect(gate).to.include({ verdict: 'fail', when: 'since the first fault' });
  });

  it('is one of the standby’s region too, which nobody notices', async () => {
    const kill = plannedFault(
      'lose-region',
      { how: 'kill', disks: 'kept' },
      { at_ms: 300, region: 'west' },
    );
    const { result } = await runOf(planOf([kill], { lost_writes: 0, errors: 0 }));
    expect(result.reasons).to.deep.equal([]);
    expect(result.recovery!.rto_ms).to.equal(0);
    expect(result.notes).to.include('Clients noticed nothing.');
    expect(result.loss!.second_missing).to.equal(null);
  });

  it('has commits wait for no standby while that is gone, and says how many did not', async () => {
    const plan = releasedPlan();
    const run = new NoopRun(plan);
    run.plant((system) => {
      const { deeds } = system;
      const east = system.region('east');
      deeds.plant('freeze west', () => (east.follows = null));
      deeds.plant('end of freeze west', () => {
        east.follows = { state: 'streaming', lag_bytes: 0 };
      });
    });
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    const told = [
      ...(['fault.injected', 'disaster.declared', 'standby.released', 'fault.healed'] as const),
      ...(['standby.required', 'region.protected', 'service.sustained'] as const),
    ];
    const events = run.events.filter(({ event }) => told.some((each) => each === event));
    expect(events.map(({ event }) => event)).to.deep.equal(told);
    // Nothing waits in memory: what is counted are the writes between the two.
    const [from] = run.named('standby.released').map(({ t }) => t);
    const [to] = run.named('standby.required').map(({ t }) => t);
    const { writes, writes_low, writes_high, ms } = result.unprotected!;
    expect(writes).to.be.closeTo((to! - from!) / SPACING_MS, 2);
    expect(writes_high - writes_low).to.be.at.most(2);
    expect(ms).to.be.within(to! - from! - SPACING_MS, to! - from! + 800);
    expect(run.undone.filter((kind) => kind === 'undone')).to.have.lengthOf(2);
  });

  it('takes that back at its end where the standby never follows', async () => {
    const run = new NoopRun(releasedPlan());
    run.plant((system) => {
      system.deeds.plant('freeze west', () => (system.region('east').follows = null));
    });
    const result = await run.run();
    expect(result.failures.map(({ step }) => step)).to.include('require the standby again');
    expect(result.unprotected).to.include({ ms: null });
    const { done } = run.system.deeds;
    expect(done).to.include('end of release commits of east');
    expect(run.undone.at(-1)).to.equal('done');
  });

  it('says so where somebody else had taken that back before its end', async () => {
    const run = new NoopRun(releasedPlan());
    run.plant((system) => {
      const { deeds } = system;
      deeds.plant('freeze west', () => (system.region('east').follows = null));
      deeds.plant('end of release commits of east', () => deeds.end('release commits of east'));
    });
    const result = await run.run();
    const own = result.failures.find(({ step }) => step === 'undo what the recovery did');
    expect(own?.text).to.contain('this was gone by then: release commits of east');
  });

  it('has faults that overlap, and counts from the end of the last one', async () => {
    const first = slow('east-west', { heal_after_ms: 1_500 });
    const second = freeze({ at_ms: 600, disaster: false, index: 1 });
    const { run, result } = await runOf(planOf([first, second]));
    expect(result.reasons).to.deep.equal([]);
    expect(run.named('fault.healed').map(({ index }) => index)).to.deep.equal([1, 0]);
    const [, last] = run.named('fault.healed').map(({ t }) => t);
    expect(run.named('service.sustained')[0]!.t).to.be.greaterThan(last!);
    const met = result.recovery!.by_fault!;
    expect(met.map(({ faults }) => faults)).to.deep.equal([[0], [0, 1], []]);
    expect(met.map(({ due, served }) => due > served)).to.deep.equal([false, true, false]);
    // The outage of the second was over before the first one ended.
    expect(result.gates.find(({ name }) => name === 'steady_within')!.measured).to.equal(0);
  });

  it('injects a fault once its condition holds, and counts from there', async () => {
    const outage = freeze({ at_ms: 300, heal_after_ms: 900 });
    const when = { metric: 'availability', is: 'below', value: 0.5, for_ms: 0 } as const;
    const second = plannedFault(
      'lose-region',
      { how: 'kill', disks: 'kept' },
      { region: 'west', at_ms: 0, index: 1, disaster: false, when, wait_ms: 5_000 },
    );
    const { run, result } = await runOf(planOf([outage, second]));
    expect(result.reasons).to.deep.equal([]);
    const [awaited] = run.named('fault.awaited');
    expect(awaited).to.include({ index: 1, condition: 'availability < 50%' });
    const begun = run.named('fault.started').map(({ index, disaster }) => [index, disaster]);
    expect(begun).to.deep.equal([
      [0, true],
      [1, false],
    ]);
    expect(run.named('fault.started')[1]!.t).to.be.within(awaited!.t, awaited!.t + 150);
  });

  it('proves nothing where a condition never comes, and goes on to its end', async () => {
    const when = { metric: 'p99', is: 'above', value: 9_000, for_ms: 0 } as const;
    const never = slow('east-west', { heal_after_ms: 500, when, wait_ms: 1_200 });
    const { run, result } = await runOf(planOf([never]));
    expect(run.named('fault.started')).to.deep.equal([]);
    expect(run.named('fault.awaited').map(({ found }) => found)).to.deep.equal([null]);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join()).to.contain('never injected: p99 > 9s did not come within 1.2 s');
    expect(result.cleanup!.clean).to.equal(true);
  });
});
