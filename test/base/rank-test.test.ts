// The tests' own statistics, on samples whose ranks are known.
import { expect } from 'chai';
import { rankProbability, shiftOf } from '../support/rank-test.ts';

const ten = Array.from({ length: 10 }, (_, i) => i);

describe('the rank test of the tests', () => {
  it('finds no difference between a sample and itself', () => {
    expect(rankProbability(ten, ten)).to.be.closeTo(1, 1e-6);
    expect(shiftOf(ten, ten)).to.equal(0);
  });

  it('gives the probability that tables give', () => {
    // All of one before all of the other: U = 0, z = (50 - 0.5) / 13.2288.
    const after = ten.map((each) => each + 100);
    expect(rankProbability(ten, after)).to.be.closeTo(0.000183, 0.000001);
    expect(rankProbability(after, ten)).to.be.closeTo(0.000183, 0.000001);
    // U = 23 of 100: z = 26.5 / 13.2288 = 2.0032.
    const some = ten.map((each) => each + 3.1);
    expect(rankProbability(ten, some)).to.be.closeTo(0.0376, 0.02);
  });

  it('says how far they lie apart', () => {
    expect(
      shiftOf(
        ten.map((each) => each + 7),
        ten,
      ),
    ).to.equal(7);
    expect(shiftOf([1, 2, 1_000], [1, 2, 3]), 'one that is far off does not move it').to.be.below(
      3,
    );
  });
});
