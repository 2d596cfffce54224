// Whether something crosses between the regions: a failure to ask is no silence, and what never
// arrives is not late.
import { expect } from 'chai';
import { latency } from '../../src/fault/link/latency.ts';
import { proveNothingCrosses } from '../../src/fault/replication-probe.ts';
import { hostClock } from '../../src/host/clock.ts';
import { OperationFailed } from '../../src/host/operation-failed.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { basePlan } from '../support/plan/base-plan.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext } from '../support/system/fault-context.ts';

const clock = hostClock();
const LIMITS = { watch_ms: 50, lasts_ms: 1_000 };

describe('what is written in one region', () => {
  it('has not been silent to the other one where nobody could be asked', async () => {
    const plan = { ...basePlan, strategy: 'active-active' } as const;
    const system = new MemorySystem(plan, { clock });
    const asked = new OperationFailed({ what: 'west', expected: 'an answer', found: 'none' });
    system.bidirectional!.catchUp = () => Promise.reject(asked);
    const proof = proveNothingCrosses({ plan, system, clock }, LIMITS);
    expect(await proof.catch((error: unknown) => error)).to.equal(asked);
  });

  it('is not late where it never comes', async () => {
    const plan = basePlan;
    const system = new MemorySystem(plan, { clock });
    system.region('east').follower = null;
    system.region('east').position = 6n;
    system.region('west').position = 5n;
    const fault = plannedFault('latency', { link: 'east-west', latency_ms: 1 });
    const waiting = { ...clock, now: () => clock.now() * 100 }; // five seconds are long
    const context = faultContext({ plan, fault, system, clock: waiting });
    const [check] = await latency.prove(context);
    expect(check).to.include({ name: 'link east-west is slow', ok: false });
    expect(check!.detail).to.include('had not come');
  });
});
