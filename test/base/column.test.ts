// Columns of numbers: whatever stands in them comes back exactly, packed or not.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Column } from '../../src/base/column.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** So many that most of them are packed. */
const MANY = 200_000;

const columnOf = (valueOf: (row: number) => number) => Column.from(MANY, valueOf);

/** What is not as it was put in; NaN is as NaN was. */
function wrong(column: Column, valueOf: (row: number) => number): number[][] {
  return Array.from(column, (value, row) => [row, value, valueOf(row)]).filter(
    ([, value, expected]) => !Object.is(value, expected),
  );
}

/** Bytes that packed words take. */
function bytesOf(valueOf: (row: number) => number): number {
  const held = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const before = held();
  const column = columnOf(valueOf);
  const bytes = held() - before;
  expect(column.at(MANY - 1)).to.be.a('number');
  return bytes;
}

/** As a clock of the host tells: milliseconds since an origin, both of them rounded to doubles. */
const clock = (row: number) => (7_654_321_098_765 + row * 1_003_377) / 1e6 - 7_651_234.567_891;

const KINDS: Readonly<Record<string, (row: number) => number>> = {
  'all alike': () => 7,
  'in two bits': (row) => row % 3,
  'in 31, 32 and 33 bits': (row) => (row % 2) * 2 ** (31 + ((row >>> 12) % 3)) - (row % 5),
  'in 52 bits': (row) => (row % 2) * (2 ** 52 - 3) + (row % 4),
  negative: (row) => -row - 1,
  'times of a clock': clock,
  'times of a schedule of thirds': (row) => 12_345.678_9 + (row * 1_000) / 3,
  'eighths of a millisecond': (row) => row / 8,
  'mostly absent': (row) => (row % 100 === 0 ? row : NaN),
  'sometimes absent': (row) => (row % 100 === 0 ? NaN : clock(row)),
  'all absent': () => NaN,
  'absent beside zero': (row) => (row % 2 === 0 ? NaN : 0),
  wild: (row) => [1e300, -1e300, 5e-324, 0.1, 2 ** 53, -(2 ** 53)][row % 6]!,
  infinite: (row) => (row % 9 === 0 ? Infinity : -Infinity),
};

describe('a column of numbers', () => {
  for (const [name, valueOf] of Object.entries(KINDS)) {
    it(`gives back what is ${name}`, () => {
      expect(wrong(columnOf(valueOf), valueOf).slice(0, 3)).to.deep.equal([]);
    });
  }

  it('takes few bits for what is alike, and six bytes for a time of its own', () => {
    const open = 17 * 4_096 * 8;
    expect(bytesOf(clock)).to.be.below(open + 6 * (MANY - 16 * 4_096));
    expect(bytesOf(KINDS['in two bits']!)).to.be.below(open + MANY / 2);
  });

  it('can be changed at any row, early or late, again and again', () => {
    const values = Array.from({ length: MANY }, (_, row) => row);
    const column = columnOf((row) => row);
    const change = (row: number, value: number) => {
      values[row] = value;
      column.set(row, value);
    };
    for (const row of [0, 1, 4_095, 4_096, MANY - 1, 0]) change(row, row + 0.25);
    for (let more = 0; more < 5_000; more++) {
      column.push(NaN);
      values.push(NaN);
      if (more % 1_000 === 0) change(more, -more - 1);
    }
    change(4_097, 1e300);
    expect(wrong(column, (row) => values[row]!)).to.deep.equal([]);
  });

  it('tells where numbers of a range may stand, and never leaves one out', () => {
    for (const valueOf of [(row: number) => row, clock, KINDS['sometimes absent']!]) {
      const column = columnOf(valueOf);
      const [from, until] = [valueOf(50_001), valueOf(60_001)];
      const spans = [...column.spans(from, until)];
      const isIn = (row: number) => spans.some(([first, end]) => row >= first && row < end);
      const lacking = Array.from({ length: MANY }, (_, row) => row).filter(
        (row) => valueOf(row) >= from && valueOf(row) < until && !isIn(row),
      );
      expect(lacking).to.deep.equal([]);
      expect(isIn(1) || isIn(100_000)).to.equal(false); // these are packed
      expect(spans.at(-1)![1]).to.equal(MANY);
    }
    expect([...columnOf(() => 5).spans(5, 5)].length).to.be.below(20);
    expect([...columnOf(() => 5).spans(5, 6)][0]).to.deep.equal([0, 4_096]);
  });

  it('that is short keeps all of it as it grows', () => {
    for (const count of [1, 63, 64, 65, 66, 4_095, 4_096, 4_097, 4_161]) {
      const column = Column.from(count, (row) => row / 3);
      expect([...column]).to.deep.equal(Array.from({ length: count }, (_, row) => row / 3));
    }
  });

  it('beside one that it differs little from takes fewer bits, and comes back as exactly', () => {
    const due = (row: number) => 12.345_678 + row * 5;
    const done = (row: number) => (row % 1_000 === 7 ? NaN : due(row) + clock(row % 977) / 1e4);
    const dues = new Column('before');
    const dones = new Column(dues);
    const odd = new Column(dues);
    for (let row = 0; row < MANY; row++) {
      dues.push(due(row));
      dones.push(done(row));
      odd.push(KINDS['wild']!(row));
    }
    expect(wrong(dones, done).slice(0, 3)).to.deep.equal([]);
    expect(wrong(dues, due).slice(0, 3)).to.deep.equal([]);
    expect(wrong(odd, KINDS['wild']!).slice(0, 3)).to.deep.equal([]);
    dones.set(5, 1e300);
    for (let more = MANY; more < MANY + 10_000; more++) {
      dues.push(due(more));
      dones.push(done(more));
    }
    expect([dones.at(5), dones.at(4), dones.at(6)]).to.deep.equal([1e300, done(4), done(6)]);
    expect(dones.at(MANY + 1)).to.equal(done(MANY + 1));
  });

  it('of which the number before is a far one, or backwards, comes back as exactly', () => {
    for (const valueOf of [clock, (row: number) => -row / 3, KINDS['wild']!, KINDS['infinite']!]) {
      const column = new Column('before');
      for (let row = 0; row < MANY; row++) column.push(valueOf(row));
      expect(wrong(column, valueOf).slice(0, 3)).to.deep.equal([]);
    }
  });

  it('can be read to and fro between many of its blocks', () => {
    const column = columnOf(clock);
    for (let step = 0; step < 20_000; step++) {
      const row = (step * 7_919) % MANY;
      if (!Object.is(column.at(row), clock(row))) expect(column.at(row)).to.equal(clock(row));
    }
  });

  it('is empty at first', () => {
    expect([...new Column()]).to.deep.equal([]);
  });
});
