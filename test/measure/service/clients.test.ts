// Whether the clients did their part: a steady state to compare with, operations on schedule, and
// somebody who looked for long enough. Each sentence, with the neighbour at which it goes away.
import { expect } from 'chai';
import type { Doubt, Outage } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { StoreLedger } from '../../../src/measure/operations/slices.ts';
import { scheduleDoubts, watchDoubts } from '../../../src/measure/service/measure-service.ts';
import {
  measureSmall,
  SMALL,
  smallDrive,
  smallGone,
  smallJournal,
  smallPlan,
} from '../../support/evidence/small.ts';
import {
  drive,
  evidenceOf,
  operationsOf,
  refuses,
  type EvidenceParts,
  type Op,
  type Service,
} from '../../support/evidence/synthetic.ts';
import { evidenceOfTwo, someCarts, twoStores } from '../../support/evidence/two-stores.ts';

const event = (body: object): RunEvent => body as RunEvent;
const all = (...reasons: string[]): Doubt[] =>
  reasons.map((reason) => ({ affects: 'all', reason }));
const recovery = (...reasons: string[]): Doubt[] =>
  reasons.map((reason) => ({ affects: 'recovery', reason }));
const doubts = (parts: EvidenceParts = {}) => measureSmall(parts).doubts;

const range = (from: number, to: number, step = 5) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step);
const opsAt = (dues: readonly number[], more: (due: number) => Partial<Op> = () => ({})) =>
  dues.map((due, at): Op => {
    const id = { writer: 1, sequence: at + 1 };
    return { ...id, scheduled_ms: due, outcome: 'acknowledged', ...more(due) };
  });
const ledgerOf = (ops: readonly Op[], more: Partial<StoreLedger> = {}): StoreLedger => ({
  ...{ store: 'orders', name: null, nodes: [], stop_ms: SMALL.cut },
  ...{ operations: operationsOf(ops), ...more },
});

describe('a ledger that cannot be read', () => {
  it('leaves everything open, and is named where there are two', () => {
    const evidence = evidenceOf({ plan: smallPlan, events: smallJournal() });
    const stores = evidence.stores.map((store) => ({ ...store, operations: null }));
    const one = measure({ ...evidence, stores });
    expect(one.recovery).to.equal(null);
    expect(one.doubts).to.deep.include(all('There is no readable ledger.')[0]);
    const two = evidenceOfTwo();
    const [orders, carts] = two.stores;
    const lacking = measure({ ...two, stores: [orders!, { ...carts!, operations: null }] });
    expect(lacking.recovery).to.equal(null);
    expect(lacking.doubts.filter(({ reason }) => reason.includes('readable'))).to.deep.equal(
      all('Redis: There is no readable ledger.'),
    );
  });
});

describe('a steady state', () => {
  const NONE = 'No steady state was reached: nothing was acknowledged before the fault.';

  it('is none without its end, or where nothing was acknowledged', () => {
    expect(doubts({ events: smallJournal({ 'steady.ended': null }) })).to.deep.equal(all(NONE));
    const ops = smallDrive((now, index) => (now < 200 ? refuses : smallGone(100)(now, index)));
    const { recovery: its, doubts: said } = measureSmall({ ops });
    expect([its, said]).to.deep.equal([null, all(NONE)]);
  });

  it('that is none is told with what delayed the recovery, and with pauses since the disaster', () => {
    const stalled = event({ t: 950, event: 'program.stalled', program: 'gslb', ms: 600 });
    const events = smallJournal({ 'steady.ended': null }, [stalled]);
    const gap = (from: number) => ({
      ops: smallDrive().filter(({ scheduled_ms: due }) => due < from || due >= from + 70),
      events,
    });
    const slow = 'The gslb stood still for 600 ms after the fault, ';
    const delayed = recovery(`${slow}so the recovery took longer than the system needs.`);
    expect(doubts(gap(100))).to.deep.equal([...all(NONE), ...delayed]);
    const paused = 'No operation was due for 75 ms, 595 ms into the run: the workload stood still.';
    expect(doubts(gap(600))).to.deep.equal([...all(NONE, paused), ...delayed]);
  });

  it('was reached where nine tenths were served', () => {
    const failing = (count: number): Service => {
      return (now, index) => (index < count ? refuses : smallGone(100)(now, index));
    };
    expect(doubts({ ops: smallDrive(failing(4)) })).to.deep.equal([]);
    expect(doubts({ ops: smallDrive(failing(5)) })).to.deep.equal(
      all(
        'The steady state was never reached: only 35 of 40 operations were served before the fault.',
      ),
    );
  });

  it('was hardly one where the fault came before half of the answers', () => {
    /** The steady state ends with the fault; so many of the 40 are never answered. */
    const open = (count: number) => {
      const ops = smallDrive().map((op): Op => {
        const isOpen = op.scheduled_ms >= 300 - 5 * count && op.scheduled_ms < 300;
        return isOpen ? { ...op, outcome: 'unknown', done_ms: null } : op;
      });
      const patient: Plan = {
        ...smallPlan,
        sustain: { ...smallPlan.sustain, within_ms: 150 },
      };
      const events = smallJournal({ 'steady.started': 100, 'steady.ended': 300 });
      return doubts({ ops, plan: patient, events }).map(({ reason }) => reason);
    };
    expect(open(20).filter((reason) => reason.includes('steady state'))).to.deep.equal([]);
    expect(open(21)[0]).to.equal(
      'The first fault came before 21 of 40 operations of the steady state had an answer: ' +
        'let it come later, or hold the steady state longer.',
    );
  });

  it('is one of each store', () => {
    const carts = { ops: someCarts.ops.filter(({ scheduled_ms: due }) => due > 3_000) };
    const said = measure(evidenceOfTwo({ carts })).doubts.map(({ reason }) => reason);
    expect(said).to.include(
      'Redis: The steady state was never reached: only 0 of 0 operations were served before the fault.',
    );
  });

  it('was too slow to tell served from unserved where its latency never settled', () => {
    const unsettled = (plan: Plan, settled: boolean) => {
      const warm = event({ t: 0, event: 'warm-up.ended', settled, ms: 0, p99_ms: 2 });
      return doubts({ plan, events: smallJournal({ 'warm-up.ended': null }, [warm]) });
    };
    expect(unsettled(smallPlan, false)).to.deep.equal(
      recovery('The latency never settled: its steady p99 is 2 ms.'),
    );
    expect(unsettled(smallPlan, true)).to.deep.equal([]);
    expect(doubts({ events: smallJournal({ 'warm-up.ended': null }) })).to.deep.equal([]);
    const patient = { ...smallPlan, workload: { ...smallPlan.workload, timeout_ms: 101 } };
    expect(unsettled(patient, false)).to.deep.equal([]);
    const stated = { ...smallPlan, sustain: { ...smallPlan.sustain, within_ms: 100 } };
    expect(unsettled(stated, false)).to.deep.equal([]);
  });
});

describe('the schedule of operations', () => {
  const said = (ledgers: readonly StoreLedger[], plan = smallPlan, from_ms = 0) =>
    scheduleDoubts(plan, ledgers, from_ms);

  it('is kept where one is due every 5 ms to the end', () => {
    expect(said([ledgerOf(opsAt(range(0, 1_000)))])).to.deep.equal([]);
  });

  it('has no gap over 50 ms and three spacings, to the moment at which clients stopped', () => {
    const without = (from: number, to: number) =>
      said([ledgerOf(opsAt([...range(0, from), ...range(to, 1_000)]))]);
    expect(without(405, 465)).to.deep.equal([]);
    expect(without(405, 470)).to.deep.equal(
      all('No operation was due for 70 ms, 400 ms into the run: the workload stood still.'),
    );
    expect(without(940, 1_000)).to.deep.equal([]);
    expect(without(935, 1_000)).to.deep.equal(
      all('No operation was due for 70 ms, 930 ms into the run: the workload stood still.'),
    );
  });

  it('names the longest gap, and of two as long the first', () => {
    const dues = [...range(0, 100), ...range(200, 300), ...range(400, 500), ...range(650, 700)];
    const to = (stop_ms: number) => said([ledgerOf(opsAt(dues), { stop_ms })])[0]!.reason;
    expect(to(700)).to.match(/ for 155 ms, 495 ms into/);
    expect(to(500)).to.match(/ for 105 ms, 95 ms into/);
  });

  it('looks at what was due while clients were there, from the steady state on', () => {
    const early = opsAt([0, ...range(300, 1_000)]);
    expect(said([ledgerOf(early)], smallPlan, 300)).to.deep.equal([]);
    expect(said([ledgerOf(early)], smallPlan, 0)).to.have.length(1);
    expect(said([ledgerOf([], { name: 'carts' })])).to.deep.equal(
      all('Redis: There are no operations to measure by.'),
    );
    expect(said([ledgerOf(early)], smallPlan, 1_000)).to.deep.equal(
      all('There are no operations to measure by.'),
    );
  });

  it('says first where clients were cut off, and that more was to come', () => {
    const ledger = ledgerOf(opsAt(range(0, 700)), { stop_ms: null, name: 'orders' });
    const reason = 'PostgreSQL: The clients were cut off before they had stopped.';
    expect(said([ledger])).to.deep.equal([{ affects: 'all', reason, endsEarly: true }]);
  });

  it('is that of each store at its own rate', () => {
    const orders = ledgerOf(opsAt(range(0, 1_000)), { name: 'orders' });
    const carts = (step: number) => ledgerOf(opsAt(range(0, 1_000, step)), { name: 'carts' });
    expect(said([orders, carts(110)], twoStores)).to.deep.equal([]); // 50 a second
    expect(said([orders, carts(111)], twoStores)[0]!.reason).to.match(/^Redis: .* for 111 ms/);
  });

  it('was not kept where more than one of a thousand started late', () => {
    const late = (count: number) => {
      const ops = opsAt(range(0, 5 * count), (due) => ({ flags: due === 50 ? 2 : 1 }));
      return said([ledgerOf(ops, { stop_ms: 5 * count })]);
    };
    expect(late(1_000)).to.deep.equal([]);
    expect(late(999)).to.deep.equal(
      all(
        'The runner could not keep the schedule: 1 of 999 operations started over 50 ms late, at most 0.1 % may.',
      ),
    );
    const both = ledgerOf(opsAt(range(0, 935), () => ({ flags: 2 })));
    expect(said([both]).map(({ reason }) => reason.slice(0, 16))).to.deep.equal([
      ...['The runner could', 'No operation was'],
    ]);
  });
});

describe('clients that watched', () => {
  const SOME: Outage = { opened_ms: 300, closed_ms: 402, last_unserved_ms: 395 };
  const ops = drive(smallGone(100), { until_ms: SMALL.cut });
  const watch = (facts: Partial<Parameters<typeof watchDoubts>[0]> = {}) =>
    watchDoubts({
      ...{ plan: smallPlan, ledgers: [ledgerOf(ops)], within_ms: 100, name: 'the disaster' },
      ...{ started_ms: 300, injected_ms: 302, outages: [SOME] },
      ...{ rto: { value: 102, low: 93, high: 102 }, ...facts },
    });
  const unbroken = { rto: { value: 0, low: 0, high: 25 }, outages: [] };

  it('saw an outage, or 200 ms without one', () => {
    const until = (stop_ms: number | null) =>
      watch({ ...unbroken, ledgers: [ledgerOf(ops, { stop_ms })] });
    expect(watch()).to.deep.equal([]);
    expect(until(502)).to.deep.equal([]);
    expect(until(null)).to.deep.equal([]);
    expect(until(501)).to.deep.equal(
      recovery(
        'The workload stopped 199 ms after the disaster, before 200 ms of service could be seen.',
      ),
    );
    expect(until(290)[0]!.reason).to.contain('stopped 0 s after the disaster');
    expect(watch({ ledgers: [ledgerOf(ops, { stop_ms: 450 })] })).to.deep.equal([]);
    const two = [ledgerOf(ops), ledgerOf(ops, { stop_ms: 400 })];
    expect(watch({ ...unbroken, ledgers: two })[0]!.reason).to.contain('stopped 98 ms after');
  });

  it('had not been without service for longer than a request takes', () => {
    const since = (opened_ms: number, closed_ms: number | null) =>
      watch({ outages: [{ ...SOME, opened_ms, closed_ms }] });
    const reason = 'Clients had been in an outage for 101 ms when the disaster began.';
    expect(since(199, 402)).to.deep.equal(recovery(reason));
    expect(since(199, null)).to.deep.equal(recovery(reason));
    expect(since(199, 301)).to.deep.equal(recovery(reason));
    expect(since(200, 402)).to.deep.equal([]);
    expect(since(199, 300)).to.deep.equal([]);
  });

  it('saw every store come back, also the one that is too rare to count', () => {
    /** So many of ten carts that are due after the outage are served. */
    const carts = (served: number) =>
      ledgerOf(
        opsAt(range(200, 900, 20), (due) => {
          const isServed = due >= 402 && due < 402 + 20 * served;
          return { outcome: isServed ? 'acknowledged' : 'refused' };
        }).filter(({ scheduled_ms: due }) => due < 400 + 20 * 10 + 5),
        { name: 'carts', store: 'carts' },
      );
    const both = (served: number) => [ledgerOf(ops), carts(served)];
    const lacking = (share: string, when: string) =>
      recovery(
        `Redis: Service was not back: only ${share} operations were served ${when}, ` +
          'too few to count beside the other store.',
      );
    expect(watch({ ledgers: both(9) })).to.deep.equal([]); // nine tenths
    expect(watch({ ledgers: both(8) })).to.deep.equal(lacking('8 of 10', 'after the outage'));
    // Where there was no outage, since the disaster.
    const before = { opened_ms: 100, closed_ms: 202, last_unserved_ms: 195 };
    const calm = ledgerOf(drive(smallGone(0), { until_ms: SMALL.cut }));
    expect(watch({ ...unbroken, outages: [before], ledgers: [calm, carts(9)] })).to.deep.equal(
      lacking('9 of 16', 'since the disaster'),
    );
    expect(watch({ rto: { value: null, low: 1, high: null }, ledgers: both(0) })).to.deep.equal([]);
    expect(watch({ ledgers: [carts(0)] })).to.deep.equal([]); // the only store counts by itself
  });
});
