// Exact loss with a standby, ten seeds for each way: what never crossed the link is lost and
// nothing else is; with a synchronous standby nothing is; and a slow link costs its own delay.
import { expect } from 'chai';
import { randomStream } from '../../../src/base/random.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { eventsOf, expectExactLoss } from '../../support/scenario-count.ts';
import {
  countFor,
  cutAndSeed,
  inScenario,
  loadUntil,
  shortDrill,
  untilQuick,
  untilThere,
  WITH_APP,
  writeBaseLoad,
} from '../../support/scenario-load.ts';

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
/** So many writes are acknowledged at least before the region is lost. */
const AT_STAKE = 40;

const SYNC = 'replication: { mode: sync }';

describe('the loss of a region that has a replica in another', function () {
  this.timeout(180_000);

  for (const seed of SEEDS) {
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
    for (const seed of SEEDS) {
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

  /**
   * What was acknowledged within the link's delay before the cut is on its way. Clients are answered
   * quickly just before: an answer that takes longer than the link comes when its row has arrived.
   * The lower limit leaves out the pause between two writes at either end, and such an answer; the
   * upper one adds how long the injection took, during which clients are still served, and a moment
   * in which the machine does something else.
   */
  const LATENCY_MS = 20;
  const ANSWER_MS = 8;
  const PAUSES_MS = 2 * 2.5;
  const MOMENT_MS = 60;
  for (const seed of [1, 2, 3]) {
    it(`warm-standby, async: a link of ${LATENCY_MS} ms costs about its delay (seed ${seed})`, async function () {
      this.retries(3); // a busy machine delays answers, injections and timers alike
      const [strategy, latency] = ['warm-standby', `${LATENCY_MS}ms`];
      const text = shortDrill({ strategy, latency, rate: '400/s', west: WITH_APP });
      await inScenario(text, seed, async (scenario) => {
        await loadUntil(scenario, AT_STAKE, 13 * seed);
        const isQuick = await untilQuick(scenario, ANSWER_MS);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        const lost = await expectExactLoss(scenario, evidence);
        const { rpo_ms } = assess(evidence).loss!;
        const [started] = eventsOf(evidence.events, 'fault.started');
        const [injected] = eventsOf(evidence.events, 'fault.injected');
        if (isQuick) {
          expect(lost).not.to.deep.equal([]);
          expect(rpo_ms).to.be.at.least(LATENCY_MS - ANSWER_MS - PAUSES_MS);
        }
        const most_ms = LATENCY_MS + (injected!.t - started!.t) + MOMENT_MS;
        expect(rpo_ms).to.be.at.most(most_ms);
      });
    });
  }
});
