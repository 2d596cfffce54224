// What a burst of work prints, on this machine, and what is made of it.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { burstOf, shareIn } from '../../../src/topology/compose/engine/burst.ts';

describe('a burst of work', () => {
  it('is a share of a processor by what was used before and after', () => {
    expect(shareIn('1000000\n3\n1200000\n9\n', 1_000)).to.equal(0.2);
    expect(shareIn('5\n0\n5\n1', 500)).to.equal(0);
  });

  it('is all of it where no limit has held it back, however little a busy machine gave', () => {
    expect(shareIn('1000000\n3\n1200000\n3\n', 1_000)).to.equal(1);
  });

  it('is no share where what was printed makes no sense', () => {
    for (const said of ['', '12', '1 2', '1 0 2', 'sh: timeout: not found'])
      expect(shareIn(said, 500)).to.be.NaN;
  });

  it('is one command that any shell carries out', () => {
    const [program = '', ...parameters] = burstOf(20);
    const { stderr, status } = spawnSync(program, parameters, { encoding: 'utf8' });
    expect(status, stderr).to.equal(0);
  });
});
