// Drills on `noop` whose fault hits one node: what is planted there must show in the verdict.
import { expect } from 'chai';
import type { PlannedFault } from '../../src/drill/fault/registry.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const NODE = 'east/postgres';
const LASTS_MS = 700;

/** The primary dies alone, and its standby takes over. */
const disaster = (): Plan => {
  const fault = plannedFault('kill-node', { node: NODE }, { at_ms: 300 });
  return noopPlan('warm-standby', { faults: [fault] });
};

/** Nobody takes over. */
function lasting(fault: PlannedFault): Plan {
  const plan = noopPlan('warm-standby', {}, 'none');
  const targets = { ...plan.targets, rto_ms: null, rpo_ms: null, steady_within_ms: 500 };
  return { ...plan, disaster: 'none', faults: [fault], targets };
}
const killed = () =>
  lasting(plannedFault('kill-node', { node: NODE }, { at_ms: 300, heal_after_ms: LASTS_MS }));

describe('a drill whose fault hits one node', () => {
  it('is recovered from by the standby where that node is the primary', async () => {
    const run = new NoopRun(disaster());
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    const done = run.system.deeds.done;
    expect(done.indexOf('kill east')).to.be.above(done.indexOf(`kill ${NODE}`));
    expect(done).to.include('promote west/postgres');
  });

  it('passes without a disaster where the node is back and serves again', async () => {
    const run = new NoopRun(killed());
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    expect(run.system.deeds.done).to.include.members([`kill ${NODE}`, `end of kill ${NODE}`]);
    expect(result.recovery!.rto_ms).to.be.within(LASTS_MS, LASTS_MS + 400);
  });

  it('does not pass where the kill did nothing', async () => {
    const run = new NoopRun(killed());
    run.plant((system) => {
      const east = system.region('east');
      const end = east.end.bind(east);
      east.end = (node, how) => ({ ...end(node, how), act: () => Promise.resolve() });
    });
    const result = await run.run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join()).to.contain('kill-node').and.contain('did not bite');
  });

  it('does not pass where somebody else started the node again', async () => {
    const run = new NoopRun(killed());
    run.plant((system) => {
      void run.clock.sleep(0).then(async () => {
        while (!system.deeds.done.includes(`kill ${NODE}`)) await run.clock.sleep(10);
        await run.clock.sleep(LASTS_MS / 3);
        system.deeds.end(`kill ${NODE}`);
      });
    });
    const result = await run.run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join()).to.contain(`The fault kill-node of ${NODE} did not last`);
  });

  it('does not pass where the node cannot be started again', async () => {
    const run = new NoopRun(killed());
    run.plant((system) => {
      system.deeds.plant(`end of kill ${NODE}`, () => {
        throw new Error('no room');
      });
    });
    const result = await run.run();
    expect(result.verdict).not.to.equal('pass');
  });
});
