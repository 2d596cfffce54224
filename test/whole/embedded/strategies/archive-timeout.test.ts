// What archiving costs: nobody loses more than the archive timeout and the way of a segment, ten
// seeds. The region's disks are destroyed, so the count is checked on the copy of them that only
// the test looks into, and by how far the log in the repository goes.
import { expect } from 'chai';
import { randomStream } from '../../../../src/base/random.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import type { Scenario } from '../../../support/scenario/scenario.ts';
import { BACKUP_LATENCY_MS, endOfLog, inBackupScenario } from '../../../support/scenario/backup.ts';
import { eventsOf, expectExactLoss } from '../../../support/scenario/count.ts';
import { AT_STAKE, loadUntil, TEN_SEEDS } from '../../../support/scenario/load.ts';
import { some } from '../../../support/commands.ts';
import { ordersIn } from '../../../../src/topology/system/region.ts';

/** The timeout, and the way of the segment; without the link. */
const RPO_AT_MOST_MS = 1_200;
/** Of these seeds the fault comes just so long after a segment was archived. */
const HALF_WAY_MS = 500;
const HALF_WAY_SEEDS = [1, 3, 5];

/** Of log that has come since: a segment was archived just now. */
async function untilArchived(scenario: Scenario): Promise<void> {
  const before = await endOfLog(scenario);
  for (let i = 0; i < 500; i++) {
    if ((await endOfLog(scenario)) > before) return;
    await scenario.run.clock.sleep(10);
  }
  throw new Error('nothing was archived in 5 s');
}

describe('the loss of a region whose log is archived every second', function () {
  this.timeout(180_000);

  for (const [seed, it] of some(TEN_SEEDS, 0)) {
    const isHalfWay = HALF_WAY_SEEDS.includes(seed);
    const offset_ms = isHalfWay ? HALF_WAY_MS : 100 + Math.round(randomStream(seed)() * 800);
    it(`is what came after the last segment, ${offset_ms} ms after it (seed ${seed})`, async function () {
      this.retries(2); // the limit in time; a busy machine archives late
      await inBackupScenario('archive', seed, 0, async (scenario) => {
        await loadUntil(scenario, AT_STAKE, 0);
        await untilArchived(scenario);
        await scenario.run.clock.sleep(offset_ms);
        const written = await ordersIn(scenario.system.region('east')).log!.position();
        await scenario.loseAndRecover();
        const archived = await endOfLog(scenario);
        const evidence = await scenario.verify();
        const lost = await expectExactLoss(scenario, evidence);
        if (isHalfWay) expect(lost).not.to.deep.equal([]);
        // What was acknowledged by then lies before `written`; clients were served until the fault.
        if (archived < written) expect(lost).not.to.deep.equal([]);
        if (lost.length === 0) expect(archived >= written).to.equal(true);
        const { loss } = assess(evidence);
        const [started] = eventsOf(evidence.events, 'fault.started');
        const [injected] = eventsOf(evidence.events, 'fault.injected');
        const served_ms = injected!.t - started!.t;
        expect(loss!.rpo_ms).to.be.at.most(RPO_AT_MOST_MS + BACKUP_LATENCY_MS + served_ms);
        expect(loss!.second).to.equal(null);
        expect(loss!.second_missing).to.match(/disks of region east were destroyed/);
      });
    });
  }
});
