// When an outage opens and when it closes, operation by operation: one is due every 5 ms, of the 40
// in 200 ms nine tenths have to be served. Each limit has the neighbour at which it turns.
import { expect } from 'chai';
import { mergeOperations } from '../../../src/evidence/ledger/operation-columns.ts';
import { serviceState, type ServiceContext } from '../../../src/measure/service/service.ts';
import { WITHIN_MS, smallPlan } from '../../support/evidence/small.ts';
import { operationsOf, type Op } from '../../support/evidence/synthetic.ts';

const steady = { due: 40, served: 40, served_per_s: 200, p99_ms: 2, within_ms: WITHIN_MS };
const CONTEXT: ServiceContext = {
  ...{ from_ms: 0, until_ms: null, now_ms: null, disaster_ms: 300, steady },
  ...{ sustain: smallPlan.sustain, rates_per_s: [200] },
};
const range = (from: number, to: number, step = 5) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step);
const op = (scheduled_ms: number, more: Partial<Op> = {}): Op => ({
  ...{ writer: 1, sequence: 1 + scheduled_ms, scheduled_ms, outcome: 'acknowledged', ...more },
});
const OPEN = { outcome: 'unknown', done_ms: null } as const;

/** Those due at the `bad` times are refused. */
const opsOf = (dues: readonly number[], bad: readonly number[], more: Partial<Op> = {}) =>
  dues.map((due) => op(due, bad.includes(due) ? { outcome: 'refused', ...more } : {}));
const stateOf = (ops: readonly Op[], context: Partial<ServiceContext> = {}) =>
  serviceState(operationsOf(ops), { ...CONTEXT, ...context });
/** What comes of a second in which those are refused. */
const state = (bad: readonly number[], context: Partial<ServiceContext> = {}) =>
  stateOf(opsOf(range(0, 1_000), bad), context);
const opened = (...of: Parameters<typeof state>) =>
  state(...of).outages.map(({ opened_ms }) => opened_ms);
const closings = (...of: Parameters<typeof state>) =>
  state(...of).outages.map(({ closing_due_ms }) => closing_due_ms);
const FIVE = range(300, 325);
const FOUR = range(300, 320);

describe('an outage', () => {
  it('opens with the first of five in 200 ms, and closes with the next that is served', () => {
    expect(opened([300, 310, 320, 330])).to.deep.equal([]);
    expect(state([300, 310, 320, 330, 340]).outages).to.deep.equal([
      { opened_ms: 300, closed_ms: 347, last_unserved_ms: 340, closing_due_ms: 345 },
    ]);
    expect(opened(range(0, 25))).to.deep.equal([0]); // the very first operation
  });

  it('looks at 200 ms, without their end', () => {
    expect(opened([300, 500, 505, 510, 515])).to.deep.equal([]);
    expect(opened([300, 480, 485, 490, 500])).to.deep.equal([]);
    expect(opened([300, 480, 485, 490, 495])).to.deep.equal([300]);
  });

  it('counts those that were due, where fewer were', () => {
    const dues = [...range(0, 300), ...range(300, 1_000, 10)];
    const openedOf = (bad: readonly number[]) => stateOf(opsOf(dues, bad)).outages.length;
    expect(openedOf([300, 310])).to.equal(0); // 18 of 20 are nine tenths
    expect(openedOf([300, 310, 320])).to.equal(1);
  });

  it('closes with a reply that ten others follow without a gap', () => {
    expect(closings([...FIVE, 375])).to.deep.equal([380]); // nine follow the one due at 325
    expect(closings([...FIVE, 380])).to.deep.equal([325]);
  });

  it('closes where nine tenths of the next 200 ms are served, and of the steady rate', () => {
    expect(closings([...FIVE, 400, 420, 440, 460])).to.deep.equal([325]);
    expect(closings([...FIVE, 400, 420, 440, 460, 480])).to.deep.equal([485]);
    const dues = [...range(0, 325), ...range(325, 1_000, 10)]; // all served, and half as many
    expect(stateOf(opsOf(dues, FIVE)).outages[0]).to.include({ closed_ms: null });
    const half = { steady: { ...steady, served_per_s: 100 } };
    expect(stateOf(opsOf(dues, FIVE), half).outages[0]).to.include({ closing_due_ms: 325 });
  });

  it('closes where enough of what was due is served, however low the steady rate was', () => {
    const half = { steady: { ...steady, served_per_s: 100 } };
    expect(closings([...FIVE, 400, 420, 440, 460, 480], half)).to.deep.equal([485]);
  });

  it('does not close before all of its 200 ms, and ten more operations, were due', () => {
    const closedTo = (last: number, for_ms: number) =>
      stateOf(opsOf(range(0, last + 5), FIVE), {
        sustain: { ...smallPlan.sustain, for_ms },
      }).outages[0]!.closing_due_ms;
    expect([closedTo(515, 200), closedTo(520, 200)]).to.deep.equal([null, 325]);
    expect([closedTo(370, 45), closedTo(375, 45)]).to.deep.equal([null, 325]);
  });

  it('ends with the one that opened it where no other failed', () => {
    const sustain = { ...smallPlan.sustain, for_ms: 45 }; // one of nine
    expect(state([300], { sustain }).outages).to.deep.equal([
      { opened_ms: 300, closed_ms: 307, last_unserved_ms: 300, closing_due_ms: 305 },
    ]);
  });

  it('that is still open ends with the last that was not served', () => {
    const bad = range(300, 985);
    expect(state(bad).outages).to.deep.equal([
      { opened_ms: 300, closed_ms: null, last_unserved_ms: 980, closing_due_ms: null },
    ]);
  });
});

describe('service', () => {
  const flags = (bad: readonly number[], context: Partial<ServiceContext> = {}) => {
    const { isOut, isBack, sinceDisaster } = state(bad, context);
    return [isOut, isBack, sinceDisaster.length];
  };

  it('is back after an outage that reached into the time since the disaster', () => {
    expect(flags([])).to.deep.equal([false, false, 0]);
    expect(flags(FIVE)).to.deep.equal([false, true, 1]);
    const earlier = range(200, 225); // closed with the reply at 227
    expect(flags(earlier, { disaster_ms: 226 })).to.deep.equal([false, true, 1]);
    expect(flags(earlier, { disaster_ms: 227 })).to.deep.equal([false, false, 0]);
  });

  it('is out while an outage is open, whatever closed before', () => {
    expect(flags([...FIVE, ...range(900, 1_000)])).to.deep.equal([true, false, 2]);
  });
});

describe('an outage before the disaster', () => {
  const late = { disaster_ms: 700 }; // what was due from 600 on it can have made late

  it('is none by what the disaster itself kept from being served', () => {
    expect(opened([590, 600, 605, 610, 615], late)).to.deep.equal([]);
    expect(opened([590, ...range(600, 625)], late)).to.deep.equal([600]);
    expect(opened(range(580, 605), late)).to.deep.equal([]);
    expect(opened(range(575, 605), late)).to.deep.equal([575]);
  });

  it('is none by what failed after its 200 ms either', () => {
    expect(opened([300, 520, 525, 530, 535], late)).to.deep.equal([]);
  });
});

describe('an outage of a run that goes on', () => {
  const growing = (to: number, bad: readonly number[], context: Partial<ServiceContext> = {}) =>
    stateOf(opsOf(range(0, to), bad), { now_ms: to, ...context });

  it('opens once too few are left to be served, of all clients', () => {
    expect(growing(325, FOUR).isOut).to.equal(false);
    expect(growing(325, FIVE).isOut).to.equal(true);
    const rates_per_s = [200, 50]; // ten more could come of a second ledger
    expect(growing(330, FIVE, { rates_per_s }).isOut).to.equal(false);
    expect(growing(330, range(300, 330), { rates_per_s }).isOut).to.equal(true);
  });

  it('is not opened by requests that may be answered still: 100 ms, and 250 to be seen', () => {
    const ops = opsOf(range(0, 695), range(350, 375), OPEN);
    const at = (now_ms: number | null) => stateOf(ops, { now_ms });
    expect([at(700).isOut, at(700).observed_ms]).to.deep.equal([false, 350]);
    expect(at(701).observed_ms).to.equal(355);
    expect([at(720).isBack, at(721).isBack, at(null).isBack]).to.deep.equal([false, true, true]);
    const ended = opsOf(range(0, 695), range(350, 375), { outcome: 'unknown', done_ms: 360 });
    expect(stateOf(ended, { now_ms: 700 }).isBack).to.equal(true);
  });

  it('is opened all the same by what failed before one that may be answered still', () => {
    const ops = opsOf(range(0, 700), FIVE).map((one) =>
      one.scheduled_ms === 505 ? { ...one, ...OPEN } : one,
    );
    expect(stateOf(ops, { now_ms: 700 }).outages[0]).to.include({ opened_ms: 300 });
  });

  it('is opened by requests that were never sent: nobody will answer them', () => {
    const ops = opsOf(range(0, 325), FIVE, { outcome: 'unsent' });
    expect(stateOf(ops, { now_ms: 325 }).isOut).to.equal(true);
  });

  it('is not closed by them either', () => {
    const ops = opsOf(range(0, 700), FIVE).map((one) =>
      one.scheduled_ms === 400 ? { ...one, ...OPEN } : one,
    );
    expect(stateOf(ops, { now_ms: 700 }).outages[0]).to.include({ closing_due_ms: 405 });
    expect(stateOf(ops, { now_ms: null }).outages[0]).to.include({ closing_due_ms: 325 });
  });
});

describe('a ledger that grows', () => {
  const lacking = (gap: readonly number[], bad: readonly number[], to = 700) =>
    stateOf(
      opsOf(range(0, to), bad).filter(({ scheduled_ms }) => !gap.includes(scheduled_ms)),
      { now_ms: 700 },
    );

  it('is known up to the first operation that it lacks, and to where it goes', () => {
    expect(lacking([], []).observed_ms).to.equal(700);
    expect(lacking(range(405, 430), []).observed_ms).to.equal(405);
    expect(stateOf([], { now_ms: 700, from_ms: 40 }).observed_ms).to.equal(40);
    const twice = [...opsOf(range(0, 700), []), op(300, { writer: 2 })];
    expect(stateOf(twice, { now_ms: 700 }).observed_ms).to.equal(700);
  });

  it('may have served what it lacks within the 200 ms, and only that', () => {
    for (const from of [330, 400, 450]) {
      expect(lacking(range(from, from + 50), FOUR).outages, `${from}`).to.deep.equal([]);
      expect(lacking(range(from, from + 50), FIVE).outages, `${from}`).to.have.length(1);
    }
    expect(lacking(range(250, 300), FIVE).isBack).to.equal(true);
    expect(lacking(range(450, 495), FIVE, 500).isOut).to.equal(true); // up to its last one
  });

  it('of several stores is known up to the first that any of them lacks', () => {
    const orders = opsOf(range(0, 700), []).filter(({ scheduled_ms }) => scheduled_ms !== 405);
    const carts = (gap: number) =>
      opsOf(range(0, 700, 20), []).filter(({ scheduled_ms }) => scheduled_ms !== gap);
    const observed = (gap: number) =>
      serviceState(mergeOperations([operationsOf(orders), operationsOf(carts(gap))]), {
        ...{ ...CONTEXT, now_ms: 700, rates_per_s: [200, 50] },
      }).observed_ms;
    expect([observed(400), observed(500)]).to.deep.equal([400, 405]);
  });

  it('of two stores that are due at the same moments lacks each at its own', () => {
    const outages = (gap: readonly number[], bad: readonly number[]) => {
      const one = opsOf(range(0, 1_200), []).filter(({ scheduled_ms: due }) => !gap.includes(due));
      const ledgers = [operationsOf(one), operationsOf(opsOf(range(0, 1_200), bad))];
      const both = { ...CONTEXT, now_ms: 1_200, rates_per_s: [200, 200] };
      return serviceState(mergeOperations(ledgers), both).outages.length;
    };
    const from = (to: number) => range(300, to);
    expect(outages(from(350), from(340))).to.equal(0); // 8 of 80, of which 10 are lacking
    expect(outages(from(350), from(345))).to.equal(1);
    expect(outages(range(495, 995), from(345))).to.equal(1); // they are due later
  });
});
