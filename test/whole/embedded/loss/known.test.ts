// Loss counted against what is known beforehand: on a real system, writes that never crossed the
// link are lost, and nothing else is.
import { expect } from 'chai';
import { randomStream } from '../../../../src/base/random.ts';
import type { EventName } from '../../../../src/evidence/event.ts';
import type { Evidence } from '../../../../src/evidence/evidence.ts';
import { OPERATION_KIND, OUTCOME, SEED_WRITER } from '../../../../src/evidence/ledger/operation.ts';
import { assess } from '../../../../src/verdict/assess.ts';
import type { Scenario } from '../../../support/scenario/scenario.ts';
import { failedChecks, idsOf, idsServedBy, idsWith } from '../../../support/scenario/count.ts';
import {
  AT_STAKE,
  cut,
  inScenario,
  loadUntil,
  shortDrill,
  untilThere,
  WITH_APP,
  writeBaseLoad,
} from '../../../support/scenario/load.ts';
import { some } from '../../../support/commands.ts';
import { ordersIn } from '../../../../src/topology/system/region.ts';
import type { StoreLog } from '../../../../src/topology/system/store.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const WRITES_MAX = 40;
const STILL_MS = 300;
const STILL_AT_MOST = 30;

/** `seed_rows` are written by themselves, when the test says so. */
const drill = (seed_rows: number, latency: string) =>
  shortDrill({ strategy: 'warm-standby', west: WITH_APP, seed_rows, latency });

describe('the loss of a region with a known loss', function () {
  this.timeout(60_000);

  for (const [seed, it] of some(SEEDS, 2)) {
    const count = 1 + Math.floor(randomStream(seed)() * WRITES_MAX);
    it(`is what was written after the link was cut: ${count} (seed ${seed})`, async () => {
      await inScenario(drill(count, '2ms'), seed, async (scenario) => {
        await writeBaseLoad(scenario, 200);
        await untilThere(scenario);
        await cutAndWrite(scenario, count);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        expect(failedChecks(evidence)).to.deep.equal([]);
        const known = Array.from({ length: count }, (_, i) => `${SEED_WRITER}-${i + 1}`);
        expect(idsOf(evidence, 'lost')).to.deep.equal(known.toSorted());
        const { loss } = assess(evidence);
        expect(loss?.lost).to.equal(count);
        expect(loss?.second).to.deep.equal({
          only_old: count,
          unknown: 0,
          agrees: true,
          never_durable: 0,
        });
        const survivors = await idsServedBy(scenario, 'west');
        const others = idsWith(evidence, OUTCOME.acknowledged).filter((id) => !known.includes(id));
        expect(survivors.toSorted()).to.deep.equal(others.toSorted());
      });
    });
  }

  for (const [seed, it] of some([1, 2, 3], 1)) {
    it(`under load is what only the old primary has and was acknowledged (seed ${seed})`, async () => {
      await inScenario(drill(0, '100ms'), seed, async (scenario) => {
        await loadUntil(scenario, AT_STAKE, 100);
        await scenario.loseAndRecover();
        const evidence = await scenario.verify();
        expect(failedChecks(evidence)).to.deep.equal([]);
        const serving = new Set(await idsServedBy(scenario, 'west'));
        const onlyOld = (await idsOnOldDisk(scenario)).filter((id) => !serving.has(id));
        const acknowledged = new Set(idsWith(evidence, OUTCOME.acknowledged));
        const lost = idsOf(evidence, 'lost');
        if (isOnItsWay(evidence)) expect(lost.length).to.be.above(0);
        expect(onlyOld.filter((id) => acknowledged.has(id)).toSorted()).to.deep.equal(lost);
        const unknown = new Set(idsWith(evidence, OUTCOME.unknown));
        const rest = onlyOld.filter((id) => !acknowledged.has(id));
        expect(rest.filter((id) => !unknown.has(id))).to.deep.equal([]);
        expect(assess(evidence).loss?.second?.agrees).to.equal(true);
      });
    });
  }
});

/**
 * Whether a write was acknowledged that cannot have crossed a link of 100 ms before the region was
 * lost: on a busy machine clients may have stood still then, or the loss may have taken longer.
 */
function isOnItsWay({ events, stores }: Evidence): boolean {
  const timeOf = (name: EventName) => events.find(({ event }) => event === name)!.t;
  const [started_ms, injected_ms] = [timeOf('fault.started'), timeOf('fault.injected')];
  const { count, kind, outcome, done_ms } = stores[0]!.operations!;
  return Array.from({ length: count }, (_, row) => row).some((row) => {
    const isAcknowledged =
      kind.at(row) !== OPERATION_KIND.read && outcome.at(row) === OUTCOME.acknowledged;
    const done = done_ms.at(row);
    return isAcknowledged && done <= started_ms && done > injected_ms - 80;
  });
}

/** The cut is proved: the proxy refuses, and the standby stands still while the primary goes on. */
async function cutAndWrite(scenario: Scenario, count: number): Promise<void> {
  const { system, load } = scenario;
  const [east, west] = [ordersIn(system.region('east')), ordersIn(system.region('west'))];
  await cut(scenario);
  await untilStill(scenario, west.log!);
  const before = { east: await east.log!.position(), west: await west.log!.position() };
  expect(await load.seed()).to.equal(count);
  expect((await east.log!.position()) > before.east, 'the primary goes on').to.equal(true);
  expect(await west.log!.position(), 'the standby stands still').to.equal(before.west);
}

/** The standby still writes down what had crossed the link before the cut. */
async function untilStill({ run }: Scenario, log: StoreLog): Promise<void> {
  let seen = await log.position();
  for (let i = 0; i < STILL_AT_MOST; i++) {
    await run.clock.sleep(STILL_MS);
    const now = await log.position();
    if (now === seen) return;
    seen = now;
  }
  throw new Error('the standby goes on without its link');
}

async function idsOnOldDisk({ system }: Scenario): Promise<string[]> {
  const dead = await system.region('east').openDead('orders');
  const ids: string[] = [];
  await dead!.readRows(({ writer, sequence }) => ids.push(`${writer}-${sequence}`));
  await dead!.stop();
  return ids;
}
