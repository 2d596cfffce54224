// The limit of loss of a recovery: its texts, and what a preview says against it.
import { expect } from 'chai';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { beyondMaxLoss } from '../../../src/drill/recovery/max-loss.ts';
import { GOOD, heads, parse } from '../../support/plan/drill-file.ts';

const recoverOf = (inner: string) =>
  planDrill(parse(`${GOOD}recover: { ${inner} }\n`).drill!, 1, '').recover;

describe('recover.max_loss', () => {
  it('is a time or a size, and fails where the file says nothing else', () => {
    const fail = { over: 'fail' };
    expect(recoverOf('max_loss: 2s').max_loss).to.deep.equal({ unit: 'ms', most: 2_000, ...fail });
    expect(recoverOf('max_loss: 1MB').max_loss).to.deep.equal({
      ...{ unit: 'bytes', most: 1e6, ...fail },
    });
    expect(recoverOf('max_loss: 0s, over_max_loss: ask').max_loss!.over).to.equal('ask');
    expect(recoverOf('')).not.to.have.property('max_loss');
  });

  it('is told where it says nothing', () => {
    expect(heads(`${GOOD}recover: { max_loss: much }\n`).join()).to.match(
      /expected a time such as/,
    );
    expect(heads(`${GOOD}recover: { over_max_loss: ask }\n`).join()).to.match(/over max_loss/);
  });

  it('is passed by what is as much, and by nothing that is more or that nobody knows', () => {
    const time = { unit: 'ms', most: 2_000, over: 'fail' } as const;
    const size = { unit: 'bytes', most: 100, over: 'fail' } as const;
    expect(beyondMaxLoss(time, { bytes: 5, ms: 2_000 })).to.equal(null);
    expect(beyondMaxLoss(time, { bytes: 5, ms: 2_001 })).to.match(/^it would lose up to 2/);
    expect(beyondMaxLoss(size, { bytes: 100, ms: null })).to.equal(null);
    expect(beyondMaxLoss(size, { bytes: 101, ms: 0 })).to.equal('it would lose up to 101 B of log');
    // Of what has everything, the age says nothing.
    expect(beyondMaxLoss(time, { bytes: 0, ms: null })).to.equal(null);
    expect(beyondMaxLoss(time, { bytes: 7, ms: null })).to.match(/^nobody can say/);
    expect(beyondMaxLoss(size, { bytes: null, ms: null })).to.match(/^nobody can say/);
  });
});
