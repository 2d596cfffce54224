// The upper end of a recovery time where several stores failed: when each of them was seen to
// serve again, also the one whose clients ask less often.
import { expect } from 'chai';
import { mergeOperations } from '../../../src/evidence/ledger/operation-columns.ts';
import { rtoOf } from '../../../src/measure/service/recovery.ts';
import { operationsOf, plan, type Op } from '../../support/evidence/synthetic.ts';
import { twoStores } from '../../support/evidence/two-stores.ts';

const [OPENED, CLOSING_DUE, CLOSED] = [5_000, 5_600, 5_602];
const steady = { due: 1, served: 1, served_per_s: 200, p99_ms: 2, within_ms: 100 };
let sequence = 0;
const op = (scheduled_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer: 1, sequence: ++sequence, scheduled_ms, outcome: 'acknowledged', ...more },
});
const fails = (scheduled_ms: number) => op(scheduled_ms, { outcome: 'refused' });

/** The disaster came at 5,000; orders failed, and closed the outage at 5,602. */
function highOf(carts: readonly Op[], orders: readonly Op[] = [fails(5_595), op(CLOSING_DUE)]) {
  const ledgers = [operationsOf(orders), operationsOf(carts)];
  return rtoOf(
    {
      ...{ plan: twoStores, operations: mergeOperations(ledgers), steady },
      disaster: { started_ms: 5_000, injected_ms: 5_000 },
    },
    {
      sinceDisaster: [
        { opened_ms: OPENED, closed_ms: CLOSED, last_unserved_ms: 5_595, closing_due_ms: 5_600 },
      ],
    },
    CLOSED,
  ).high;
}

describe('the latest that service was back, with two stores', () => {
  it('is the first reply of the one that came back later', () => {
    expect(highOf([fails(5_590), op(5_700), op(5_800)])).to.equal(702);
    expect(highOf([op(5_800), op(5_700), fails(5_590)])).to.equal(702); // whatever their order
    expect(highOf([fails(5_400), op(5_500, { done_ms: 5_599 }), fails(5_590), op(5_700)])).to.equal(
      702,
    );
  });

  it('is that of the outage itself where the other store was back by then, or never gone', () => {
    expect(highOf([fails(5_400), op(5_500)])).to.equal(602);
    expect(highOf([fails(5_400), op(5_597, { done_ms: 5_600 })])).to.equal(602);
    expect(highOf([op(5_800)])).to.equal(602);
    expect(highOf([])).to.equal(602);
  });

  it('takes no account of what failed before the outage, or once it had closed', () => {
    expect(highOf([fails(OPENED - 1), op(5_700)])).to.equal(602);
    expect(highOf([fails(OPENED), op(5_700)])).to.equal(702);
    expect(highOf([fails(CLOSING_DUE), op(5_700)])).to.equal(602);
  });

  it('takes neither a marker nor a reply that came too late for service', () => {
    const marker = op(5_650, { kind: 'marker' });
    const late = op(5_660, { done_ms: 5_800 });
    expect(highOf([fails(5_590), marker, late, op(5_700)])).to.equal(702);
  });

  it('is not known where one that had failed was never seen to serve again', () => {
    expect(highOf([fails(5_590), op(5_700, { outcome: 'unknown' })])).to.equal(null);
    expect(highOf([op(5_590), op(5_700)], [fails(5_595)])).to.equal(null);
  });

  it('is the close of the outage where there is one store, whichever reply was the first', () => {
    const operations = operationsOf([
      ...[fails(5_590), op(5_595, { done_ms: 5_690 }), op(CLOSING_DUE)],
    ]);
    const last = { opened_ms: OPENED, closed_ms: CLOSED, closing_due_ms: CLOSING_DUE };
    const rto = rtoOf(
      {
        ...{ plan, operations, steady },
        disaster: { started_ms: 5_000, injected_ms: 5_000 },
      },
      { sinceDisaster: [{ ...last, last_unserved_ms: 5_590 }] },
      CLOSED,
    );
    expect(rto).to.deep.equal({ value: 602, low: 590, high: 602 });
  });
});
