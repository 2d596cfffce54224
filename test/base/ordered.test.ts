// Order among many numbers: against a plain sort, with room for few, so that every way is gone.
import { expect } from 'chai';
import { longestGap, nthSmallest, sortRuns, type Each } from '../../src/base/ordered.ts';
import { mix32 } from '../../src/base/random.ts';
import { RankedBits } from '../../src/base/ranked-bits.ts';

const draws = (seed: number, count: number, below: number) =>
  Array.from({ length: count }, (_, at) => Math.floor((mix32(seed, at, 3) / 2 ** 32) * below));
const eachOf =
  (values: readonly number[]): Each =>
  (visit) =>
    values.forEach((value) => visit(value));
const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);

describe('order among many', () => {
  const shapes: Readonly<Record<string, (at: number, drawn: number) => number>> = {
    'in order': (at) => at,
    backwards: (at) => -at,
    'nearly in order': (at, drawn) => at + (drawn % 20),
    'late by more than a shift': (at, drawn) => (drawn % 50 === 0 ? at - 300 : at),
    'two runs': (at) => at % 500,
    'without order': (_, drawn) => drawn,
    'all alike': () => 1,
  };
  for (const [name, shape] of Object.entries(shapes)) {
    it(`sorts rows ${name}, alike ones as they came`, () => {
      const keys = draws(1, 1_001, 10_000).map((drawn, at) => shape(at, drawn));
      const rows = Uint32Array.from(keys.keys());
      const expected = [...rows].sort((a, b) => keys[a]! - keys[b]!);
      sortRuns(rows, (a, b) => keys[a]! - keys[b]!);
      expect([...rows]).to.deep.equal(expected);
    });
  }

  it('sorts no rows and one', () => {
    for (const rows of [new Uint32Array(0), Uint32Array.of(7)]) {
      const before = [...rows];
      sortRuns(rows, (a, b) => a - b);
      expect([...rows]).to.deep.equal(before);
    }
  });

  it('finds the n-th smallest, whatever room there is', () => {
    const series = [
      draws(2, 500, 40),
      draws(3, 500, 1e9).map((value) => value / 3),
      [...draws(4, 400, 1e9).map((value) => value / 1e12), 1e12, 5],
      Array.from({ length: 500 }, () => 0.1),
    ];
    for (const values of series) {
      const sorted = ascending(values);
      for (const n of [1, 2, 250, Math.ceil(0.99 * values.length), values.length]) {
        for (const room of [1, 10, 1_000]) {
          expect(nthSmallest(eachOf(values), () => n, room)).to.equal(sorted[n - 1]);
        }
      }
    }
  });

  it('finds the longest gap, whatever room there is', () => {
    for (const seed of [5, 6, 7]) {
      const values = draws(seed, 300, 1e9).map((value) => value / 7e5);
      for (const [from, to] of [
        [0, 1_500],
        [200, 900],
        [900, 901],
      ] as const) {
        const inside = ascending(values).filter((value) => value >= from && value <= to);
        const edges = [from, ...inside, to];
        const gaps = edges.slice(1).map((value, at) => value - edges[at]!);
        const expected = inside.length === 0 ? null : Math.max(...gaps);
        for (const room of [1, 7, 1_000]) {
          expect(longestGap(eachOf(values), from, to, room)).to.equal(expected);
        }
      }
    }
    expect(longestGap(eachOf([3, 3, 3]), 3, 3, 1)).to.equal(0);
    expect(longestGap(eachOf([1, 9]), 2, 8)).to.equal(null);
    expect(longestGap(eachOf([2, 8]), 2, 8)).to.equal(6);
  });

  it('counts the bits before any place', () => {
    for (const count of [0, 1, 31, 32, 33, 64, 1_000]) {
      const set = draws(8, count, 3).map((drawn) => drawn === 0);
      const bits = new RankedBits(count);
      set.forEach((each) => bits.push(each));
      for (let n = 0; n <= count; n++) {
        expect(bits.rank(n)).to.equal(set.slice(0, n).filter(Boolean).length);
      }
    }
    const full = new RankedBits(100);
    for (let at = 0; at < 100; at++) full.push(true);
    expect([32, 63, 64, 100].map((n) => full.rank(n))).to.deep.equal([32, 63, 64, 100]);
  });
});
