// Service while it is watched: each look says the same as a look at the whole ledgers, and costs what
// is new.
import { expect } from 'chai';
import { mix32 } from '../../../src/base/random.ts';
import {
  mergeOperations,
  OperationColumns,
} from '../../../src/evidence/ledger/operation-columns.ts';
import { OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { withoutHarmed, type Harm } from '../../../src/measure/operations/harm.ts';
import { ServiceFollower } from '../../../src/measure/service/follow-service.ts';
import { serviceState } from '../../../src/measure/service/service.ts';

const TIMEOUT_MS = 400;
const END_MS = 12_000;
const LOOK_EVERY_MS = 100;

/** A record of a ledger, and when somebody who reads it first sees it. */
interface Seen {
  readonly at_ms: number;
  readonly add: (to: OperationColumns) => string | null;
}

function drawsOf(seed: number) {
  let drawn = 0;
  return (below: number) => (mix32(seed, drawn++, 1) / 2 ** 32) * below;
}

/** Clients of a service that is gone now and then, and of a DNS that keeps them waiting. */
function records(draw: (below: number) => number, rate: number, lateShare: number): Seen[] {
  const span = (longest: number) => {
    const from_ms = draw(END_MS);
    return { from_ms, to_ms: from_ms + draw(longest) };
  };
  const within = (at: number) => (one: ReturnType<typeof span>) =>
    at >= one.from_ms && at < one.to_ms;
  const outages = [span(3_000), span(500), span(100)];
  const waits = [span(1_000), span(200)];
  const failing = draw(0.02);
  const seen: Seen[] = [];
  for (let index = 0; index * (1000 / rate) < END_MS; index++) {
    const scheduled_ms = index * (1000 / rate);
    const wait = waits.find(within(scheduled_ms));
    const sent_ms = Math.max(scheduled_ms, wait?.to_ms ?? 0) + draw(2);
    const id = { kind: OPERATION_KIND.write, writer: 1 + (index % 4), sequence: index + 1 };
    const sent = { ...id, scheduled_ms, sent_ms };
    if (draw(1) < 0.005) {
      seen.push({ at_ms: sent_ms, add: (to) => to.addSent(sent, false, 0) });
      continue;
    }
    const isOut = outages.some(within(sent_ms)) || draw(1) < failing;
    const hangs = isOut && draw(1) < 0.5;
    const outcome = isOut ? (hangs ? OUTCOME.unknown : OUTCOME.refused) : OUTCOME.acknowledged;
    const done_ms = sent_ms + (hangs ? TIMEOUT_MS : 1 + draw(isOut ? 5 : 30));
    const ended = { ...id, outcome, done_ms, node: 0, timeline: 1, flags: 0 };
    const late_ms = draw(1) < lateShare ? draw(5_000) : draw(200);
    seen.push({ at_ms: sent_ms, add: (to) => to.addSent(sent, true, 0) });
    seen.push({ at_ms: done_ms + late_ms, add: (to) => to.addOutcome(ended) });
  }
  return seen.sort((a, b) => a.at_ms - b.at_ms);
}

/** Looks again and again, in both ways; how much the follower looked at, and the whole way. */
function watched(
  seed: number,
  rates_per_s: readonly number[],
  lateShare: number,
  harm: Harm | null,
) {
  const draw = drawsOf(seed);
  const ledgers = rates_per_s.map((rate) => ({
    columns: new OperationColumns(),
    left: records(draw, rate, lateShare),
  }));
  const steady = { due: 1, served: 1, p99_ms: 10, within_ms: 100 };
  const context = {
    from_ms: 500,
    until_ms: null,
    disaster_ms: 3_000,
    steady: { ...steady, served_per_s: rates_per_s.reduce((sum, rate) => sum + rate, 0) },
    sustain: { for_ms: 1_000, success: 0.99, capacity: 0.8, within_ms: null },
    rates_per_s,
  };
  const follower = new ServiceFollower({ ...context, timeout_ms: TIMEOUT_MS, harm });
  let whole = 0;
  let outages = 0;
  let now_ms = 3_000;
  while (now_ms < END_MS + 2_000) {
    const grown = ledgers.map(({ columns, left }) => {
      while (left[0] !== undefined && left[0].at_ms <= now_ms) {
        expect(left.shift()!.add(columns)).to.equal(null);
      }
      return { operations: columns.operations(), changed_ms: columns.changedSince() };
    });
    const operations = mergeOperations(grown.map((ledger) => ledger.operations));
    const state = serviceState(withoutHarmed(operations, harm), { ...context, now_ms });
    expect(follower.look(grown, now_ms), `seed ${seed}, at ${now_ms}`).to.deep.equal(state);
    whole += operations.count;
    outages = state.outages.length;
    now_ms += LOOK_EVERY_MS + draw(50);
  }
  return { looked: follower.looked, whole, outages };
}

describe('service that is followed', () => {
  it('is at each look what the whole ledger says, in random series', () => {
    let outages = 0;
    for (let seed = 1; seed <= 8; seed++) outages += watched(seed, [100], 0, null).outages;
    expect(outages).to.be.greaterThan(8);
  });

  it('is so with two ledgers, operations at one time among them', () => {
    for (let seed = 100; seed <= 104; seed++) watched(seed, [100, 50], 0, null);
  });

  it('is so where outcomes come later than any should, and where data was harmed', () => {
    for (let seed = 200; seed <= 205; seed++) {
      watched(seed, [80], 0.002, { harmed_ms: 3_500, verified_ms: 6_000 });
    }
  });

  it('looks at what is new, not at all there is', () => {
    // What is due in sustain.for, the time-out and the buffer is looked at again at each look.
    const { looked, whole } = watched(7, [200], 0, null);
    const looks = (END_MS + 2_000 - 3_000) / LOOK_EVERY_MS;
    const again = 200 * (1 + TIMEOUT_MS / 1000 + 0.25 + 3.5);
    expect(looked).to.be.lessThan(looks * again);
    expect(looked).to.be.lessThan(0.6 * whole);
  });
});
