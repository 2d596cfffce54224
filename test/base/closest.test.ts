import { expect } from 'chai';
import { closest } from '../../src/base/closest.ts';

describe('closest', () => {
  const words = ['rto', 'rpo', 'rto_from', 'lost_writes', 'p99_latency'];

  it('finds the word that was mistyped', () => {
    expect(closest('rtoo', words)).to.equal('rto');
    expect(closest('lostwrites', words)).to.equal('lost_writes');
    expect(closest('P99_LATENCY', words)).to.equal('p99_latency');
    expect(closest('orpo', ['rpo'])).to.equal('rpo');
  });

  it('counts two neighbours that changed places as one mistake', () => {
    expect(closest('otr', ['rto'])).to.equal(null);
    expect(closest('rot', ['rto'])).to.equal('rto');
  });

  it('suggests nothing for a word that is like none of them', () => {
    expect(closest('topology', words)).to.equal(null);
    expect(closest('x'.repeat(1e6), words)).to.equal(null);
  });
});
