// What kinds of operations are due, by their shares.
import { expect } from 'chai';
import { scheduledOperation } from '../../src/workload/schedule.ts';

describe('the schedule', () => {
  it('draws updates among what is not read, for their share of all operations', async () => {
    const kinds = (updates: number) =>
      Array.from({ length: 2000 }, (_, index) => {
        const planned = { rate_per_s: 100, writers: 4, reads: 0.3, updates };
        return scheduledOperation(planned, 7, { from_ms: 0, ramp_ms: 0 }, index).kind;
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

  it('rises evenly for as long as it is to, and is even from then on', () => {
    const planned = { rate_per_s: 100, writers: 4, reads: 0, updates: 0 };
    const due = Array.from({ length: 1_000 }, (_, index) => {
      const beginning = { from_ms: 1_000, ramp_ms: 4_000 };
      return scheduledOperation(planned, 7, beginning, index).scheduled_ms - 1_000;
    });
    const within = (from: number, to: number) => due.filter((at) => at >= from && at < to).length;
    const seconds = [0, 1, 2, 3, 4, 5].map((second) =>
      within(second * 1_000, second * 1_000 + 999.9),
    );
    expect(seconds).to.deep.equal([13, 37, 63, 87, 100, 100]);
    due.slice(1).forEach((at, before) => expect(at).to.be.greaterThan(due[before]!));
    expect(due[0]).to.equal(0);
    expect(due.at(-1)! - due.at(-2)!).to.be.closeTo(10, 1e-6);
  });
});
