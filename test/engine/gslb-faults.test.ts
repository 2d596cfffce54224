// Drills on `noop` whose GSLB is lost, or whose DNS answers stand still: what that makes of a
// recovery, and that none of it passes which showed nothing.
import { expect } from 'chai';
import type { PlannedFault } from '../../src/drill/fault/registry.ts';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const AT_MS = 300;
const DISASTER_MS = 500;
const GSLB = { node: 'gslb' };

const lost = (heal_after_ms: number, changes: Partial<PlannedFault> = {}) =>
  plannedFault('lose-gslb', GSLB, { at_ms: AT_MS, heal_after_ms, disaster: false, ...changes });
const stale = (heal_after_ms: number, changes: Partial<PlannedFault> = {}) =>
  plannedFault('stale-dns', GSLB, { at_ms: AT_MS, heal_after_ms, disaster: false, ...changes });

/** The primary's region dies after it, and its standby takes over. */
function before(fault: PlannedFault): NoopRun {
  const how = { how: 'kill', disks: 'kept' } as const;
  const disaster = plannedFault('lose-region', how, { index: 1, at_ms: DISASTER_MS });
  const plan = noopPlan('warm-standby', { faults: [fault, disaster] });
  return new NoopRun(plan);
}

function alone(faults: readonly PlannedFault[]): NoopRun {
  const plan: Plan = noopPlan('warm-standby', {}, 'none');
  const targets = { ...plan.targets, rto_ms: null, rpo_ms: null, steady_within_ms: 500 };
  return new NoopRun({ ...plan, disaster: 'none', faults, targets });
}

const usual = async () => {
  const run = before(lost(100));
  return (await run.run()).recovery!.rto_ms!;
};

describe('a drill whose GSLB is lost', () => {
  it('passes without a disaster, and tells how long clients waited', async () => {
    const result = await alone([lost(700, { disaster: true })]).run();
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    expect(result.recovery!.rto_ms).to.be.within(400, 1_100);
  });

  it('detects a disaster once it is there again, however long that takes', async () => {
    const lasts_ms = 8_000; // longer than anybody is patient with checks that are there
    const run = before(lost(lasts_ms));
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    const late_ms = AT_MS + lasts_ms - DISASTER_MS;
    expect(result.recovery!.rto_ms! - (await usual())).to.be.closeTo(late_ms, 300);
    const detect = result.recovery!.causes!.find(({ phase }) => phase === 'detect');
    expect(detect).to.deep.include({ kind: 'gslb-lost' });
  });

  it('does not pass where it went on all the time', async () => {
    const run = alone([lost(700, { disaster: true })]).plant(({ gslb, deeds }) => {
      const freeze = gslb.freeze;
      gslb.freeze = () => ({ ...freeze(), act: () => deeds.do('nothing') });
    });
    const result = await run.run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join('\n')).to.contain('The fault lose-gslb of gslb did not bite');
  });

  it('does not pass where somebody else let it go on', async () => {
    const run = alone([lost(700, { disaster: true })]).plant((system) => {
      system.deeds.plant('freeze the GSLB', () => {
        void run.clock.sleep(250).then(() => system.deeds.endAll());
      });
    });
    const result = await run.run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join('\n')).to.contain('The fault lose-gslb of gslb did not last');
  });
});

describe('a drill whose DNS answers stand still', () => {
  it('passes with a disaster, whose clients move once they are told', async () => {
    const lasts_ms = 3_000;
    const run = before(stale(lasts_ms));
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
    const told_ms = AT_MS + lasts_ms - DISASTER_MS;
    expect(result.recovery!.rto_ms).to.be.within(told_ms, told_ms + 400);
    const [withheld] = run.named('gslb.withheld');
    expect(withheld).to.deep.include({ told: ['east'], due: ['west'] });
    const redirect = run.named('step.ended').find(({ step }) => step.startsWith('redirect'))!;
    expect(withheld!.t, 'the GSLB was told').to.be.closeTo(redirect.t, 50);
  });

  it('does not pass where nothing would have changed', async () => {
    const result = await alone([stale(700, { disaster: true })]).run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join('\n')).to.contain(
      'The fault stale-dns of gslb showed nothing: while it lasted, every client was told what was due.',
    );
  });

  it('does not pass where it is over before the answer changed', async () => {
    const result = await before(stale(DISASTER_MS - AT_MS)).run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join('\n')).to.contain('showed nothing');
  });

  it('does not pass where the answers were never held', async () => {
    const run = before(stale(3_000)).plant(({ gslb, deeds }) => {
      const hold = gslb.hold;
      gslb.hold = () => ({ ...hold(), act: () => deeds.do('nothing') });
    });
    const result = await run.run();
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons.join('\n')).to.contain('The fault stale-dns of gslb did not bite');
  });
});
