// Service of a system with two stores: what clients see of both, at the end and while it grows.
import { expect } from 'chai';
import { duePerSecond, ratesOf } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { mergeOperations } from '../../../src/evidence/ledger/operation-columns.ts';
import { measure } from '../../../src/measure/measure.ts';
import { serviceState, type ServiceContext } from '../../../src/measure/service/service.ts';
import { steadyOf } from '../../../src/measure/service/steady.ts';
import {
  drive,
  fromEast,
  goneFor,
  operationsOf,
  plan,
  refuses,
  SPACING_MS,
  TIMES,
  type Op,
} from '../../support/evidence/synthetic.ts';
import {
  CART_SPACING_MS,
  driveCarts,
  evidenceOfTwo,
  someCarts,
  someOrders,
  twoStores,
} from '../../support/evidence/two-stores.ts';

const orders = someOrders.ops;
const carts = someCarts.ops;

describe('service over two stores', () => {
  const rates_per_s = ratesOf(twoStores);
  const merged = (a: readonly Op[], b: readonly Op[]) =>
    mergeOperations([operationsOf(a), operationsOf(b)]);
  const window = { from_ms: TIMES.steadyFrom, to_ms: TIMES.steadyTo };
  const rules = { sustain: plan.sustain, timeout_ms: plan.workload.timeout_ms };

  it('is measured over the operations of both', () => {
    const { recovery, doubts } = measure(evidenceOfTwo());
    expect(doubts).to.deep.equal([]);
    expect(recovery!.rto.value).to.be.within(599, 600 + SPACING_MS + 10);
    expect(recovery!.steady!.served_per_s).to.be.closeTo(duePerSecond(twoStores), 1);
  });

  it('is out when only the carts are', () => {
    const evidence = evidenceOfTwo({
      orders: { ops: drive(() => fromEast) },
      carts: { ops: driveCarts(goneFor(1_000)) },
    });
    const { rto } = measure(evidence).recovery!;
    // A cart is due every 20 ms: the last that failed at 981.5, the first that did not at 1001.5.
    // Orders were served all the while.
    expect(rto.value).to.equal(987);
    expect(rto.low).to.be.at.most(981.5);
    expect(rto.high).to.equal(1_003.5);
  });

  it('has no upper bound where one store, too rare to count, never served again', () => {
    const rare = { ...twoStores, redis: { ...twoStores.redis!, carts_per_s: 0.5 } };
    const carts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at): Op => {
      const scheduled_ms = 1_010 + at * 2_000;
      const outcome = scheduled_ms < TIMES.faultStarted ? 'acknowledged' : 'refused';
      return { writer: 1, sequence: at + 1, scheduled_ms, outcome };
    });
    const evidence = evidenceOfTwo({ orders: { ops: orders }, carts: { ops: carts }, plan: rare });
    const { rto } = measure(evidence).recovery!;
    expect(rto.value).to.be.within(599, 615);
    expect(rto.high).to.equal(null);
  });

  it('is doubted where one store, too rare to count, fails while the other serves', () => {
    const rare = { ...twoStores, redis: { ...twoStores.redis!, carts_per_s: 1 } };
    const reasonsOf = (before: (due: number) => boolean, ops: readonly Op[]) => {
      const carts = Array.from({ length: Math.floor(TIMES.cut / 1_000) }, (_, at): Op => {
        const scheduled_ms = 10 + at * 1_000;
        const outcome = before(scheduled_ms) ? 'acknowledged' : 'refused';
        return { writer: 1, sequence: at + 1, scheduled_ms, outcome };
      });
      const evidence = evidenceOfTwo({ orders: { ops }, carts: { ops: carts }, plan: rare });
      const { recovery, doubts } = measure(evidence);
      const own = doubts.filter(({ reason }) => reason.startsWith('Redis: Service was not back'));
      return { rto: recovery!.rto, own };
    };
    // No outage at all, since the orders are served all the while.
    const unbroken = reasonsOf(
      (due) => due < TIMES.faultStarted,
      drive(() => fromEast),
    );
    // Between two carts a second passes in which nobody looks.
    const { sustain } = rare;
    const unseen_ms = (1 - sustain.success) * sustain.for_ms + 1_000;
    expect(unbroken.rto).to.deep.equal({ value: 0, low: 0, high: unseen_ms });
    expect(unbroken.own.map(({ affects }) => affects)).to.deep.equal(['recovery']);
    // It dies after the outage of both has closed.
    const later = reasonsOf((due) => due < TIMES.faultStarted + 1_500, orders);
    expect(later.rto.value).to.be.within(599, 615);
    expect(later.own.map(({ affects }) => affects)).to.deep.equal(['recovery']);
    expect(reasonsOf(() => true, orders).own).to.deep.equal([]);
  });

  it('counts the first success of either', () => {
    const west = measure(evidenceOfTwo()).recovery!.marks.first_success!;
    const late = { ops: drive(goneFor(900)) };
    const earlier = measure(evidenceOfTwo({ orders: late })).recovery!.marks.first_success!;
    expect(west).to.be.closeTo(TIMES.faultStarted + 602, 3);
    expect(earlier).to.be.closeTo(TIMES.faultStarted + 602, CART_SPACING_MS);
  });

  it('is writable when both are', () => {
    const marks = (drop: (event: RunEvent) => boolean) =>
      measure(evidenceOfTwo({ drop })).recovery!.marks;
    expect(marks(() => false).writable).to.equal(TIMES.faultStarted + 485);
    const isOfRedis = (event: RunEvent) => 'node' in event && event.node === 'west/redis';
    const never = (event: RunEvent) => event.event === 'database.writable' && isOfRedis(event);
    expect(marks(never).writable).to.equal(null);
  });

  it('was never steady where one store was not', () => {
    const half = driveCarts((now, index) =>
      now < TIMES.faultStarted && index % 40 === 0 ? refuses : fromEast,
    );
    const { doubts } = measure(evidenceOfTwo({ carts: { ops: half } }));
    const reasons = doubts.map(({ reason }) => reason).join();
    // 2 % of the carts are 0.4 % of everything.
    expect(reasons).to.match(
      /^Redis: The steady state was never reached: only 98 of 100 operations/,
    );
  });

  it('is doubted when the clients of one stood still, or were late', () => {
    const paused = carts.filter(({ scheduled_ms: due }) => due < 6_000 || due > 6_200);
    const { doubts } = measure(evidenceOfTwo({ carts: { ops: paused } }));
    expect(doubts.map(({ reason }) => reason).join()).to.match(
      /^Redis: No operation was due for 2[0-9]{2} ms, .* the workload stood still\.$/,
    );
    const late = carts.map((op, at) => (at % 100 === 0 ? { ...op, flags: 2 } : op));
    const found = measure(evidenceOfTwo({ carts: { ops: late } })).doubts;
    expect(found.map(({ reason }) => reason).join()).to.contain('could not keep the schedule');
  });

  it('lacks nothing of a growing ledger whose stores are due at the same moments', () => {
    const now = TIMES.faultStarted + 4_500;
    const started = (ops: readonly Op[]) => ops.filter(({ scheduled_ms }) => scheduled_ms <= now);
    const beside = drive(goneFor(600)).map((op) => ({ ...op, timeline: 0 }));
    const both = merged(started(orders), started(beside));
    const steady = steadyOf(both, window, rules)!;
    const context: ServiceContext = {
      ...{ from_ms: TIMES.steadyFrom, until_ms: null, now_ms: now },
      ...{ disaster_ms: TIMES.faultStarted, steady, sustain: plan.sustain },
      rates_per_s: [200, 200],
    };
    expect(serviceState(both, context).isBack).to.equal(true);
  });

  it('is not back while the clients of one store wait for DNS', () => {
    const now = TIMES.faultStarted + 600 + plan.sustain.for_ms + 200;
    const started = (ops: readonly Op[]) => ops.filter(({ scheduled_ms }) => scheduled_ms <= now);
    const known = { orders: started(orders), carts: started(carts) };
    const steady = steadyOf(merged(orders, carts), window, rules)!;
    const context: ServiceContext = {
      ...{ from_ms: TIMES.steadyFrom, until_ms: null, now_ms: now, rates_per_s },
      ...{ disaster_ms: TIMES.faultStarted, steady, sustain: plan.sustain },
    };
    expect(serviceState(merged(known.orders, known.carts), context).isBack).to.equal(true);
    const waiting = ({ writer, scheduled_ms }: Op) => writer === 3 && scheduled_ms > now - 300;
    const without = known.carts.filter((op) => !waiting(op));
    const state = serviceState(merged(known.orders, without), context);
    expect(state.isBack).to.equal(false);
    const first = Math.min(...known.carts.filter(waiting).map((op) => op.scheduled_ms));
    expect(state.observed_ms).to.be.closeTo(first, 1e-6);
    // One store whose clients all wait: nothing is known from there on.
    const silent = known.carts.filter(({ scheduled_ms }) => scheduled_ms < now - 500);
    expect(serviceState(merged(known.orders, silent), context).isBack).to.equal(false);
  });

  it('merges ledgers row by row, and leaves a single one as it is', () => {
    const [a, b] = [operationsOf(orders), operationsOf(carts)];
    expect(mergeOperations([a])).to.equal(a);
    const both = mergeOperations([a, b]);
    expect(both.count).to.equal(orders.length + carts.length);
    expect([...both.ledger]).to.deep.equal([
      ...Array.from(orders, () => 0),
      ...Array.from(carts, () => 1),
    ]);
    const cart = orders.length + 7;
    expect(both.scheduled_ms.at(cart)).to.equal(carts[7]!.scheduled_ms);
    expect(both.outcome.at(cart)).to.equal(OUTCOME.acknowledged);
  });
});
