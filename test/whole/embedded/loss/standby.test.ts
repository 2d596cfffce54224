// Exact loss with a standby, ten seeds for each way: what never crossed the link is lost and
// nothing else is; with a synchronous standby nothing is.
import { expect } from 'chai';
import { randomStream } from '../../../../src/base/random.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import { expectExactLoss } from '../../../support/scenario/count.ts';
import {
  AT_STAKE,
  countFor,
  cutAndSeed,
  inScenario,
  loadUntil,
  shortDrill,
  TEN_SEEDS,
  untilThere,
  WITH_APP,
  writeBaseLoad,
} from '../../../support/scenario/load.ts';
import { some } from '../../../support/commands.ts';

const SYNC = 'replication: { mode: sync }';

describe('the loss of a region that has a replica in another', function () {
  this.timeout(180_000);

  for (const [seed, it] of some(TEN_SEEDS, 1)) {
    const seed_rows = countFor(randomStream(seed));
    it(`pilot-light, async: is what was written after the cut, ${seed_rows} (seed ${seed})`, async () => {
      const text = shortDrill({ strategy: 'pilot-light', seed_rows });
      await inScenario(text, seed, async (scenario) => {
        await writeBaseLoad(scenario);
        await untilThere(scenario);
        const known = await cutAndSeed(scenario);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        expect(await expectExactLoss(scenario, evidence)).to.deep.equal(known);
        expect(assess(evidence).loss?.second).to.include({ only_old: seed_rows, agrees: true });
      });
    });
  }

  for (const [strategy, west] of [
    ['pilot-light', undefined],
    ['warm-standby', WITH_APP],
  ] as const) {
    for (const [seed, it] of some(TEN_SEEDS, 0)) {
      it(`${strategy}, sync: is nothing, under load (seed ${seed})`, async () => {
        const topology = SYNC;
        const text = shortDrill({ strategy, topology, ...(west === undefined ? {} : { west }) });
        await inScenario(text, seed, async (scenario) => {
          await loadUntil(scenario, AT_STAKE, 13 * seed);
          await scenario.loseAndRecover();
          const evidence = await scenario.verify();
          expect(await expectExactLoss(scenario, evidence)).to.deep.equal([]);
          const { loss } = assess(evidence);
          expect(loss?.acknowledged).to.be.at.least(AT_STAKE);
          expect(loss).to.include({ rpo_ms: 0, lost_bytes: 0 });
          expect(loss?.second?.agrees).to.equal(true);
        });
      });
    }
  }
});
