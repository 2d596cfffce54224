// Exact loss of one of two regions that both serve, ten seeds: what only the lost one had, and
// nothing of what the other one took; and clients are only redirected, nothing is promoted.
import { expect } from 'chai';
import { randomStream } from '../../../../src/base/random.ts';
import { SEED_WRITER } from '../../../../src/evidence/ledger/operation.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import { eventsOf, expectExactLoss, idsServedBy } from '../../../support/scenario/count.ts';
import {
  countFor,
  cutAndSeed,
  inScenario,
  shortDrill,
  TEN_SEEDS,
  untilThere,
  writeBaseLoad,
} from '../../../support/scenario/load.ts';
import { some } from '../../../support/commands.ts';

/** Both regions take some of them. */
const ROWS_MIN = 24;
const BOTH = '{ role: active, app: { instances: 1, capacity: 5000/s } }';

describe('the loss of one of two regions that serve', function () {
  this.timeout(180_000);

  for (const [seed, it] of some(TEN_SEEDS, 1)) {
    const seed_rows = ROWS_MIN + countFor(randomStream(seed));
    it(`is what it alone took of ${seed_rows} writes after the cut (seed ${seed})`, async () => {
      const text = shortDrill({ strategy: 'active-active', west: BOTH, seed_rows });
      await inScenario(text, seed, async (scenario) => {
        await writeBaseLoad(scenario);
        await untilThere(scenario);
        const known = await cutAndSeed(scenario);
        const [east, west] = [
          await idsServedBy(scenario, 'east'),
          new Set(await idsServedBy(scenario, 'west')),
        ];
        const onlyEast = east.filter((id) => !west.has(id)).toSorted();
        expect(onlyEast.every((id) => known.includes(id))).to.equal(true);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        expect(await expectExactLoss(scenario, evidence)).to.deep.equal(onlyEast);
        const { loss } = assess(evidence);
        const second = { only_old: onlyEast.length, unknown: 0, agrees: true, never_durable: 0 };
        expect(loss?.second).to.deep.equal(second);
        const there = (await idsServedBy(scenario, 'west')).filter((id) => isSeedRow(id));
        expect(there.length).to.equal(seed_rows - onlyEast.length);
        expect(eventsOf(evidence.events, 'promote.sent')).to.deep.equal([]);
        expect(eventsOf(evidence.events, 'database.writable')).to.deep.equal([]);
        const { with: procedure, steps } = eventsOf(evidence.events, 'recovery.started')[0]!;
        expect(procedure).to.equal('redirect-clients');
        expect(steps.join()).not.to.match(/promote|restore/);
      });
    });
  }
});

function isSeedRow(id: string): boolean {
  return id.startsWith(`${SEED_WRITER}-`);
}
