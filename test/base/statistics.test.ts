import { expect } from 'chai';
import { medianOf, provenShare, rankOf, trialsToProve } from '../../src/base/statistics.ts';
import { randomStream } from '../../src/base/random.ts';

describe('what trials prove', () => {
  // From tables of the one-sided interval of Clopper and Pearson: qbeta(0.05, met, of - met + 1).
  const known: readonly (readonly [number, number, number, number])[] = [
    [10, 10, 0.95, 0.7411],
    [59, 59, 0.95, 0.9505],
    [1, 1, 0.95, 0.05],
    [9, 10, 0.95, 0.6058],
    [5, 10, 0.95, 0.2224],
    [1, 10, 0.95, 0.0051],
    [0, 10, 0.95, 0],
    [95, 100, 0.95, 0.8977],
    [10, 10, 0.9, 0.7943],
  ];
  for (const [met, of, confidence, share] of known) {
    it(`${met} of ${of} prove ${share} with a confidence of ${confidence}`, () => {
      expect(provenShare(met, of, confidence)).to.be.closeTo(share, 0.00006);
    });
  }

  it('nothing is proved without a trial', () => {
    expect(provenShare(0, 0, 0.95)).to.equal(0);
  });

  it('tells how many trials a share would take', () => {
    expect(trialsToProve(0.95, 0.95)).to.equal(59);
    expect(trialsToProve(0.9, 0.95)).to.equal(29);
    expect(trialsToProve(0.99, 0.95)).to.equal(299);
  });

  it('claims more than the truth in no more than one series of twenty', () => {
    const draw = randomStream(5);
    for (const truth of [0.3, 0.7, 0.95]) {
      let wrong = 0;
      for (let series = 0; series < 4000; series++) {
        const met = Array.from({ length: 20 }, draw).filter((chance) => chance < truth).length;
        if (provenShare(met, 20, 0.95) > truth) wrong++;
      }
      expect(wrong / 4000, `at ${truth}`).to.be.lessThan(0.06);
    }
  });
});

describe('the value in the middle', () => {
  it('is one that is there: the higher of two', () => {
    expect(medianOf([1, 2, 3])).to.equal(2);
    expect(medianOf([1, 2, 100, 100])).to.equal(100);
    expect(medianOf([7])).to.equal(7);
    expect(medianOf([])).to.equal(null);
  });
});

describe('so many of so many', () => {
  it('is not one too high because of binary fractions', () => {
    expect([10, 20, 30, 70, 110].map((of) => rankOf(0.9, of))).to.deep.equal([9, 18, 27, 63, 99]);
    expect([1, 9, 11].map((of) => rankOf(0.9, of))).to.deep.equal([1, 9, 10]);
  });
});
