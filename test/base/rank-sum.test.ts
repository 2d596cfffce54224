import { expect } from 'chai';
import { array, assert, constantFrom, property } from 'fast-check';
import { chanceOfSlower, factorOf, leastChance, sizeNeeded } from '../../src/base/rank-test.ts';

/** Every way to choose which of the values are `now`'s, counted one by one. */
function byHand(now: readonly number[], past: readonly number[]): number {
  const all = [...now, ...past];
  const wins = (chosen: readonly number[], rest: readonly number[]) =>
    chosen.reduce(
      (sum, a) => sum + rest.reduce((own, b) => own + (a > b ? 2 : a === b ? 1 : 0), 0),
      0,
    );
  const seen = wins(now, past);
  let [ways, asHigh] = [0, 0];
  for (let set = 0; set < 2 ** all.length; set++) {
    const isIn = all.map((_, at) => ((set >> at) & 1) === 1);
    if (isIn.filter(Boolean).length !== now.length) continue;
    ways++;
    const chosen = all.filter((_, at) => isIn[at]);
    const rest = all.filter((_, at) => !isIn[at]);
    if (wins(chosen, rest) >= seen) asHigh++;
  }
  return asHigh / ways;
}

describe('the rank test', () => {
  it('gives the chances of the tables', () => {
    // Mann and Whitney (1947), table I: U = 0 of 3 and 4 is 0.028; of 5 and 5, U = 4 is 0.048.
    expect(chanceOfSlower([5, 6, 7], [1, 2, 3, 4])).to.be.closeTo(1 / 35, 1e-12);
    expect(chanceOfSlower([3, 5.5, 7, 8, 9], [1, 2, 4, 5, 6])).to.be.closeTo(0.0476, 5e-5);
    expect(chanceOfSlower([1], [2])).to.equal(1);
    expect(chanceOfSlower([], [1, 2])).to.equal(1);
    expect(chanceOfSlower([4, 4, 4], [4, 4, 4]), 'all alike').to.equal(1);
  });

  it('counts the ways exactly, ties and waits without an end included', () => {
    const value = constantFrom(1, 2, 3, 4, Infinity);
    const sample = array(value, { minLength: 1, maxLength: 6 });
    assert(
      property(sample, sample, (now, past) => {
        expect(chanceOfSlower(now, past)).to.be.closeTo(byHand(now, past), 1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it('says how many values can show anything at all', () => {
    expect(leastChance(1, 19)).to.be.closeTo(0.05, 1e-12);
    expect(leastChance(10, 10)).to.be.closeTo(1 / 184_756, 1e-15);
    expect(sizeNeeded(1, 0.05)).to.equal(19);
    expect(sizeNeeded(10, 0.05)).to.equal(2);
    expect(sizeNeeded(0, 0.05)).to.equal(null);
  });

  it('says by what factor a sample is longer, from all of its pairs', () => {
    expect(factorOf([3, 6, 12], [1, 2, 3])).to.equal(3); // of 1, 1.5, 2, 3, 3, 4, 6, 6, 12
    expect(factorOf([10, 20], [10, 10]), 'between the two in the middle').to.equal(1.5);
    expect(factorOf([5], []), 'of none').to.equal(null);
    expect(factorOf([Infinity, 2], [Infinity, Infinity]), 'two without an end').to.equal(0.5);
    expect(factorOf([0], [0])).to.equal(1);
    expect(factorOf([1], [0])).to.equal(Infinity);
  });

  it('goes over to the normal distribution where counting would take long', () => {
    const past = Array.from({ length: 400 }, (_, at) => at);
    const same = chanceOfSlower(
      past.map((each) => each + 0.5),
      past,
    );
    expect(same).to.be.within(0.45, 0.5);
    expect(
      chanceOfSlower(
        past.map((each) => each + 60),
        past,
      ),
    ).to.be.below(1e-6);
    expect(
      chanceOfSlower(
        past.map(() => 7),
        past.map(() => 7),
      ),
      'all alike',
    ).to.equal(1);
  });
});
