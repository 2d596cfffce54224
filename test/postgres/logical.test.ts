// Two primaries that replicate to each other, as real servers with a proxied link between them.
import { expect } from 'chai';
import { compareDatabases } from '../../src/postgres/divergence.ts';
import { startPair, type LogicalPair } from './logical-pair.ts';

describe('two-way replication', function () {
  this.timeout(120_000);
  let pair: LogicalPair;
  before(async function () {
    pair = await startPair(this);
  });
  after(() => pair?.stop());

  it('brings every row to the other side once, and none back', async () => {
    await Promise.all([pair.write('east', 1, 1, 300), pair.write('west', 2, 1, 300)]);
    await pair.until(async () => (await pair.count('east')) === 600, 'all rows in east');
    await pair.until(async () => (await pair.count('west')) === 600, 'all rows in west');
    const found = await compareDatabases(pair.side('east'), pair.side('west'));
    expect(found.differing).to.equal(0);
  });
});
