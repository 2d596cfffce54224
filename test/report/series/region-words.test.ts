import { expect } from 'chai';
import { regionWords } from '../../../src/report/series/words.ts';
import { SERIES_TRIAL as TRIAL } from '../../support/evidence/series-trial.ts';

const KEPT = { ...TRIAL, regions: { kept: true, why: '' } };
const own = (why: string) => ({ ...TRIAL, regions: { kept: false, why } });

describe('the regions of a series, in words', () => {
  it('says in how many trials they were kept, and why they were new in the others', () => {
    const first = own('the first of the series');
    const left = own('process 7');
    expect(regionWords({ trials: [first, KEPT, left, KEPT, left] })).to.equal(
      'Kept from the trial before in 2 of 5; new: the first of the series; process 7 (2 times).',
    );
    expect(regionWords({ trials: [KEPT, KEPT] })).to.equal('Kept from the trial before in 2 of 2.');
  });

  it('says nothing of trials that say nothing', () => {
    expect(regionWords({ trials: [TRIAL] })).to.equal('');
    expect(regionWords({ trials: [TRIAL, KEPT] }), 'as many as say it').to.include('1 of 1');
  });
});
