// How clients spread over the regions of an answer.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { regionFor } from '../../src/workload/address-book.ts';

type Weights = Readonly<Record<string, readonly number[]>>;

/** Addresses with these weights, by region. */
function answer(weights: Weights) {
  return Object.entries(weights).flatMap(([region, each]) =>
    each.map((weight, at) => {
      const node = `${region}/app-${at + 1}`;
      return { node, host: '127.0.0.1', port: at + 1, weight };
    }),
  );
}

function spread(weights: Weights, writers: number, seed: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let writer = 1; writer <= writers; writer++) {
    const region = regionFor(answer(weights), { seed, writer, before: null });
    counts[region] = (counts[region] ?? 0) + 1;
  }
  return counts;
}

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('the region of a client', () => {
  it('follows the weights closely, for few writers as for many', () => {
    const size = fc.constantFrom(8, 16, 64, 256, 1024);
    const weight = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(seeds, size, weight, weight, (seed, writers, east, west) => {
        const expected = (writers * east) / (east + west);
        const { east: found = 0 } = spread({ east: [east], west: [west] }, writers, seed);
        expect(found).to.be.closeTo(expected, 4);
      }),
    );
  });

  it('adds up what the addresses of a region weigh', () => {
    const { east, west } = spread({ east: [1, 1], west: [3, 3] }, 400, 3);
    expect(east).to.be.within(97, 103);
    expect(west).to.equal(400 - east!);
  });

  it('is the same for the same seed, whatever order the answer has', () => {
    const all = (seed: number, list: ReturnType<typeof answer>) =>
      Array.from({ length: 16 }, (_, at) =>
        regionFor(list, { seed, writer: at + 1, before: null }),
      ).join();
    const list = answer({ east: [1, 1], west: [2] });
    expect(all(1, list)).to.equal(all(1, list.toReversed()));
    const drawn = Array.from({ length: 20 }, (_, seed) => all(seed, list));
    expect(new Set(drawn).size).to.be.greaterThan(5);
  });

  it('is the one where the client is, for as long as that is answered', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 1024 }), (seed, writer) => {
        const both = answer({ east: [1], west: [100] });
        expect(regionFor(both, { seed, writer, before: 'east' })).to.equal('east');
        const one = answer({ west: [100] });
        expect(regionFor(one, { seed, writer, before: 'east' })).to.equal('west');
      }),
    );
  });

  it('spreads the clients of a region that left over all that are left', () => {
    const three = { a: [1], b: [1], c: [1] };
    const left = { a: [1], c: [1] };
    const counts: Record<string, number> = { a: 0, c: 0 };
    for (let writer = 1; writer <= 600; writer++) {
      const before = regionFor(answer(three), { seed: 5, writer, before: null });
      if (before !== 'b') continue;
      const region = regionFor(answer(left), { seed: 5, writer, before });
      counts[region] = counts[region]! + 1;
    }
    expect(counts['a']).to.be.within(70, 130);
    expect(counts['c']).to.be.within(70, 130);
  });
});
