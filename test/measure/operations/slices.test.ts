// One ledger cut in two: the drill itself, and the failback whose clients begin again.
import { expect } from 'chai';
import { OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import {
  ledgersOf,
  nameOf,
  ofSlice,
  selectRows,
  sliceOf,
} from '../../../src/measure/operations/slices.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import {
  evidenceOf,
  journal,
  operationsOf,
  plan,
  TIMES,
} from '../../support/evidence/synthetic.ts';
import { evidenceOfTwo } from '../../support/evidence/two-stores.ts';
import type { Op } from '../../support/evidence/synthetic.ts';

const event = (body: object): RunEvent => body as RunEvent;
const AGAIN = 22_000;
const op = (scheduled_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer: 1, sequence: scheduled_ms, scheduled_ms, outcome: 'acknowledged', ...more },
});
const OPS = [op(10), op(AGAIN - 1, { outcome: 'refused' }), op(AGAIN), op(AGAIN + 5)];
/** Clients of the orders begin again, and stop at 30 s. */
const AGAIN_EVENTS = [
  ...journal(),
  event({ t: AGAIN - 50, event: 'phase.started', phase: 'failback', at_most_ms: 0 }),
  event({ t: AGAIN - 1, event: 'workload.started', store: 'orders', scheduled_from_ms: AGAIN }),
  event({ t: 30_000, event: 'workload.stopped', store: 'orders' }),
];
const dues = (operations: { readonly scheduled_ms: Iterable<number> } | null) =>
  operations === null ? null : [...operations.scheduled_ms];

describe('rows of a ledger', () => {
  it('are the wanted ones in all columns, with their numbers in the whole', () => {
    const whole = operationsOf([op(1), op(2, { outcome: 'refused', node: 1, flags: 1 }), op(3)]);
    const { operations, rows } = selectRows(whole, (row) => row > 0);
    expect([...rows]).to.deep.equal([1, 2]);
    expect(operations.count).to.equal(2);
    expect([...operations.sequence]).to.deep.equal([2, 3]);
    expect([...operations.outcome]).to.deep.equal([OUTCOME.refused, OUTCOME.acknowledged]);
    expect([operations.node.at(0), operations.flags.at(0), operations.done_ms.at(1)]).to.deep.equal(
      [1, 1, 5],
    );
    expect(selectRows(whole, () => false).operations.count).to.equal(0);
  });

  it('are the ledger itself where all are wanted', () => {
    const whole = operationsOf([op(1), op(2)]);
    const { operations, rows } = selectRows(whole, () => true);
    expect(operations).to.equal(whole);
    expect([...rows]).to.deep.equal([0, 1]);
  });
});

describe('a slice of a run', () => {
  const evidence = evidenceOf({ ops: OPS });

  it('is what was due before clients began again, or since', () => {
    const run = new Timeline(plan, AGAIN_EVENTS);
    const [store] = evidence.stores;
    expect(dues(sliceOf(run, store!, 'drill'))).to.deep.equal([10, AGAIN - 1]);
    expect(dues(sliceOf(run, store!, 'failback'))).to.deep.equal([AGAIN, AGAIN + 5]);
    const sliced = ofSlice(evidence, run, 'failback');
    expect(sliced.stores.map(({ operations }) => dues(operations))).to.deep.equal([
      [AGAIN, AGAIN + 5],
    ]);
    expect(sliced.plan).to.equal(evidence.plan);
    expect(sliced.stores[0]!.readings).to.equal(store!.readings);
  });

  it('is everything, untouched, where they began once; and there is no failback', () => {
    const once = new Timeline(plan, journal());
    const [store] = evidence.stores;
    expect(sliceOf(once, store!, 'drill')).to.equal(store!.operations);
    expect(dues(sliceOf(once, store!, 'failback'))).to.deep.equal([]);
    for (const slice of ['drill', 'failback'] as const) {
      expect(sliceOf(once, { ...store!, operations: null }, slice)).to.equal(null);
    }
  });
});

describe('the ledgers of a run', () => {
  it('say who answered and when their clients stopped; the only store has no name', () => {
    const run = new Timeline(plan, AGAIN_EVENTS);
    const evidence = evidenceOf({ ops: OPS });
    const [drill] = ledgersOf(evidence, run, 'drill')!;
    expect(drill).to.deep.include({
      ...{ store: 'orders', name: null, stop_ms: TIMES.cut, nodes: ['east/app-1', 'west/app-1'] },
    });
    const [failback] = ledgersOf(evidence, run, 'failback')!;
    expect([failback!.stop_ms, failback!.operations.count]).to.deep.equal([30_000, 2]);
    expect(nameOf('orders', evidence)).to.equal(null);
  });

  it('are named where there are two, and none where one cannot be read', () => {
    const two = evidenceOfTwo();
    const [orders, carts] = two.stores;
    const its = new Timeline(two.plan, two.events);
    const of = (...stores: typeof two.stores) => ledgersOf({ ...two, stores }, its, 'drill');
    expect(of(orders!, carts!)!.map(({ name }) => name)).to.deep.equal(['orders', 'carts']);
    expect(of(orders!, { ...carts!, operations: null })).to.equal(null);
    expect(of({ ...orders!, header: null }, carts!)).to.equal(null);
  });
});
