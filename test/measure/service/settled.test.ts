// What the operations so far have settled for good, of a few that are counted by hand: one is due
// every 10 ms, and 11 that are served in a row end an outage.
import { expect } from 'chai';
import { ServiceFollower } from '../../../src/measure/service/follow-service.ts';
import { Window, type ServiceContext } from '../../../src/measure/service/service-window.ts';
import { nothingSettled, serviceState, stateIn } from '../../../src/measure/service/service.ts';
import { operationsOf, plan, type Op } from '../../support/evidence/synthetic.ts';

const SIZE = 40;
const context: ServiceContext = {
  ...{ from_ms: 0, until_ms: null, now_ms: null, disaster_ms: 0, rates_per_s: [100] },
  steady: { due: 1, served: 1, served_per_s: 100, p99_ms: 2, within_ms: 5 },
  sustain: { ...plan.sustain, for_ms: 100, success: 0.99, capacity: 0.9 },
};

/** `failed`: the first and the last of the operations that were refused. */
function settledBy([first, last]: readonly [number, number], late_ms: number) {
  const ops = Array.from({ length: SIZE }, (_, at): Op => {
    const isRefused = at >= first && at <= last;
    const outcome = isRefused ? 'refused' : 'acknowledged';
    return { writer: 1, sequence: at + 1, scheduled_ms: 10 * at, outcome };
  });
  const window = new Window(operationsOf(ops), context);
  return stateIn(window, 0, nothingSettled(context), late_ms);
}

describe('what is settled of service', () => {
  it('goes no further than what was observed, and than outcomes can still come', () => {
    expect(settledBy([5, 9], Infinity).settled).to.deep.equal({
      ...{ from_ms: 290, known_ms: 400, open: null, seen_ms: [280] },
      outages: [{ opened_ms: 50, closed_ms: 102, last_unserved_ms: 90, closing_due_ms: 100 }],
    });
    expect(settledBy([5, 9], 300).settled).to.include({ known_ms: 300, from_ms: 190 });
    expect(settledBy([5, 9], -Infinity).settled).to.deep.equal(nothingSettled(context));
  });

  it('is no end of an outage that the next operations can still take back', () => {
    const { state, settled } = settledBy([5, 28], Infinity);
    expect(state.outages[0]!.closing_due_ms).to.equal(290);
    expect(settled).to.deep.include({
      ...{ from_ms: 290, outages: [], open: { opened_ms: 50, last_unserved_ms: 280 } },
    });
    expect(settledBy([5, 27], Infinity).settled.outages).to.have.length(1);
  });

  it('is no outage that began with what is not settled', () => {
    const { state, settled } = settledBy([29, SIZE], Infinity);
    expect(state.outages).to.have.length(1);
    expect(settled.open).to.equal(null);
    expect(settledBy([28, SIZE], Infinity).settled.open).to.deep.equal({
      ...{ opened_ms: 280, last_unserved_ms: 280 },
    });
  });

  it('is nothing, up to where it begins, of a ledger that has no operation yet', () => {
    const { observed_ms } = serviceState(operationsOf([]), { ...context, from_ms: 70 });
    expect(observed_ms).to.equal(70);
    const rules = { ...context, from_ms: 70, timeout_ms: 100, harm: null };
    const empty = { operations: operationsOf([]), changed_ms: Infinity };
    expect(new ServiceFollower(rules).look([empty], 500).observed_ms).to.equal(70);
  });
});
