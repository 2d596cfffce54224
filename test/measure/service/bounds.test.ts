// Numbers of a recovery at their limits: each with the neighbour at which it turns.
import { expect } from 'chai';
import { measure } from '../../../src/measure/measure.ts';
import {
  disturbedBefore,
  NOT_SEEN,
  roundedOutage,
  rtoOf,
} from '../../../src/measure/service/recovery.ts';
import type { ServiceOutage } from '../../../src/measure/service/service.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  goneFor,
  hangs,
  journal,
  operationsOf,
  plan,
  refuses,
  SPACING_MS,
  TIMES,
  type EvidenceParts,
} from '../../support/evidence/synthetic.ts';

const { faultStarted, faultInjected, cut } = TIMES;
const recovery = (parts: EvidenceParts = {}) => measure(evidenceOf(parts)).recovery!;
const outage = (facts: Partial<ServiceOutage> = {}): ServiceOutage => ({
  ...{ opened_ms: 5_000, closed_ms: 5_602, last_unserved_ms: 5_595, closing_due_ms: 5_600 },
  ...facts,
});

describe('the interval of a recovery time', () => {
  const steady = { due: 1, served: 1, served_per_s: 200, p99_ms: 2, within_ms: 100 };
  const rto = (one: ServiceOutage, close_ms: number | null) =>
    rtoOf(
      {
        ...{ plan, operations: operationsOf([]), steady },
        disaster: { started_ms: 5_000.05, injected_ms: 5_002.01 },
      },
      { sinceDisaster: [one] },
      close_ms,
    );

  it('goes from the last that was unserved after the injection to the close', () => {
    expect(rto(outage(), 5_602.01)).to.deep.equal({
      ...{ value: 602.125, low: 5_595 - 5_002.125, high: 602.125 },
    });
    expect(rto(outage({ last_unserved_ms: null }), 5_602).low).to.equal(0); // it opened before
    expect(rto(outage({ last_unserved_ms: null, opened_ms: 5_100 }), 5_602).low).to.equal(97.875);
  });

  it('has no upper end while service is gone, and a lower one all the same', () => {
    expect(rto(outage(), null)).to.deep.equal({ value: null, low: 592.875, high: null });
    expect(NOT_SEEN).to.deep.equal({ value: null, low: 0, high: null });
  });

  it('never has a lower end above its value', () => {
    expect(rto(outage({ last_unserved_ms: 9_000 }), 5_602).low).to.equal(602);
  });
});

describe('an outage that came before the disaster', () => {
  const steady = { due: 1, served: 1, served_per_s: 200, p99_ms: 2, within_ms: 100 };
  const before = (opened_ms: number, closed_ms: number | null = null) =>
    disturbedBefore(outage({ opened_ms, closed_ms }), { started_ms: 5_000 }, steady);

  it('is one that opened before anything the disaster can have made late', () => {
    expect(before(4_900)).to.deep.equal({});
    expect(before(4_899.9)).to.deep.equal({ disturbed_before_ms: 100.125 });
    expect(before(4_500)).to.deep.equal({ disturbed_before_ms: 500 });
  });

  it('is none where there was no outage, or where it closed', () => {
    expect(before(4_500, 5_600)).to.deep.equal({});
    expect(disturbedBefore(undefined, { started_ms: 5_000 }, steady)).to.deep.equal({});
  });
});

describe('an outage in a result', () => {
  it('is as long as it can have been', () => {
    expect(roundedOutage({ opened_ms: 1.2, closed_ms: 3.2, last_unserved_ms: 2.2 })).to.deep.equal({
      opened_ms: 1.125,
      closed_ms: 3.25,
      last_unserved_ms: 2.125,
    });
    expect(
      roundedOutage({ opened_ms: 1.2, closed_ms: null, last_unserved_ms: null }),
    ).to.deep.equal({ opened_ms: 1.125, closed_ms: null, last_unserved_ms: null });
  });
});

describe('the deadline', () => {
  it('counts a return at it, and none after it', () => {
    const returned = recovery().rto.value!; // from the start, as the deadline
    const by = (deadline_ms: number) =>
      recovery({ plan: { ...plan, recover: { ...plan.recover, deadline_ms } } }).rto.value;
    expect(by(returned)).to.equal(returned);
    expect(by(returned - 0.5)).to.equal(null);
  });
});

describe('the time from the declaration', () => {
  const declaredAt = (t: number | null) =>
    journal({
      'disaster.declared': t === null ? [] : [{ t, event: 'disaster.declared', by: 'automatic' }],
    });
  const ops = drive(goneFor(600));
  /** Clients are served again from 600 ms after the fault on; a reply takes 2 ms. */
  const closed_ms = faultStarted + 602;
  const from = (t: number | null) => {
    const { rto_from_declaration_ms: value, rto_from_declaration_low_ms: low } = recovery({
      ...{ ops, events: declaredAt(t) },
    });
    return { value, low };
  };

  it('goes to the close, and its lower end to the last that was unserved', () => {
    expect(from(5_400.05)).to.deep.equal({ value: closed_ms - 5_400, low: 5_595 - 5_400.125 });
    expect(from(closed_ms)).to.deep.equal({ value: 0, low: 0 });
    expect(from(5_600)).to.deep.equal({ value: closed_ms - 5_600, low: 0 });
  });

  it('is none without a declaration, or with one after the return', () => {
    const none = { value: null, low: null };
    expect(from(null)).to.deep.equal(none);
    expect(from(closed_ms + 1)).to.deep.equal(none);
  });

  it('has a lower end where service never came back', () => {
    const events = declaredAt(5_400);
    const { rto_from_declaration_ms, rto_from_declaration_low_ms } = recovery({
      ...{ ops: drive(goneFor(60_000)), events },
    });
    expect(rto_from_declaration_ms).to.equal(null);
    expect(rto_from_declaration_low_ms).to.equal(cut - SPACING_MS - 5_400);
  });
});

describe('the availability', () => {
  it('is the share that was served since the disaster, with what was due while it came', () => {
    const { availability, unserved } = recovery();
    const due = (cut - faultStarted) / SPACING_MS; // one of them before the injection was over
    expect(unserved).to.equal(120);
    expect(availability!.value).to.equal((due - 120) / due);
    expect(availability!.low).to.equal((due - 120) / due);
    expect(availability!.high).to.equal((due - 120) / (due - 1));
  });

  it('has all that was served while the disaster came, or all the others', () => {
    // Two are due while it is injected: the first is served, the second is not.
    const events = journal({
      'fault.injected': [{ t: 5_010, event: 'fault.injected', index: 0, detail: '' }],
    });
    const ops = drive((now) => {
      if (now <= faultStarted || now >= 5_600) return now < 5_600 ? fromEast : fromWest;
      return refuses;
    });
    const due = (cut - faultStarted) / SPACING_MS;
    const { availability } = recovery({ ops, events });
    const after = due - 2;
    const served = after - 118;
    expect(availability!.value).to.equal((served + 1) / due);
    expect(availability!.low).to.equal(served / (after + 1));
    expect(availability!.high).to.equal((served + 1) / (1 + after));
  });

  it('is not known where nobody saw the clients stop, and 1 where all were served', () => {
    const open = journal({ 'workload.stopped': null });
    expect(recovery({ events: open }).availability).to.equal(null);
    expect(recovery({ ops: drive(() => fromEast) }).availability).to.deep.equal({
      ...{ value: 1, low: 1, high: 1 },
    });
  });
});

describe('what clients noticed', () => {
  const gapped = (gap_ms: number) =>
    recovery({
      ops: drive((now) => {
        const isIn = now >= 8_000 && now < 8_000 + gap_ms;
        return isIn ? { ...fromEast, after_ms: 8_000 + gap_ms - now + 2 } : fromEast;
      }),
    });

  it('is nothing up to three times the longest gap before it', () => {
    const usual = gapped(0);
    expect(usual.longest_gap_ms).to.deep.equal({ steady: SPACING_MS, after: SPACING_MS });
    const [three, four] = [gapped(2 * SPACING_MS), gapped(3 * SPACING_MS)];
    expect([three.longest_gap_ms.after, three.is_unnoticed]).to.deep.equal([15, true]);
    expect([four.longest_gap_ms.after, four.is_unnoticed]).to.deep.equal([20, false]);
  });

  it('is something where one operation was not served, though no gap shows it', () => {
    const ops = drive((now, index) => (index === 2_000 ? { ...hangs, after_ms: 1 } : fromEast));
    expect(recovery({ ops })).to.include({ unserved: 1, is_unnoticed: false });
  });
});

describe('the first success', () => {
  it('is the first reply of another region that served, since the disaster', () => {
    expect(recovery().marks.first_success).to.equal(5_602);
    const never = recovery({ ops: drive(() => fromEast) });
    expect(never.marks.first_success).to.equal(null);
    const early = drive((now) => (now < faultStarted ? fromWest : goneFor(600)(now, 0)));
    expect(recovery({ ops: early }).marks.first_success).to.equal(5_602);
    const slow = drive((now, index) => {
      const reply = goneFor(600)(now, index);
      return now >= 5_600 && now < 5_700 ? { ...reply, after_ms: 101 } : reply;
    });
    expect(recovery({ ops: slow }).marks.first_success).to.equal(5_702);
    expect(faultInjected).to.equal(faultStarted + 2);
  });
});
