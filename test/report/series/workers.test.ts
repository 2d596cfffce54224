// Which machines made the trials of a series, in words.
import { expect } from 'chai';
import { unlikeMachines, workerCells, workerWords } from '../../../src/report/series/workers.ts';
import { machineFacts } from '../../../src/host/machine/machine-facts.ts';
import { SERIES_TRIAL as TRIAL } from '../../support/evidence/series-trial.ts';

const MACHINE = { ...machineFacts(0), cores: 2, processor: 'Z80' };
const small = { ...TRIAL, worker: 'small', machine: MACHINE };
const large = { ...TRIAL, worker: 'large', machine: { ...MACHINE, cores: 64 } };

describe('the workers of a series, in words', () => {
  it('says who made how many, on what', () => {
    expect(workerWords({ trials: [small, large, small] })).to.equal(
      '1 trial by large (64 cores, Z80), 2 trials by small (2 cores, Z80).',
    );
    const unknown = { ...TRIAL, worker: 'old', machine: null };
    expect(workerWords({ trials: [unknown] })).to.equal(
      '1 trial by old (a machine that is not known).',
    );
  });

  it('says of each trial who made it, and who was lost with it', () => {
    const again = { ...small, lost_workers: ['large'] };
    const often = { ...small, lost_workers: ['large', 'huge'] };
    expect(workerCells({ trials: [small, again, often, TRIAL] })).to.deep.equal([
      'small',
      'small (large was lost)',
      'small (large, huge were lost)',
      '–',
    ]);
  });

  it('says that unlike machines are not told apart, and nothing of those that are alike', () => {
    expect(unlikeMachines({ trials: [small, large] })).to.deep.equal([
      'Its trials were made on 2 unlike machines (2 cores, Z80; 64 cores, Z80): how they differ ' +
        'is not told apart.',
    ]);
    expect(unlikeMachines({ trials: [small, { ...small, worker: 'twin' }] })).to.deep.equal([]);
  });

  it('says nothing where no worker made any', () => {
    expect(workerCells({ trials: [TRIAL] })).to.equal(null);
    expect(workerWords({ trials: [TRIAL] })).to.equal('');
    expect(unlikeMachines({ trials: [TRIAL, { ...TRIAL, machine: MACHINE }] })).to.deep.equal([]);
  });
});
