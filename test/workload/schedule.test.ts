// What kinds of operations are due, by their shares.
import { expect } from 'chai';
import { scheduledOperation } from '../../src/workload/schedule.ts';

describe('the schedule', () => {
  it('draws updates among what is not read, for their share of all operations', async () => {
    const kinds = (updates: number) =>
      Array.from({ length: 2000 }, (_, index) => {
        const planned = { rate_per_s: 100, writers: 4, reads: 0.3, updates };
        return scheduledOperation(planned, 7, 0, index).kind;
      });
    const [without, some, most] = [kinds(0), kinds(0.2), kinds(0.7)];
    const share = (list: string[], kind: string) =>
      list.filter((each) => each === kind).length / list.length;
    expect(without.includes('update')).to.equal(false);
    for (const list of [some, most]) {
      list.forEach((kind, at) => expect(kind === 'read').to.equal(without[at] === 'read'));
    }
    expect(share(some, 'update')).to.be.closeTo(0.2, 0.03);
    expect(share(most, 'write')).to.equal(0);
  });
});
