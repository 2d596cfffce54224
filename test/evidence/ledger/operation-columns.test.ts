// Operations in columns: what a record may say of an operation, and how columns grow and join.
import { expect } from 'chai';
import {
  mergeOperations,
  OperationColumns,
  pickRows,
} from '../../../src/evidence/ledger/operation-columns.ts';
import { NO_NODE, OPERATION_KIND, OUTCOME } from '../../../src/evidence/ledger/operation.ts';
import { RowIndex } from '../../../src/evidence/ledger/row-index.ts';

const { write, read, update } = OPERATION_KIND;
const sent = (sequence: number, facts = {}) => ({
  ...{ kind: write, writer: 1, sequence, scheduled_ms: sequence, sent_ms: sequence + 0.5 },
  ...facts,
});
const answered = (sequence: number, facts = {}) => ({
  ...{ kind: write, writer: 1, sequence, outcome: OUTCOME.acknowledged, done_ms: 9 },
  ...{ node: 3, timeline: 2, flags: 1, ...facts },
});

describe('a record of an operation', () => {
  it('that was sent is unknown until there is an outcome, and one that was not has none', () => {
    const columns = new OperationColumns();
    expect(columns.addSent(sent(1), true, 0)).to.equal(null);
    expect(columns.addSent(sent(2), false, 2)).to.equal(null);
    const { count, outcome, node, sent_ms, done_ms, flags } = columns.operations();
    expect(count).to.equal(2);
    expect([...outcome]).to.deep.equal([OUTCOME.unknown, OUTCOME.unsent]);
    expect([[...node], [...flags]]).to.deep.equal([
      [NO_NODE, NO_NODE],
      [0, 2],
    ]);
    expect([[...sent_ms], [...done_ms]]).to.deep.equal([
      [1.5, NaN],
      [NaN, NaN],
    ]);
  });

  it('makes no sense with a kind that is none, or without a time', () => {
    const columns = new OperationColumns();
    const words = 'a send record that makes no sense';
    expect(columns.addSent(sent(1, { kind: update + 1 }), true, 0)).to.equal(words);
    expect(columns.addSent(sent(1, { scheduled_ms: NaN }), true, 0)).to.equal(words);
    expect(columns.addSent(sent(1, { kind: update }), true, 0)).to.equal(null);
    expect(columns.operations().count).to.equal(1);
  });

  it('is counted for each kind and writer apart', () => {
    const columns = new OperationColumns();
    for (const facts of [{}, { writer: 2 }, { kind: read }, { kind: read, writer: 2 }]) {
      expect(columns.addSent(sent(7, facts), true, 0)).to.equal(null);
      expect(columns.addSent(sent(7, facts), true, 0)).to.equal('an operation that was sent twice');
    }
    expect(columns.addOutcome(answered(7, { kind: read }))).to.equal(null);
    expect([...columns.operations().outcome]).to.deep.equal([0, 0, OUTCOME.acknowledged, 0]);
  });

  it('of an outcome belongs to one send, and there is one of each', () => {
    const columns = new OperationColumns();
    expect(columns.addOutcome(answered(1))).to.equal('an outcome without a send');
    columns.addSent(sent(1), true, 0);
    columns.addSent(sent(2), false, 0);
    const senseless = 'an outcome record that makes no sense';
    expect(columns.addOutcome(answered(1, { outcome: OUTCOME.unsent }))).to.equal(senseless);
    expect(columns.addOutcome(answered(1, { done_ms: Infinity }))).to.equal(senseless);
    expect(columns.addOutcome(answered(1, { outcome: OUTCOME.refused }))).to.equal(null);
    for (const sequence of [1, 2]) {
      const second = columns.addOutcome(answered(sequence));
      expect(second).to.equal('a second outcome of one operation');
    }
    const { outcome, done_ms, node, timeline, flags } = columns.operations();
    const first = [outcome.at(0), done_ms.at(0), node.at(0), timeline.at(0), flags.at(0)];
    expect(first).to.deep.equal([OUTCOME.refused, 9, 3, 2, 1]);
  });
});

describe('columns of operations', () => {
  const some = (count: number, from = 1) => {
    const columns = new OperationColumns();
    for (let at = 0; at < count; at++) columns.addSent(sent(from + at), true, 1);
    return columns.operations();
  };

  it('grow beyond the room that they had', () => {
    for (const count of [15, 16, 17, 33, 100]) {
      const { sequence, flags, sent_ms, count: found } = some(count);
      expect(found).to.equal(count);
      expect([...sequence]).to.deep.equal(Array.from({ length: count }, (_, at) => at + 1));
      expect([flags.at(0), sent_ms.at(0), sent_ms.at(count - 1)]).to.deep.equal([
        1,
        1.5,
        count + 0.5,
      ]);
    }
  });

  it('say from when on they have changed since they were last asked', () => {
    const columns = new OperationColumns();
    expect(columns.changedSince()).to.equal(Infinity);
    for (const sequence of [7, 5, 9]) columns.addSent(sent(sequence), true, 0);
    expect([columns.changedSince(), columns.changedSince()]).to.deep.equal([5, Infinity]);
    columns.addOutcome(answered(9));
    columns.addOutcome(answered(7));
    columns.addOutcome(answered(7)); // refused, so that nothing changed by it
    expect([columns.changedSince(), columns.changedSince()]).to.deep.equal([7, Infinity]);
    columns.addOutcome(answered(7));
    columns.addSent(sent(5), true, 0);
    expect(columns.changedSince()).to.equal(Infinity);
  });

  it('may be picked, in any order, as a copy', () => {
    const whole = some(5);
    const picked = pickRows(whole, 3, (at) => 4 - 2 * at);
    expect([picked.count, [...picked.sequence]]).to.deep.equal([3, [5, 3, 1]]);
    expect([[...picked.sent_ms], [...picked.flags]]).to.deep.equal([
      [5.5, 3.5, 1.5],
      [1, 1, 1],
    ]);
    expect([...pickRows(whole, 0, (at) => at).kind]).to.deep.equal([]);
  });

  it('of several ledgers are one after the other, each row with its ledger', () => {
    const merged = mergeOperations([some(2), some(0), some(3, 8)]);
    expect(merged.count).to.equal(5);
    expect([...merged.sequence]).to.deep.equal([1, 2, 8, 9, 10]);
    expect([...merged.ledger]).to.deep.equal([0, 0, 2, 2, 2]);
    const one = some(2);
    expect(mergeOperations([one])).to.equal(one);
    expect(mergeOperations([]).count).to.equal(0);
  });
});

describe('the index of rows', () => {
  it('asks for little memory where a sequence is wild', () => {
    const before = process.memoryUsage().arrayBuffers;
    const index = new RowIndex();
    for (let space = 0; space < 100; space++) index.set(space, 1_000_000, space);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(4 * 2 ** 20);
    expect(index.get(99, 1_000_000)).to.equal(99);
  });

  it('keeps what comes just after the room that it has', () => {
    const index = new RowIndex();
    [1_024, 2_048, 4_096].forEach((sequence, row) => index.set(1, sequence, row));
    expect([1_024, 2_048, 4_096, 8_192].map((sequence) => index.get(1, sequence))).to.deep.equal([
      ...[0, 1, 2, -1],
    ]);
  });

  it('finds each row by its space and sequence, dense or far apart, and no other', () => {
    const index = new RowIndex();
    const far = [3_000, 1_023, 1_024, 100_000, 4_294_967_295, 0, 50_000];
    const dense = Array.from({ length: 5_000 }, (_, at) => at + 5_000);
    const all = [...far, ...dense];
    all.forEach((sequence, row) => index.set(1, sequence, row));
    all.forEach((sequence, row) => expect(index.get(1, sequence), `${sequence}`).to.equal(row));
    for (const sequence of [1, 1_025, 2_999, 99_999, 4_294_967_294]) {
      expect(index.get(1, sequence)).to.equal(-1);
    }
    expect(index.get(2, 3_000)).to.equal(-1);
    index.set(2, 3_000, 77);
    expect([index.get(1, 3_000), index.get(2, 3_000)]).to.deep.equal([0, 77]);
  });
});
