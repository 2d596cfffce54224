// Every number of a recovery at once, planted in a run of two hundred operations; then each of them
// where something of the run is missing.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import {
  measureSmall,
  smallDrive,
  smallGone,
  smallJournal,
  smallPlan,
  WITHIN_MS,
} from '../../support/evidence/small.ts';
import {
  fromEast,
  fromWest,
  hangs,
  refuses,
  type EvidenceParts,
  type Service,
} from '../../support/evidence/synthetic.ts';

const event = (body: object): RunEvent => body as RunEvent;
const recovery = (parts: EvidenceParts = {}) => measureSmall(parts).recovery!;
/** Nobody answers so many milliseconds from the moment on; a request hangs until it times out. */
const hangsFrom =
  (from_ms: number, ms: number, otherwise: Service = () => fromEast): Service =>
  (now, index) =>
    now >= from_ms && now < from_ms + ms
      ? { ...hangs, after_ms: WITHIN_MS }
      : otherwise(now, index);
const NEVER = smallGone(60_000);

describe('a recovery', () => {
  it('has these numbers where service was gone for 100 ms', () => {
    expect(measureSmall().doubts).to.deep.equal([]);
    expect(recovery()).to.deep.equal({
      rto: { value: 102, low: 93, high: 102 }, // 395 was the last refused, 302 the injection
      rto_from_declaration_ms: 71,
      rto_from_declaration_low_ms: 64,
      downtime_ms: 102,
      outages: [{ opened_ms: 300, closed_ms: 402, last_unserved_ms: 395 }],
      marks: {
        ...{ fault_started: 300, detected: 330, declared: 331, fenced: 340, writable: 350 },
        ...{ app_ready: 360, redirected: 370, first_success: 402, sustained: 402 },
      },
      phases: [
        ...[
          { name: 'detect', ms: 30 },
          { name: 'decide', ms: 1 },
          { name: 'fence', ms: 9 },
        ],
        ...[
          { name: 'promote', ms: 10 },
          { name: 'start', ms: 10 },
          { name: 'redirect', ms: 10 },
        ],
        ...[
          { name: 'reconnect', ms: 32 },
          { name: 'stabilise', ms: 0 },
        ],
      ],
      causes: [
        { phase: 'decide', kind: 'declared-by-drill', ms: 1 },
        {
          ...{ phase: 'reconnect', kind: 'dns-cache', ms: 25, clients: 16, still: 0 },
          ...{ held_ms: 25, ttl_ms: 1_000, hung: 0, operations: 6 },
        },
      ],
      steady: { served_per_s: 200, p99_ms: 2, within_ms: WITHIN_MS },
      longest_gap_ms: { steady: 5, after: 102 },
      unserved: 20,
      availability: { value: 120 / 140, low: 120 / 140, high: 120 / 139 },
      errors: { value: 20 / 140, low: 19 / 139, high: 20 / 140 },
      steady_again: null,
      is_unnoticed: false,
      p99_after_ms: 2,
    });
  });

  it('has times that are rounded so that what is measured is not made shorter', () => {
    const ops = smallDrive((now, index) => ({ ...smallGone(100)(now, index), after_ms: 2.2 }));
    const { marks, longest_gap_ms, p99_after_ms, steady } = recovery({ ops });
    expect(marks).to.include({ first_success: 402.125, sustained: 402.25 });
    expect([longest_gap_ms.after, p99_after_ms, steady!.p99_ms]).to.deep.equal([
      102.25, 2.25, 2.25,
    ]);
  });

  it('has no phase that takes time where service never went away', () => {
    const events = smallJournal({ 'fault.started': 300.05 });
    const { rto, phases } = recovery({ events, ops: smallDrive(() => fromWest) });
    expect([rto.value, phases.at(-1)]).to.deep.equal([0, { name: 'stabilise', ms: 0 }]);
    expect(phases.every(({ ms }) => ms === 0)).to.equal(true);
  });

  it('tells the p99 latency from the close to the cut, where a lost request takes the timeout', () => {
    const lose = (lost: readonly number[]) => {
      const service: Service = (now, index) =>
        lost.includes(now) ? { ...hangs, after_ms: 1 } : smallGone(100)(now, index);
      return recovery({ ops: smallDrive(service) }).p99_after_ms;
    };
    expect(lose([500, 600])).to.equal(WITHIN_MS); // two of 119: the second longest counts
    expect(lose([500])).to.equal(2);
    expect(recovery({ ops: smallDrive(NEVER) }).p99_after_ms).to.equal(null);
  });

  it('says when a program of drill stood still after it, and how far apart nodes were hit', () => {
    const stalled = event({ t: 900, event: 'program.stalled', program: 'gslb', ms: 600 });
    const hit = [304, 309].map((t, at) => {
      const node = `east/app-${at + 1}`;
      return event({ t, event: 'node.witnessed', node, action: 'die', error_ms: 7 });
    });
    const events = smallJournal({}, [stalled, ...hit]);
    expect(recovery({ events })).to.include({
      stalled_after: 'The gslb stood still for 600 ms while service was watched.',
      fault_spread_ms: 5,
    });
    const never = recovery({ events, ops: smallDrive(NEVER) });
    expect(never).to.not.have.property('stalled_after'); // service was never back
  });
});

describe('a recovery that nobody saw the end of', () => {
  it('has no upper end of anything where service never came back', () => {
    const { rto, outages, marks, phases, downtime_ms, longest_gap_ms } = recovery({
      ops: smallDrive(NEVER),
    });
    expect(rto).to.deep.equal({ value: null, low: 995 - 302, high: null });
    expect(outages).to.deep.equal([{ opened_ms: 300, closed_ms: null, last_unserved_ms: 995 }]);
    expect([marks.sustained, marks.first_success, downtime_ms]).to.deep.equal([null, null, null]);
    expect(phases.slice(-2).map(({ ms }) => ms)).to.deep.equal([null, null]);
    expect(longest_gap_ms.after).to.equal(700); // nothing was acknowledged since
  });

  it('is none where clients broke off and had seen no outage since the disaster', () => {
    const events = smallJournal({ 'workload.stopped': null, 'marker.written': null });
    const ops = smallDrive(hangsFrom(50, 30)); // six requests, long before the disaster
    const blind = recovery({ events, ops });
    expect(blind.rto).to.deep.equal({ value: null, low: 0, high: null });
    expect(blind.outages).to.deep.equal([{ opened_ms: 50, closed_ms: 82, last_unserved_ms: 75 }]);
    expect([blind.p99_after_ms, blind.is_unnoticed, blind.availability]).to.deep.equal([
      null,
      null,
      null,
    ]);
    expect(blind.phases.at(-1)!.ms).to.equal(null);
    expect(blind.marks.sustained).to.equal(null);
  });

  it('says how long they had looked where the run was stopped, and counts no answer as due yet', () => {
    const limited = event({ t: 800, event: 'run.limited', reason: 'it took too long' });
    const events = smallJournal({ 'workload.stopped': null, 'marker.written': null }, [limited]);
    const ops = smallDrive(smallGone(100)).map((op) =>
      op.scheduled_ms < 595 ? op : { ...op, outcome: 'unknown' as const, done_ms: null },
    );
    const { rto, stopped_after_ms, longest_gap_ms } = recovery({ events, ops });
    // Requests of the last 350 ms may still be answered: service is seen for 193 ms of 200.
    expect(rto.value).to.equal(null);
    expect(stopped_after_ms).to.equal(500);
    expect(longest_gap_ms.after).to.equal(102);
    expect(recovery({ ops: smallDrive(NEVER) })).to.not.have.property('stopped_after_ms');
    const later = smallJournal({ 'workload.stopped': null }, [{ ...limited, t: 990 }]);
    const back = recovery({ events: later });
    expect(back.rto.value).to.equal(102); // seen before the run was stopped
    expect(back).to.not.have.property('stopped_after_ms');
  });

  it('has gaps and shares of nothing where clients had stopped before the disaster', () => {
    const { longest_gap_ms, availability } = recovery({
      events: smallJournal({ 'workload.stopped': 250 }),
      ops: smallDrive().filter(({ scheduled_ms }) => scheduled_ms < 250),
    });
    expect([longest_gap_ms.after, availability]).to.deep.equal([0, null]);
  });
});

describe('a recovery by the last heal', () => {
  const healed = (heal_ms: number, by: readonly string[] = ['end'], phase = 'heal') =>
    recovery({
      events: smallJournal({}, [
        event({ t: 290, event: 'phase.started', phase: 'recover', at_most_ms: 0 }),
        event({ t: heal_ms, event: 'phase.started', phase, at_most_ms: 0 }),
        ...by.map((each) => event({ t: heal_ms, event: 'fault.healed', index: 0, by: each })),
      ]),
    }).rto.value;

  it('is none, if the outage was open when it began', () => {
    expect(healed(395)).to.equal(null);
    expect(healed(300.5)).to.equal(null);
    expect(healed(395, ['schedule', 'end'])).to.equal(null);
  });

  it('counts where the outage was over by then, or opened with it', () => {
    expect(healed(402)).to.equal(102);
    expect(healed(300)).to.equal(102);
  });

  it('counts where drill had nothing to heal at the end, or never came to it', () => {
    expect(healed(395, ['schedule'])).to.equal(102);
    expect(healed(395, [])).to.equal(102);
    expect(healed(395, ['end'], 'recover')).to.equal(102);
  });
});

describe('a recovery after the deadline', () => {
  it('leaves its outage open, and the one before it closed', () => {
    const ops = smallDrive((now, index) => {
      return now >= 680 && now < 720 ? refuses : smallGone(100)(now, index);
    });
    const by = (deadline_ms: number) =>
      recovery({ ops, plan: { ...smallPlan, recover: { ...smallPlan.recover, deadline_ms } } });
    expect(by(422).outages.map(({ closed_ms }) => closed_ms)).to.deep.equal([402, 722]);
    expect(by(421).outages.map(({ closed_ms }) => closed_ms)).to.deep.equal([402, null]);
    expect(by(422).downtime_ms).to.equal(102 + 42);
  });
});

describe('what clients noticed of a disaster', () => {
  /** Ten requests hang that were due just before it, and every later one is served. */
  const hungBefore = smallDrive(hangsFrom(250, 50, smallGone(0)));

  it('is an outage although all that was due since was served', () => {
    const { rto, unserved, is_unnoticed } = recovery({ ops: hungBefore });
    expect(rto).to.deep.equal({ value: 2, low: 0, high: 2 });
    expect([unserved, is_unnoticed]).to.deep.equal([0, false]);
  });

  it('is an outage also where nobody saw for long enough that it was over', () => {
    const events = smallJournal({ 'workload.stopped': 450 });
    const { rto, unserved, is_unnoticed } = recovery({ ops: hungBefore, events });
    expect([rto.value, unserved, is_unnoticed]).to.deep.equal([null, 0, false]);
  });

  it('is not known where the steady state was too short for an answer', () => {
    const events = smallJournal({ 'steady.ended': 20 });
    const ops = smallDrive(() => ({ ...fromWest, after_ms: 30 }));
    const { rto, longest_gap_ms, is_unnoticed } = recovery({ ops, events });
    expect([rto.value, longest_gap_ms.steady, is_unnoticed]).to.deep.equal([0, null, null]);
  });
});

describe('the availability where nothing was due after the injection', () => {
  it('is the share of what was due while it came', () => {
    const events = smallJournal({ 'fault.injected': 1_000 });
    const share = (service: Service) => recovery({ events, ops: smallDrive(service) }).availability;
    expect(share(() => fromWest)).to.deep.equal({ value: 1, low: 1, high: 1 });
    expect(share(NEVER)).to.deep.equal({ value: 0, low: 0, high: 0 });
  });
});

describe('the first success', () => {
  it('is of a node that said who it is, in another region', () => {
    const unnamed: Service = (now, index) => {
      const { node: _, ...reply } = smallGone(100)(now, index);
      return now < 450 ? reply : smallGone(100)(now, index);
    };
    expect(recovery({ ops: smallDrive(unnamed) }).marks.first_success).to.equal(452);
  });
});
