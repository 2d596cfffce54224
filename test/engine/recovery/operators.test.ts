// Operators who declare late, and who fail over to the lost region, on `noop`: it costs the time that
// it costs, is told, and a drill in which they never came to it proves nothing.
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { noopPlan } from '../../support/noop/noop-plans.ts';
import { NoopRun } from '../../support/noop/noop-run.ts';
import {
  delay,
  drilled,
  expectWhole,
  heldMs,
  LATE_MS,
  stepsOf,
  wrong,
} from '../../support/noop/operators.ts';
import { nobody } from '../../support/nobody.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

const plain = await drilled([]);
const plainRto = plain.result.recovery!.rto_ms!;

describe('operators who declare late', () => {
  const asks = (run: NoopRun) => {
    run.operator = {
      ...nobody,
      ask: async (_, signal) => {
        await run.clock.sleep(150, signal);
        return 'ada';
      },
    };
  };
  const WAYS: readonly (readonly [string, Plan['declare'], number])[] = [
    ['by itself', { by: 'automatic' }, 0],
    ['after a time', { by: 'after', after_ms: 150 }, 150],
    ['by a person', { by: 'operator' }, 150],
  ];
  for (const [how, declare, usual_ms] of WAYS) {
    it(`do so that much later where it is declared ${how}`, async () => {
      const { run, result, why } = await drilled([delay()], { declare, plant: asks });
      expectWhole(result, why);
      const [down, declared] = [run.named('region.down')[0]!, run.named('disaster.declared')[0]!];
      expect(declared.t - down.t).to.be.closeTo(LATE_MS + usual_ms, 15);
      expect(declared.t - down.t).to.be.at.least(LATE_MS + usual_ms);
      const [proof] = run.named('fault.proved').filter(({ index }) => index === 1);
      expect(proof!.checks.map(({ ok }) => ok)).to.deep.equal([true, true]);
      expect(heldMs(run)).to.be.closeTo(LATE_MS, 10);
      expect(result.recovery!.rto_ms).to.be.closeTo(plainRto + LATE_MS + usual_ms, 60);
      const cause = result.recovery!.causes!.find(({ phase }) => phase === 'decide')!;
      expect(cause).to.include({ kind: 'declared-late', by_ms: LATE_MS });
    });
  }

  it('begin a planned move late too, which no health check sees', async () => {
    const planned = { faults: [plannedFault('maintenance', {}, { at_ms: 300 }), delay()] };
    const plan = noopPlan('warm-standby', planned, 'switch-over');
    const run = new NoopRun(plan);
    const result = await run.run();
    expect(result.verdict, result.reasons.join('; ')).to.equal('pass');
    const [fault] = run.named('fault.started');
    const [declared] = run.named('disaster.declared');
    expect(declared!.t - fault!.t).to.be.at.least(LATE_MS);
  });

  it('never do where the deadline comes before, which proves no recovery', async () => {
    const { run, result, why } = await drilled([delay(30_000)]);
    expect(result.verdict).not.to.equal('pass');
    expect(why).to.contain('nobody declared it before the deadline');
    expect(run.named('fault.proved').every(({ ok }) => ok)).to.equal(true);
    expect(run.named('recovery.started')).to.deep.equal([]);
  });

  it('need not where the region is back by then', async () => {
    const lost = { how: 'partition', disks: 'kept' } as const;
    const gone = plannedFault('lose-region', lost, { at_ms: 300, heal_after_ms: 900 });
    const { run, result, why } = await drilled([], { faults: [gone, delay(5_000)] });
    expect(result.verdict).to.equal('inconclusive');
    expect(why).to.contain('the fault was healed before a disaster was declared');
    expect(run.named('recovery.started')).to.deep.equal([]);
  });

  it('are stopped in between by Ctrl-C, and all is healed', async () => {
    const plant = (run: NoopRun) => {
      run.plant(() => {
        void run.clock.sleep(3_000).then(() => run.interrupt.abort(new Error('Ctrl-C')));
      });
    };
    const { run, result } = await drilled([delay(9_000)], { plant });
    expect(result.verdict).to.equal('interrupted');
    expect(run.named('fault.started').map(({ kind }) => kind)).to.include('delay-declaration');
    expect(run.named('fault.proved').filter(({ index }) => index === 1)).to.deep.equal([]);
    expect(result.cleanup!.clean).to.equal(true);
    expect(run.undone.at(-1)).to.equal('done');
  });

  it('prove nothing where nobody decides', async () => {
    const { result, why } = await drilled([delay()], { declare: { by: 'operator' } });
    expect(result.verdict).not.to.equal('pass');
    expect(why).to.contain('delay-declaration of the operators was planned and never came to hold');
  });
});

describe('operators who fail over to the lost region', () => {
  const WRONG = 'fail over to east, which is lost';

  for (const how of ['kill', 'freeze'] as const) {
    it(`fail, touch nothing of the other side, and recover then (${how})`, async () => {
      const lost = plannedFault('lose-region', { how, disks: 'kept' }, { at_ms: 300 });
      const { run, result, why } = await drilled([], { faults: [lost, wrong] });
      expectWhole(result, why);
      expect(stepsOf(run)[0]).to.equal(WRONG);
      const [failed] = run.named('step.failed');
      expect(failed).to.include({ step: WRONG, goes_on: true });
      expect(failed!.ms).to.be.at.least(LATE_MS);
      expect(heldMs(run)).to.be.closeTo(LATE_MS, 10);
      expect(result.recovery!.rto_ms).to.be.closeTo(plainRto + LATE_MS, 300);
      expect(result.notes.join()).to.contain(`A try of the step "${WRONG}" failed after`);
      expect(result.failures).to.deep.equal([]);
      const own = run.system.deeds.done.filter((deed) => /promote|release|fence|serve/.test(deed));
      expect(own.join()).not.to.match(/east/);
    });
  }

  it('meet an app that does not answer where both regions serve', async () => {
    const { run, result, why } = await drilled([wrong], { strategy: 'active-active' });
    expectWhole(result, why);
    expect(stepsOf(run)[0]).to.equal(WRONG);
    expect(run.system.deeds.done.join()).not.to.match(/promote/);
  });

  it('prove nothing where it comes about all the same', async () => {
    const plant = (run: NoopRun) => {
      run.plant((system) => {
        const east = system.region('east');
        east.untilAppReady = () => Promise.resolve(1);
        const store = east.stores.get('orders')!;
        const release = () => Promise.resolve();
        Object.assign(store, {
          promote: () => Promise.resolve({ timeline: 2 }),
          synchronous: { ...store.synchronous, release },
        });
        Object.assign(system.gslb, { serve: () => Promise.resolve() });
      });
    };
    const { result, why } = await drilled([wrong], { plant });
    expect(result.verdict).not.to.equal('pass');
    expect(why).to.contain('The fault wrong-region of the operators did not bite');
  });

  it('are stopped at it by Ctrl-C, and nothing of the other side was touched', async () => {
    const plant = (run: NoopRun) => {
      run.plant((system) => {
        const east = system.region('east');
        east.stores.get('orders')!.promote = (_, until) =>
          new Promise((_resolve, reject) => {
            until!.addEventListener('abort', () => reject(until!.reason as Error));
            void run.clock.sleep(300).then(() => run.interrupt.abort(new Error('Ctrl-C')));
          });
        east.stores.get('orders')!.synchronous!.release = () => Promise.resolve();
      });
    };
    const { run, result } = await drilled([wrong], { plant });
    expect(result.verdict).to.equal('interrupted');
    expect(run.named('fault.proved').filter(({ index }) => index === 1)).to.deep.equal([]);
    expect(run.named('fence.proved')).to.deep.equal([]);
    const other = run.system.deeds.done.filter((deed) => /(?<!-)west/.test(deed)); // no link's name
    expect(other).to.deep.equal([]);
    expect(result.cleanup).to.deep.equal({ clean: true, left: [] });
  });

  it('fail for good where they notice after the deadline', async () => {
    const never = plannedFault('wrong-region', { noticed_after_ms: 60_000 }, { index: 1 });
    const { run, result } = await drilled([never]);
    expect(result.verdict).to.equal('fail');
    expect(result.failures.map(({ code }) => code)).to.include('recovery-step-failed');
    expect(stepsOf(run)).to.deep.equal([WRONG]);
    expect(run.named('fence.proved')).to.deep.equal([]);
  });
});
