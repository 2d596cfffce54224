// The order in which operations were due, and the gaps between acknowledgements, of a few
// operations that are counted by hand.
import { expect } from 'chai';
import { longestGap, type Each, type EachWithin } from '../../../src/base/ordered.ts';
import {
  acknowledgementsOf,
  countRows,
  earliestOf,
  isOfClients,
  scheduleOf,
  spansOf,
} from '../../../src/measure/operations/schedule.ts';
import { operationsOf, type Op } from '../../support/evidence/synthetic.ts';

const op = (scheduled_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer: 1, sequence: scheduled_ms + 1, scheduled_ms, outcome: 'acknowledged', ...more },
});

describe('operations of clients', () => {
  it('are writes, reads and updates, and neither seed rows nor markers', () => {
    const kinds = ['write', 'read', 'seed', 'marker', 'update'] as const;
    const operations = operationsOf(kinds.map((kind) => op(10, { kind })));
    const isOne = (row: number) => isOfClients(operations, row, 0, 100);
    expect(kinds.map((_, row) => isOne(row))).to.deep.equal([true, true, false, false, true]);
    expect(countRows(operations, isOne)).to.equal(3);
    expect([...scheduleOf(operations, 0, 100)]).to.have.members([0, 1, 4]);
  });

  it('of a time are due from its start to just before its end', () => {
    const operations = operationsOf([op(9), op(10), op(19), op(20)]);
    const rows = [0, 1, 2, 3].map((row) => isOfClients(operations, row, 10, 20));
    expect(rows).to.deep.equal([false, true, true, false]);
    expect([...scheduleOf(operations, 10, 20)]).to.deep.equal([1, 2]);
    expect([...scheduleOf(operations, 10)]).to.deep.equal([1, 2, 3]);
  });

  it('stand in the order of schedule, kind, writer and sequence, whatever their rows', () => {
    const ordered = [
      op(10),
      op(20, { writer: 1, sequence: 2 }),
      op(20, { writer: 1, sequence: 7 }),
      op(20, { writer: 2, sequence: 1 }),
      op(20, { writer: 1, sequence: 1, kind: 'read' }),
      op(30, { writer: 1, sequence: 1 }),
    ];
    const rows = [3, 0, 5, 2, 4, 1];
    for (const order of [rows, rows.toReversed(), [4, 5, 3, 2, 1, 0], [0, 1, 2, 4, 3, 5]]) {
      const mixed = operationsOf(order.map((at) => ordered[at]!));
      const found = [...scheduleOf(mixed, 0)].map((row) => order[row]);
      expect(found).to.deep.equal([0, 1, 2, 3, 4, 5]);
    }
  });
});

const eachOf =
  (values: readonly number[]): Each =>
  (visit) =>
    values.forEach((value) => visit(value));

const valuesOf = (each: EachWithin) => {
  const values: number[] = [];
  each((value) => values.push(value), -Infinity, Infinity);
  return values;
};

describe('the earliest of some operations', () => {
  const operations = operationsOf([
    op(30, { done_ms: 35 }),
    op(10, { done_ms: 25 }),
    op(11, { done_ms: 25 }),
    op(20, { done_ms: 20, kind: 'read' }),
    op(21, { outcome: 'unknown', done_ms: null }),
  ]);
  const earliest = (is: (row: number) => boolean) => earliestOf(operations.done_ms, operations, is);

  it('is the one with the least time, and of several the first', () => {
    expect(earliest(() => true)).to.equal(3);
    expect(earliest((row) => row < 3)).to.equal(1);
    expect(earliest((row) => row === 0)).to.equal(0);
  });

  it('is none where none is so', () => {
    expect(earliest(() => false)).to.equal(null);
  });
});

describe('columns that have grown since', () => {
  const whole = operationsOf([op(10), op(30), op(20), op(5), op(15)]);
  const operations = { ...whole, count: 3 };
  const { scheduled_ms, done_ms } = whole;

  it('have rows that are none of the operations', () => {
    expect([...spansOf(operations, scheduled_ms, 5, 31)]).to.deep.equal([
      ...[0, 1, 2].map((row) => [row, row + 1]),
      ...[
        [3, 3],
        [4, 3],
      ],
    ]);
    expect([...scheduleOf(operations, 0)]).to.deep.equal([0, 2, 1]);
    expect(valuesOf(acknowledgementsOf(operations, 0))).to.have.members([12, 32, 22]);
    expect(earliestOf(done_ms, operations, () => true)).to.equal(0);
    expect(earliestOf(done_ms, operations, (row) => row > 2)).to.equal(null);
    expect(countRows(operations, () => true)).to.equal(3);
  });
});

describe('acknowledgements', () => {
  const operations = operationsOf([
    op(30, { done_ms: 35 }),
    op(10, { done_ms: 40 }),
    op(20, { done_ms: 25, kind: 'read' }),
    op(21, { outcome: 'refused' }),
    op(22, { kind: 'seed' }),
    op(5, { done_ms: 50 }),
  ]);

  it('are of what clients were due to do, as often as they are asked for', () => {
    const since = acknowledgementsOf(operations, 10);
    for (const values of [valuesOf(since), valuesOf(since)]) {
      expect(values).to.have.members([25, 35, 40]);
    }
    expect(valuesOf(acknowledgementsOf(operations, 0))).to.have.members([25, 35, 40, 50]);
  });

  it('are all of those from the first moment that is asked for to the last', () => {
    const values: number[] = [];
    acknowledgementsOf(operations, 10)((value) => values.push(value), 25, 40);
    expect(values).to.have.members([25, 35, 40]);
  });

  it('are of writes alone where that is asked', () => {
    const of = (onlyWrites: boolean) =>
      valuesOf(acknowledgementsOf(operations, 10, { onlyWrites }));
    expect(of(true)).to.have.members([35, 40]);
    expect(of(false)).to.have.length(3);
  });

  it('have a longest gap, to the edges of the time as well', () => {
    const gap = (times: readonly number[], from: number, to: number) =>
      longestGap(eachOf(times), from, to);
    expect(gap([15, 40, 50], 10, 60)).to.equal(25);
    expect(gap([45, 50], 10, 60)).to.equal(35);
    expect(gap([15, 20], 10, 60)).to.equal(40);
    expect(gap([5, 15, 40, 70], 10, 60)).to.equal(25); // those outside take no part
    expect(gap([10, 60], 10, 60)).to.equal(50);
    expect(gap([60], 10, 60)).to.equal(50);
    expect(gap([10], 10, 60)).to.equal(50);
    expect(gap([10, 10], 10, 10)).to.equal(0);
  });

  it('have none where there is no acknowledgement in it', () => {
    expect(longestGap(eachOf([5, 70]), 10, 60)).to.equal(null);
    expect(longestGap(eachOf([]), 10, 60)).to.equal(null);
  });
});
