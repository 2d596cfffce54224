// The whole of the losses of several stores: sums, the worst of what is no sum, and nothing at all
// where one of them is not known.
import { expect } from 'chai';
import { CLASS_NAMES, type Loss, type StoreLoss } from '../../../src/drill/measurement.ts';
import { totalLoss } from '../../../src/measure/loss/total-loss.ts';

const ids = (writer: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({ writer, sequence: at + 1 }));
/** Every number of one is `n` times a number of its own. */
const lossOf = (n: number, changes: Partial<Loss> = {}): Loss => ({
  outcomes: { acknowledged: 2 * n, refused: 3 * n, unknown: 5 * n, unsent: 7 * n },
  classes: Object.fromEntries(CLASS_NAMES.map((name, at) => [name, at * n])) as Loss['classes'],
  split_brain: 11 * n,
  split_brain_possible: 13 * n,
  split_brain_missing: null,
  lost_bytes: 17 * n,
  rpo: { value: 100 * n, low: 90 * n, high: 110 * n },
  rpo_after_return_ms: 50 * n,
  lost_after_recovery: 19 * n,
  lost_ids: ids(n, 2),
  violation_ids: { corrupt: ids(n, 1) },
  second: { only_old: n, unknown: 2 * n, agrees: true, unexplained: 3 * n, never_durable: 4 * n },
  second_missing: null,
  wrong_reads: 23 * n,
  acknowledged_before: 29 * n,
  ...changes,
});
const orders = (loss: Loss | null): StoreLoss => ({ store: 'orders', loss });
const carts = (loss: Loss | null): StoreLoss => ({ store: 'carts', loss });
const both = (one: Partial<Loss>, other: Partial<Loss> = {}) =>
  totalLoss([orders(lossOf(1, one)), carts(lossOf(10, other))])!;

describe('the loss of all stores', () => {
  it('is the sum of what can be added, and the worst of the rest', () => {
    const sum = lossOf(11);
    const named = [
      ...ids(1, 2).map((id) => ({ ...id, store: 'orders' })),
      ...ids(10, 2).map((id) => ({ ...id, store: 'carts' })),
    ];
    expect(both({})).to.deep.equal({
      ...sum,
      ...{ rpo: lossOf(10).rpo, rpo_after_return_ms: 500, acknowledged_before: 29 },
      ...{ lost_ids: named, violation_ids: {} },
    });
  });

  it('is that of the only store as it is, and not known where one is not', () => {
    const one = lossOf(3);
    expect(totalLoss([orders(one)])).to.equal(one);
    expect(totalLoss([orders(one), carts(null)])).to.equal(null);
    expect(totalLoss([orders(null)])).to.equal(null);
    expect(totalLoss([])).to.equal(null);
  });

  it('lists twenty of the lost writes', () => {
    expect(both({ lost_ids: ids(1, 20) }).lost_ids.map(({ store }) => store)).to.deep.equal(
      Array.from({ length: 20 }, () => 'orders'),
    );
  });

  it('has a bound only where every store has it', () => {
    const rpo = { value: 1, low: null, high: null };
    expect(both({ rpo }).rpo).to.deep.equal({ value: 1_000, low: null, high: null });
  });

  it('takes a store whose region did not return with what it lost', () => {
    expect(both({}, { rpo_after_return_ms: null }).rpo_after_return_ms).to.equal(1_000);
    const away = { rpo_after_return_ms: null };
    expect(both(away, away).rpo_after_return_ms).to.equal(null);
    expect(both({}, { rpo_after_return_ms: 0 }).rpo_after_return_ms).to.equal(50);
  });

  it('has a second opinion where each store has one, which agrees where each does', () => {
    const second = { ...lossOf(1).second!, agrees: false };
    expect(both({ second }).second!.agrees).to.equal(false);
    const none = { second: null, second_missing: 'not read' };
    const half = both(none);
    expect([half.second, half.second_missing]).to.deep.equal([null, 'PostgreSQL: not read']);
    expect(both(none, none).second_missing).to.equal('PostgreSQL: not read; Redis: not read');
  });
});
