// Exact loss with backups alone, ten seeds for each way in which the log is received. The region's
// disks are destroyed, so the count is checked on the copy of them that only the test looks into,
// and by how far the log in the repository goes.
import { expect } from 'chai';
import { randomStream } from '../../../../src/base/random.ts';
import { parseLsn } from '../../../../src/postgres/server/lsn.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import { eventsOf, expectExactLoss } from '../../../support/scenario/count.ts';
import {
  AT_STAKE,
  countFor,
  cut,
  cutAndSeed,
  loadUntil,
  seedAfterCut,
  TEN_SEEDS,
  untilThere,
  writeBaseLoad,
} from '../../../support/scenario/load.ts';
import { endOfLog, inBackupScenario } from '../../../support/scenario/backup.ts';
import { it, some } from '../../../support/commands.ts';
import { ordersIn } from '../../../../src/topology/system/region.ts';

const ARCHIVE_TIMEOUT_MS = 1_000;

describe('the loss of a region of which only backups are left', function () {
  this.timeout(180_000);

  it('archive: is nothing where the archived log covers the last acknowledged commit', async () => {
    await inBackupScenario('archive', 1, 0, async (scenario) => {
      await writeBaseLoad(scenario);
      const last = await ordersIn(scenario.system.region('east')).log!.position();
      await untilThere(scenario); // by the timeout of the archiving alone
      expect((await endOfLog(scenario)) >= last).to.equal(true);
      await scenario.loseAndRecover();
      const evidence = await scenario.verify();
      expect(await expectExactLoss(scenario, evidence)).to.deep.equal([]);
      expect(assess(evidence).loss?.acknowledged).to.be.above(0);
      const [restored] = eventsOf(evidence.events, 'database.restored');
      expect(parseLsn(restored!.log_end) >= last).to.equal(true);
    });
  });

  it.full('archive: is all since the base backup where no segment has come', async () => {
    await inBackupScenario('archive', 1, 30, async (scenario) => {
      await untilThere(scenario);
      const known = await cutAndSeed(scenario);
      await scenario.run.clock.sleep(ARCHIVE_TIMEOUT_MS + 200);
      const last = await ordersIn(scenario.system.region('east')).log!.position();
      expect((await endOfLog(scenario)) < last).to.equal(true);
      await scenario.loseAndRecover();
      const evidence = await scenario.verify();
      expect(await expectExactLoss(scenario, evidence)).to.deep.equal(known);
    });
  });

  for (const [seed, it] of some(TEN_SEEDS, 0)) {
    const seed_rows = countFor(randomStream(seed));
    it(`receive: is what was written after the cut, ${seed_rows} (seed ${seed})`, async () => {
      await inBackupScenario('receive', seed, seed_rows, async (scenario) => {
        await writeBaseLoad(scenario);
        await untilThere(scenario);
        await cut(scenario);
        const received = await endOfLog(scenario);
        const known = await seedAfterCut(scenario);
        await scenario.loseAndRecover();
        expect((await endOfLog(scenario)) <= received, 'nothing came any more').to.equal(true);
        const evidence = await scenario.verify();
        expect(await expectExactLoss(scenario, evidence)).to.deep.equal(known);
      });
    });
  }

  for (const [seed, it] of some(TEN_SEEDS, 0)) {
    it(`receive-sync: is nothing, under load (seed ${seed})`, async () => {
      await inBackupScenario('receive-sync', seed, 0, async (scenario) => {
        await loadUntil(scenario, AT_STAKE, 13 * seed);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        expect(await expectExactLoss(scenario, evidence)).to.deep.equal([]);
        const { loss } = assess(evidence);
        expect(loss?.acknowledged).to.be.at.least(AT_STAKE);
        expect(loss).to.include({ rpo_ms: 0, lost: 0 });
      });
    });
  }
});
