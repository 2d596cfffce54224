// When the wait for service ends, on a virtual clock: what it takes longer stands in no number, and
// every run waits for it.
import { expect } from 'chai';
import { noopPlan } from '../../support/noop/noop-plans.ts';
import { NoopRun } from '../../support/noop/noop-run.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';

/** Between two looks at a ledger that says nothing yet. */
const LOOK_EVERY_MS = 100;

describe('the wait for service', () => {
  for (const at_ms of [300, 317, 350]) {
    it(`ends once service has held for long enough, with a fault after ${at_ms} ms`, async () => {
      const fault = plannedFault('lose-region', { how: 'kill', disks: 'kept' }, { at_ms });
      const plan = noopPlan('warm-standby', { faults: [fault] });
      const run = new NoopRun(plan);
      const { recovery, verdict } = await run.run();
      expect(verdict).to.equal('pass');
      const [lost] = run.named('fault.started');
      const [sustained] = run.named('service.sustained');
      const held_ms = lost!.t + recovery!.rto_ms! + plan.sustain.for_ms;
      expect(sustained!.t - held_ms).to.be.within(0, LOOK_EVERY_MS / 4);
    });
  }
});
