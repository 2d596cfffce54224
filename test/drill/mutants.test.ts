// Drill files that were changed at random, each read as `drill check` reads one: never a stack trace,
// never without an end, and every error has a place in the file or is about the whole of it.
// `npm run test:mutants` reads 100,000; `MUTANTS` says how many, `MUTANTS_SEED` which.
import { expect } from 'chai';
import { readMutants } from '../support/mutants/mutants.ts';

const COUNT = Number(process.env['MUTANTS'] ?? 2_000);
const SEED = Number(process.env['MUTANTS_SEED'] ?? 1);

describe('mutated drill files', function () {
  this.timeout(3_600_000);

  it(`are read or refused at a place, all ${COUNT} of seed ${SEED}`, async () => {
    const { valid, refused, problems } = await readMutants(COUNT, SEED);
    expect(problems.join('\n\n')).to.equal('');
    expect(valid + refused).to.equal(COUNT);
    // Both kinds have their share, or nothing was tried.
    expect(Math.min(valid, refused)).to.be.greaterThan(COUNT / 50);
  });
});
