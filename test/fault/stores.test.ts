// Faults on stores: what was done to one whose node is dead when that is to be undone, and a proof
// that a race does not decide.
import { expect } from 'chai';
import { stopReplication } from '../../src/fault/store/stop-replication.ts';
import { cancelSyncWait } from '../../src/fault/store/cancel-sync-wait.ts';
import { ordersIn } from '../../src/topology/system/region.ts';
import { plan } from '../support/evidence/synthetic.ts';
import type { MemoryRegion } from '../support/noop/memory-region.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { plannedFault } from '../support/plan/planned-fault.ts';
import { faultContext, type Heal } from '../support/system/fault-context.ts';

const UNDONE = 'end of stop the replication of west';

/** The standby follows nobody, and its node dies; the heal is for the test. */
async function stoppedAndDead() {
  const system = new MemorySystem(plan);
  const west = system.region('west');
  const node = 'west/postgres';
  const heals: Heal[] = [];
  const fault = plannedFault('stop-replication', { node }, { heal_after_ms: 400 });
  await stopReplication.inject(faultContext({ plan, fault, system }, heals));
  const dies = west.end(node, 'kill');
  await dies.act();
  return { west, system, dies, heals };
}

describe('the heal of a fault on a store that is dead then', () => {
  it('has failed where that stands on its disk, and is done once the store runs again', async () => {
    const { system, dies, heals } = await stoppedAndDead();
    const failed = await heals[0]!().then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
    expect(failed).to.match(/^west\/postgres: expected it to run, .* found that it is dead$/);
    expect(system.deeds.done).not.to.include(UNDONE);
    await dies.undo();
    expect(await heals[0]!()).to.deep.equal([]);
    expect(system.deeds.done).to.include(UNDONE);
  });

  it('has nothing to do where its region is given up', async () => {
    const { west, heals } = await stoppedAndDead();
    await west.kill();
    expect(await heals[0]!()).to.deep.equal([]);
  });

  it('has nothing to do where it was over with the life of the store', async () => {
    const { system, heals } = await stoppedAndDead();
    const node = 'east/postgres';
    const fault = plannedFault('cancel-sync-wait', { node }, { heal_after_ms: 400 });
    await cancelSyncWait.inject(faultContext({ plan, fault, system }, heals));
    await system.region('east').end(node, 'kill').act();
    expect(await heals[1]!()).to.deep.equal([]);
  });
});

describe('the proof that waits for a standby are cancelled', () => {
  const WARNING = 'canceling wait for synchronous replication due to user request';
  const node = 'east/postgres';

  /** The commit of the proof was cancelled; the standby is `before`, and soon after it `after`. */
  async function proved(before: MemoryRegion['follows'], after: MemoryRegion['follows']) {
    const system = new MemorySystem(plan);
    const east = system.region('east');
    const { disturb } = ordersIn(east);
    const unprotected = async () => {
      await disturb!.unprotected!();
      setTimeout(() => (east.follows = after), 20);
      return { warning: WARNING, writes: 3 };
    };
    Object.assign(ordersIn(east), { disturb: { ...disturb, unprotected } });
    east.position = 1_000n;
    east.follows = before;
    const fault = plannedFault('cancel-sync-wait', { node });
    return await cancelSyncWait.prove(faultContext({ plan, fault, system }));
  }

  const follows = { state: 'streaming', lag_bytes: 0 };

  it('fails beside one that follows, whatever it had at the first look', async () => {
    for (const before of [follows, { ...follows, lag_bytes: 120 }, null]) {
      const [check] = await proved(before, follows);
      expect(check).to.deep.include({ ok: false });
      expect(check!.detail).to.include('its standby has it');
    }
  });

  it('holds beside one that does not', async () => {
    for (const still of [{ ...follows, lag_bytes: 120 }, null]) {
      const [check] = await proved(still, still);
      expect(check).to.deep.include({ ok: true });
      expect(check!.detail).to.match(
        /^canceling wait .*; its standby has not got it \d+ ms later; 3 w/,
      );
    }
  });
});
