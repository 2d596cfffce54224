import { expect } from 'chai';
import { severalText, type Outcome } from '../../../src/report/several.ts';
import { judgeSeries } from '../../../src/verdict/series.ts';
import { lostData, notBroughtUp, passed } from '../../support/evidence/results.ts';

const shown = (outcomes: readonly Outcome[]) => {
  return severalText(outcomes, { columns: 120, hasColour: false });
};

describe('several drills of one command', () => {
  it('have a line each below the worst verdict', () => {
    const series = judgeSeries({ id: 'S', rule: { gate: 'worst' }, trials: [passed, passed] })!;
    const lines = shown([passed, lostData, notBroughtUp, series]).split('\n');
    expect(lines[1]).to.equal('FAIL  4 drills: 2 pass, 1 fail, 1 environment');
    expect(lines[4]).to.match(/^ {2}region-outage +PASS +1 +2\.31 s +0 +\S/);
    expect(lines[6]).to.match(/ENVIRONMENT +1 +– +– /);
    expect(lines[7]).to.match(/region-outage +PASS +2 +2\.31 s +0 +S$/);
  });

  it('are nothing for one drill, which has a summary of its own', () => {
    expect(shown([passed])).to.equal('');
    expect(shown([])).to.equal('');
  });
});
