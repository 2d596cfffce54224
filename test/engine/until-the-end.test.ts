// Drills on `noop` whose fault nothing heals, and which is undone all the same once all is counted:
// a page that is damaged on a disk.
import { expect } from 'chai';
import type { Plan } from '../../src/drill/plan/plan.ts';
import { noopPlan } from '../support/noop/noop-plans.ts';
import { NoopRun } from '../support/noop/noop-run.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';

const DAMAGE = 'damage a page of east';
const damaged = plannedFault('corrupt-page', { node: 'east/postgres' }, { at_ms: 300 });

const drilled = (changes: Partial<Plan> = {}) =>
  new NoopRun(
    noopPlan('warm-standby', {
      faults: [damaged],
      declare: { by: 'after', after_ms: 500 },
      ...changes,
    }),
  );

describe('what stays until the end of a drill', () => {
  it('is recovered from, and over with the primary that had it', async () => {
    const run = drilled();
    const result = await run.run();
    expect(result.reasons).to.deep.equal([]);
    expect(run.system.deeds.done).to.include.members([DAMAGE, 'kill east', 'serve west']);
    expect(run.system.deeds.done).not.to.include(`end of ${DAMAGE}`);
    expect(run.named('fault.healed')).to.deep.equal([]);
  });

  it('is there when what survived is counted, and undone after that where it is there', async () => {
    const run = drilled({ declare: { by: 'command', command: ['false'] } });
    const result = await run.run();
    expect(result.failures.map(({ code }) => code)).to.include('not-declared');
    const { done } = run.system.deeds;
    const at = [DAMAGE, 'read east/postgres', `end of ${DAMAGE}`, 'take it down'].map((deed) =>
      done.indexOf(deed),
    );
    expect(at).not.to.include(-1);
    expect(at).to.deep.equal(at.toSorted((a, b) => a - b));
    expect(run.undone.at(-1)).to.equal('done');
  });
});
