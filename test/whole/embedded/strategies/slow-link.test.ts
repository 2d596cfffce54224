// What a long link costs where nobody waits for the standby: about its own delay.
import { expect } from 'chai';
import { assess } from '../../../../src/verdict/assess.ts';
import { eventsOf, expectExactLoss } from '../../../support/scenario/count.ts';
import {
  AT_STAKE,
  inScenario,
  loadUntil,
  shortDrill,
  untilQuick,
  WITH_APP,
} from '../../../support/scenario/load.ts';

describe('the loss of a region over a long link', function () {
  this.timeout(180_000);

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
    it(`over a link of ${LATENCY_MS} ms is about its delay (seed ${seed})`, async function () {
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
