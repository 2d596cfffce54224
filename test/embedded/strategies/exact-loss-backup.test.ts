// Exact loss with backups alone, ten seeds for each way in which the log leaves the region. Its
// disks are destroyed, so the count is checked on the copy of them that only the test looks into,
// and by how far the log in the storage goes.
import { expect } from 'chai';
import { randomStream } from '../../../src/base/random.ts';
import { parseLsn } from '../../../src/postgres/lsn.ts';
import { assess } from '../../../src/verdict/assess.ts';
import type { Scenario } from '../../support/scenario.ts';
import { eventsOf, expectExactLoss } from '../../support/scenario-count.ts';
import {
  countFor,
  cutAndSeed,
  inScenario,
  loadUntil,
  shortDrill,
  untilThere,
  writeBaseLoad,
} from '../../support/scenario-load.ts';

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
const AT_STAKE = 40;
const LATENCY_MS = 2;
const ARCHIVE_TIMEOUT_MS = 1_000;
/** The limit: the timeout, and the way of the segment; without the link. */
const RPO_AT_MOST_MS = 1_200;
/** Of these seeds the fault comes just so long after a segment was archived. */
const HALF_WAY_MS = 500;
const HALF_WAY_SEEDS = [1, 2, 3];

const backup = (wal: string) => `backup: { every: 1h, keep: 2, wal: ${wal} }`;

async function inBackupScenario(
  wal: string,
  seed: number,
  seed_rows: number,
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const strategy = 'backup-restore';
  const latency = `${LATENCY_MS}ms`;
  const text = shortDrill({ strategy, latency, topology: backup(wal), seed_rows });
  await inScenario(text, seed, work);
}

async function endOfLog({ system }: Scenario): Promise<bigint> {
  return parseLsn((await system.storage!.state()).wal.end_lsn!);
}

/** Of log that has come since: a segment was archived just now. */
async function untilArchived(scenario: Scenario): Promise<void> {
  const before = await endOfLog(scenario);
  for (let i = 0; i < 500; i++) {
    if ((await endOfLog(scenario)) > before) return;
    await scenario.run.clock.sleep(10);
  }
  throw new Error('nothing was archived in 5 s');
}

describe('the loss of a region of which only backups are left', function () {
  this.timeout(180_000);

  for (const seed of SEEDS) {
    const isHalfWay = HALF_WAY_SEEDS.includes(seed);
    const offset_ms = isHalfWay ? HALF_WAY_MS : 100 + Math.round(randomStream(seed)() * 800);
    it(`archive: is what came after the last segment, ${offset_ms} ms after it (seed ${seed})`, async function () {
      this.retries(2); // the limit in time; a busy machine archives late
      await inBackupScenario('archive', seed, 0, async (scenario) => {
        await loadUntil(scenario, AT_STAKE, 0);
        await untilArchived(scenario);
        await scenario.run.clock.sleep(offset_ms);
        const written = await scenario.system.region('east').database.position();
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
        expect(loss!.rpo_ms).to.be.at.most(RPO_AT_MOST_MS + LATENCY_MS + served_ms);
        expect(loss!.second).to.equal(null);
        expect(loss!.second_missing).to.match(/disks of region east were destroyed/);
      });
    });
  }

  it('archive: is nothing where the archived log covers the last acknowledged commit', async () => {
    await inBackupScenario('archive', 1, 0, async (scenario) => {
      await writeBaseLoad(scenario);
      const last = await scenario.system.region('east').database.position();
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

  it('archive: is all since the base backup where no segment has come', async () => {
    await inBackupScenario('archive', 1, 30, async (scenario) => {
      await untilThere(scenario);
      const known = await cutAndSeed(scenario);
      await scenario.run.clock.sleep(ARCHIVE_TIMEOUT_MS + 200);
      const last = await scenario.system.region('east').database.position();
      expect((await endOfLog(scenario)) < last).to.equal(true);
      await scenario.loseAndRecover();
      const evidence = await scenario.verify();
      expect(await expectExactLoss(scenario, evidence)).to.deep.equal(known);
    });
  });

  for (const seed of SEEDS) {
    const seed_rows = countFor(randomStream(seed));
    it(`receive: is what was written after the cut, ${seed_rows} (seed ${seed})`, async () => {
      await inBackupScenario('receive', seed, seed_rows, async (scenario) => {
        await writeBaseLoad(scenario);
        await untilThere(scenario);
        const received = await endOfLog(scenario);
        const known = await cutAndSeed(scenario);
        await scenario.loseAndRecover();
        expect((await endOfLog(scenario)) <= received, 'nothing came any more').to.equal(true);
        const evidence = await scenario.verify();
        expect(await expectExactLoss(scenario, evidence)).to.deep.equal(known);
      });
    });
  }

  for (const seed of SEEDS) {
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
