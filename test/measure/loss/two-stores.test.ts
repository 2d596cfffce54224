// Two stores in one run: the loss of each is its own, and the whole is their sum.
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Outcome } from '../../../src/evidence/ledger/operation.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Measurement } from '../../../src/measure/measured.ts';
import { CLASS_NAMES, type Loss } from '../../../src/drill/measurement.ts';
import {
  acknowledged,
  EAST,
  PAYLOAD_BYTES,
  rowOf,
  TIMES,
  type Op,
} from '../../support/evidence/synthetic.ts';
import {
  evidenceOfTwo,
  someCarts,
  someOrders,
  twoStores,
  type StoreParts,
  type TwoParts,
} from '../../support/evidence/two-stores.ts';

const orders = someOrders.ops;
const carts = someCarts.ops;
/** As in a run of no trouble, but for the last `count` that were acknowledged before the fault. */
function withoutNewest(ops: readonly Op[], count: number): StoreParts {
  const before = acknowledged(ops).filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
  const gone = new Set(before.slice(-count));
  return {
    ops,
    readings: {
      serving: acknowledged(ops)
        .filter((op) => !gone.has(op))
        .map(rowOf),
    },
  };
}

function lossesOf({ stores }: Measurement): { orders: Loss; carts: Loss } {
  const found = (name: string) => stores.find(({ store }) => store === name)!.loss!;
  return { orders: found('orders'), carts: found('carts') };
}

function lossesIn(parts: TwoParts) {
  return lossesOf(measure(evidenceOfTwo(parts)));
}

describe('the loss of two stores', () => {
  it('is nothing when all that was acknowledged is there', () => {
    const { loss, doubts, failures } = measure(evidenceOfTwo());
    expect([doubts, failures]).to.deep.equal([[], []]);
    expect(loss!.classes.lost).to.equal(0);
    expect(loss!.rpo).to.deep.equal({ value: 0, low: 0, high: 0 });
    const writes = acknowledged(orders).length + acknowledged(carts).length;
    expect(loss!.outcomes.acknowledged).to.equal(writes);
  });

  it('is counted for each, by hand: 12 orders and 5 carts', () => {
    const parts = { orders: withoutNewest(orders, 12), carts: withoutNewest(carts, 5) };
    const measured = measure(evidenceOfTwo(parts));
    const losses = lossesOf(measured);
    expect(losses.orders.classes.lost).to.equal(12);
    expect(losses.carts.classes.lost).to.equal(5);
    // The last order before the fault at 5000 ms was due at 4995, the 12th last at 4940, and
    // acknowledged 2 ms later; the last cart at 4981.5, the 5th last at 4901.5.
    expect(losses.orders.rpo.value).to.equal(58);
    expect(losses.carts.rpo.value).to.equal(96.5);
    expect(losses.orders.lost_ids[0]).to.deep.equal({ writer: 13, sequence: 62 });
    expect(losses.carts.lost_ids).to.have.lengthOf(5);
    const { loss } = measured;
    expect(loss!.classes.lost).to.equal(17);
    expect(loss!.lost_bytes).to.equal(17 * PAYLOAD_BYTES);
    expect(loss!.rpo.value).to.equal(96.5);
    expect(loss!.lost_ids.map(({ store }) => store)).to.deep.equal([
      ...Array.from({ length: 12 }, () => 'orders'),
      ...Array.from({ length: 5 }, () => 'carts'),
    ]);
  });

  it('keeps equal ids of the two apart', () => {
    const [order, cart] = [orders[0]!, carts[0]!];
    expect([order.writer, order.sequence]).to.deep.equal([cart.writer, cart.sequence]);
    const without = (ops: readonly Op[]): StoreParts => {
      return { ops, readings: { serving: acknowledged(ops).slice(1).map(rowOf) } };
    };
    const redis = lossesIn({ carts: without(carts) });
    expect([redis.orders.classes.lost, redis.carts.classes.lost]).to.deep.equal([0, 1]);
    const postgres = lossesIn({ orders: without(orders) });
    expect([postgres.orders.classes.lost, postgres.carts.classes.lost]).to.deep.equal([1, 0]);
  });

  it('names the store of every lie', () => {
    const twice = {
      ops: carts,
      readings: { serving: [...acknowledged(carts), carts[3]!].map(rowOf) },
    };
    const stranger = { ...rowOf(orders[0]!), sequence: 4_000_000 };
    const serving = [...acknowledged(orders).map(rowOf), stranger];
    const { failures } = measure(
      evidenceOfTwo({ orders: { ops: orders, readings: { serving } }, carts: twice }),
    );
    const unexpected = 'PostgreSQL: 1 write is present although refused or never sent: 1-4000000.';
    const doubled = 'Redis: 1 write is present more than once: 4-1.';
    expect(failures).to.deep.equal([
      { code: 'write-unexpected', store: 'postgres', text: unexpected },
      { code: 'write-duplicated', store: 'redis', text: doubled },
    ]);
  });

  it('has no whole where one of them is not known, and says what is', () => {
    const parts = { carts: { ops: carts, readings: {} }, orders: withoutNewest(orders, 12) };
    const { loss, stores, doubts } = measure(evidenceOfTwo(parts));
    expect(loss).to.equal(null);
    expect(stores.map((each) => each.loss?.classes.lost ?? null)).to.deep.equal([12, null]);
    expect(doubts).to.deep.equal([
      {
        ...{ affects: 'loss', store: 'carts', endsEarly: true },
        reason: 'Redis: What survived in the serving database is not known: it was never read.',
      },
    ]);
  });

  it('gives the lost writes of one no place in the split-brain of the other', () => {
    // Redis answers without a timeline: the region of the node decides.
    const late = { writer: 40, sequence: 1, scheduled_ms: 8_000, done_ms: 8_002, node: EAST };
    const extra: Op = { ...late, outcome: 'acknowledged', timeline: 0 };
    const losses = lossesIn({ carts: { ops: [...carts, extra] } });
    expect([losses.orders.split_brain, losses.carts.split_brain]).to.deep.equal([0, 1]);
    const both = measure(evidenceOfTwo({ carts: { ops: [...carts, extra] } })).loss!;
    expect(both.split_brain).to.equal(1);
  });

  it('asks each disk for its own second opinion, and has one whole only of both', () => {
    const old = (ops: readonly Op[]) =>
      acknowledged(ops).filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
    const withDisk = (ops: readonly Op[], lost: number): StoreParts => {
      const { readings } = withoutNewest(ops, lost);
      return { ops, readings: { ...readings, 'old-primary': old(ops).map(rowOf) } };
    };
    const both = { orders: withDisk(orders, 7), carts: withDisk(carts, 3) };
    const whole = measure(evidenceOfTwo(both)).loss!;
    expect(whole.second).to.include({ only_old: 10, unknown: 0, agrees: true, never_durable: 0 });
    const half = measure(evidenceOfTwo({ ...both, carts: withoutNewest(carts, 3) }));
    expect(lossesOf(half).orders.second).to.include({ only_old: 7 });
    expect(half.loss!.second).to.equal(null);
    expect(half.loss!.second_missing).to.equal("Redis: the old primary's disk was not read");
    const odd = [...old(carts), carts.find(({ outcome }) => outcome === 'refused')!];
    const lying = {
      ops: carts,
      readings: { ...both.carts.readings, 'old-primary': odd.map(rowOf) },
    };
    const { doubts } = measure(evidenceOfTwo({ ...both, carts: lying }));
    expect(doubts.map(({ store }) => store)).to.deep.equal(['carts']);
    expect(doubts[0]!.reason).to.match(/^Redis: The old primary holds 1 write/);
  });

  it('says why the disk of a Redis without an append-only file knows nothing', () => {
    const redis = { ...twoStores.redis!, appendonly: 'no' } as const;
    const { carts: loss } = lossesIn({ plan: { ...twoStores, redis } });
    expect(loss.second).to.equal(null);
    expect(loss.second_missing).to.match(/^Redis kept no append-only file \(appendonly: no\)/);
  });

  it('adds up to what each ledger says, whatever is lost where', () => {
    const outcome = fc.constantFrom<Outcome[]>('acknowledged', 'refused', 'unknown', 'unsent');
    const write = fc.record({ outcome, copies: fc.integer({ min: 0, max: 2 }) });
    const world = fc.array(write, { maxLength: 40 });
    const partsOf = (writes: readonly { outcome: Outcome; copies: number }[]): StoreParts => {
      const ops = writes.map(({ outcome: one }, at): Op => {
        return { writer: (at % 3) + 1, sequence: at + 1, scheduled_ms: at, outcome: one };
      });
      const serving = writes.flatMap(({ copies }, at) =>
        Array.from({ length: copies }, () => rowOf(ops[at]!)),
      );
      return { ops, readings: { serving } };
    };
    fc.assert(
      fc.property(world, world, (first, second) => {
        const measured = measure(evidenceOfTwo({ orders: partsOf(first), carts: partsOf(second) }));
        const losses = lossesOf(measured);
        for (const [loss, writes] of [
          [losses.orders, first],
          [losses.carts, second],
        ] as const) {
          const sum = CLASS_NAMES.reduce((total, name) => total + loss.classes[name], 0);
          expect(sum).to.equal(writes.length);
          const lost = writes.filter((one) => one.outcome === 'acknowledged' && one.copies === 0);
          expect(loss.classes.lost).to.equal(lost.length);
        }
        for (const name of CLASS_NAMES) {
          const sum = losses.orders.classes[name] + losses.carts.classes[name];
          expect(measured.loss!.classes[name]).to.equal(sum);
        }
        const all = Object.values(measured.loss!.outcomes).reduce((sum, count) => sum + count, 0);
        expect(all).to.equal(first.length + second.length);
      }),
      { numRuns: 60 },
    );
  });
});
