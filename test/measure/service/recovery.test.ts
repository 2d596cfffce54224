// Recovery time against services whose behaviour is known to the millisecond.
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Recovery } from '../../../src/drill/measurement.ts';
import { measure } from '../../../src/measure/measure.ts';
import {
  drive,
  evidenceOf,
  fromEast,
  fromWest,
  goneFor,
  hangs,
  journal,
  plan,
  refuses,
  SPACING_MS,
  TIMEOUT_MS,
  TIMES,
  type Service,
} from '../../support/evidence/synthetic.ts';

const DURATIONS = [50, 137, 400, 1_000, 2_310, 5_000];

function recoveryWith(service: Service, offset_ms = 0): Recovery {
  const recovery = measure(evidenceOf({ ops: drive(service, { offset_ms }) })).recovery;
  expect(recovery).not.to.equal(null);
  return recovery!;
}

function expectTruth({ rto }: Recovery, truth_ms: number): void {
  expect(rto.value).to.be.within(truth_ms - 1, truth_ms + SPACING_MS + 10);
  expect(rto.low).to.be.at.most(truth_ms);
  expect(rto.high).to.be.at.least(truth_ms);
}

describe('the recovery time', () => {
  for (const truth of DURATIONS) {
    it(`is ${truth} ms when the service refuses for ${truth} ms`, () => {
      expectTruth(recoveryWith(goneFor(truth)), truth);
    });

    it(`is ${truth} ms when the service hangs for ${truth} ms`, () => {
      expectTruth(recoveryWith(goneFor(truth, () => hangs)), truth);
    });

    it(`is ${truth} ms when the service answers too late for ${truth} ms`, () => {
      const late = { ...fromEast, after_ms: 500 };
      expectTruth(recoveryWith(goneFor(truth, () => late)), truth);
    });

    // 5 failures among the 600 operations of 3 s are less than the 1 % that makes an outage.
    if (truth > 50)
      it(`is ${truth} ms when the service answers half of the requests for ${truth} ms`, () => {
        const half = recoveryWith(
          goneFor(truth, (_, index) => (index % 2 === 0 ? fromWest : refuses)),
        );
        const { value, high, low } = half.rto;
        expect(value).to.be.within(truth - 2 * SPACING_MS, truth + SPACING_MS + 10);
        expect(low).to.be.at.most(truth);
        expect(high).to.be.at.least(truth - 2 * SPACING_MS);
      });
  }

  it('holds for any duration and any place of the schedule', () => {
    const durations = fc.integer({ min: 50, max: 5_000 });
    const offsets = fc.double({ min: 0, max: SPACING_MS, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(durations, offsets, fc.boolean(), (truth, offset, isHanging) => {
        const meanwhile = isHanging ? hangs : refuses;
        expectTruth(
          recoveryWith(
            goneFor(truth, () => meanwhile),
            offset,
          ),
          truth,
        );
      }),
      { numRuns: 25 },
    );
  });

  it('ends at the last return when the service comes back, fails again and comes back', () => {
    const flapping: Service = (now) => {
      const since = now - TIMES.faultStarted;
      if (since < 0) return fromEast;
      return since < 400 || (since >= 900 && since < 1_700) ? refuses : fromWest;
    };
    const recovery = recoveryWith(flapping);
    expectTruth(recovery, 1_700);
    expect(recovery.outages).to.have.lengthOf(1);
  });

  it('counts to the last outage and lists both when service lasted in between', () => {
    const twice: Service = (now) => {
      const since = now - TIMES.faultStarted;
      if (since < 0) return fromEast;
      return since < 400 || (since >= 5_000 && since < 6_000) ? refuses : fromWest;
    };
    const recovery = recoveryWith(twice);
    expectTruth(recovery, 6_000);
    expect(recovery.outages).to.have.lengthOf(2);
    expect(recovery.downtime_ms).to.be.within(1_390, 1_420);
  });

  it('starts with requests that were in flight when the fault came', () => {
    // Sent before the fault and never answered: the outage opens before the fault and is still the
    // disaster's.
    const service: Service = (now) => {
      if (now >= TIMES.faultStarted + 600) return fromWest;
      return now >= TIMES.faultStarted - 50 ? hangs : fromEast;
    };
    expectTruth(recoveryWith(service), 600);
  });

  it('starts with the fault after requests of which too few to count failed before it', () => {
    const before = TIMES.faultStarted - 600;
    const service: Service = (now, index) =>
      now >= before && now < before + 30 ? hangs : goneFor(600)(now, index);
    const { recovery, doubts } = measure(evidenceOf({ ops: drive(service) }));
    expectTruth(recovery!, 600);
    expect(recovery!.outages.map(({ opened_ms }) => opened_ms)).to.deep.equal([TIMES.faultStarted]);
    expect(doubts).to.deep.equal([]);
  });

  it('is in doubt after an outage that was not over when the fault came', () => {
    const before = TIMES.faultStarted - TIMEOUT_MS - 200;
    const service: Service = (now, index) =>
      now >= before && now < before + 35 ? hangs : goneFor(600)(now, index);
    const { recovery, doubts } = measure(evidenceOf({ ops: drive(service) }));
    expectTruth(recovery!, 600);
    expect(recovery!.outages.map(({ opened_ms }) => opened_ms)).to.deep.equal([before]);
    const reason = 'Clients had been in an outage for 1.2 s when the disaster began.';
    expect(doubts).to.deep.equal([{ affects: 'recovery', reason }]);
  });

  /** Too many requests hang shortly before the fault; afterwards each second one fails. */
  const neverWhole =
    (ahead_ms: number): Service =>
    (now, index) => {
      const begun = now - TIMES.faultStarted;
      if (begun < -ahead_ms) return fromEast;
      if (begun < -ahead_ms + 35) return hangs;
      if (begun < 0) return fromEast;
      return index % 2 === 0 ? refuses : fromWest;
    };

  it('cannot be told from an outage that had opened before the disaster and never closed', () => {
    const { recovery } = measure(evidenceOf({ ops: drive(neverWhole(300)) }));
    expect(recovery!.disturbed_before_ms).to.equal(300);
    expect(recovery!.rto.value).to.equal(null);
  });

  it('is not disturbed by what the disaster itself kept from being served, or once it closed', () => {
    const inFlight: Service = (now) => (now < TIMES.faultStarted - 50 ? fromEast : hangs);
    const before = TIMES.faultStarted - 300;
    const closed: Service = (now, index) =>
      now >= before && now < before + 35 ? hangs : goneFor(600)(now, index);
    for (const service of [inFlight, closed]) {
      const { recovery } = measure(evidenceOf({ ops: drive(service) }));
      expect(recovery!.disturbed_before_ms).to.equal(undefined);
    }
  });

  it('without an outage has no mark of lasting service, and no phase takes time', () => {
    const { marks, phases, outages, rto } = recoveryWith(() => fromWest);
    expect([rto.value, marks.sustained, outages]).to.deep.equal([0, null, []]);
    expect(phases.map(({ ms }) => ms ?? 0).every((ms) => ms === 0)).to.equal(true);
  });

  it('is not known where the clients broke off before anybody saw an outage', () => {
    const ops = drive(() => fromEast);
    const recovery = measure(evidenceOf({ ops, events: journal({ 'workload.stopped': null }) }));
    expect(recovery.recovery!.rto).to.deep.equal({ value: null, low: 0, high: null });
    expect(recovery.recovery!.is_unnoticed).to.equal(null);
  });

  it('is 0 and unnoticed when no request failed', () => {
    const recovery = recoveryWith(() => fromEast);
    // As long as an outage may last unseen, and until the next operation after it.
    const { sustain, workload } = plan;
    const unseen_ms = (1 - sustain.success) * sustain.for_ms + 1_000 / workload.rate_per_s;
    expect(recovery.rto).to.include({ value: 0, low: 0 });
    expect(recovery.rto.high).to.be.closeTo(unseen_ms, 0.5).and.at.least(unseen_ms);
    expect(recovery.is_unnoticed).to.equal(true);
  });

  it('is 0 but noticed when an outage is shorter than the shortest that counts', () => {
    const recovery = recoveryWith(goneFor(25));
    expect(recovery.rto.value).to.equal(0);
    expect(recovery.is_unnoticed).to.equal(false);
  });

  it('is null with a lower bound when service never comes back', () => {
    const recovery = recoveryWith(goneFor(60_000));
    expect(recovery.rto.value).to.equal(null);
    expect(recovery.rto.high).to.equal(null);
    expect(recovery.rto.low).to.be.closeTo(TIMES.cut - TIMES.faultInjected, 2 * SPACING_MS);
  });

  it('is null when service came back after the deadline', () => {
    const late = { ...plan, recover: { ...plan.recover, deadline_ms: 1_000 } };
    const ops = drive(goneFor(2_000));
    const { recovery } = measure(evidenceOf({ ops, plan: late }));
    expect(recovery!.rto.value).to.equal(null);
    expect(recovery!.rto.low).to.be.closeTo(2_000, 2 * SPACING_MS);
    expect(recovery!.outages.at(-1)!.closed_ms).to.equal(null);
    expect(recovery!.downtime_ms).to.equal(null);
  });

  it('is null when the workload stopped before service had lasted', () => {
    const events = journal({
      'workload.stopped': [{ t: 7_000, event: 'workload.stopped', store: 'orders' }],
    });
    const ops = drive(goneFor(600), { until_ms: 7_000 });
    expect(measure(evidenceOf({ ops, events })).recovery!.rto.value).to.equal(null);
  });

  it('is null while less than the steady rate is served', () => {
    // Every second operation is not even due any more: what is due is served, but capacity is
    // halved.
    const ops = drive(goneFor(600)).filter(
      ({ scheduled_ms, kind }) =>
        kind === 'marker' ||
        scheduled_ms < TIMES.faultStarted ||
        (scheduled_ms / SPACING_MS) % 2 === 0,
    );
    expect(measure(evidenceOf({ ops })).recovery!.rto.value).to.equal(null);
  });

  it('counts unsent operations as unserved', () => {
    const ops = drive(goneFor(600, () => ({ outcome: 'unsent', after_ms: 0 })));
    expectTruth(measure(evidenceOf({ ops })).recovery!, 600);
  });

  it('does not depend on the order of the records', () => {
    const ops = drive(goneFor(1_234, () => hangs));
    const shuffled = ops.map((_, at) => ops[(at * 7_919) % ops.length]!);
    expect(new Set(shuffled).size).to.equal(ops.length);
    const [one, other] = [ops, shuffled].map((list) => measure(evidenceOf({ ops: list })));
    expect(other).to.deep.equal(one);
  });

  it('counts from the declaration, too', () => {
    const { rto, rto_from_declaration_ms } = recoveryWith(goneFor(600));
    expect(rto_from_declaration_ms).to.equal(rto.value! - 401);
  });

  it('has no value from the declaration when service was back before it', () => {
    expect(recoveryWith(goneFor(200)).rto_from_declaration_ms).to.equal(null);
  });

  it('takes reads into account, and neither seed rows nor markers', () => {
    const ops = drive(goneFor(600)).map((op) =>
      op.sequence % 2 === 0 && op.kind === undefined ? { ...op, kind: 'read' as const } : op,
    );
    expectTruth(measure(evidenceOf({ ops })).recovery!, 600);
    const seeds = ops.map((op) =>
      op.outcome === 'refused' ? { ...op, kind: 'seed' as const, writer: op.writer + 100 } : op,
    );
    expect(measure(evidenceOf({ ops: seeds })).recovery!.rto.value).to.equal(0);
  });

  it('holds a reply that took the whole timeout to be unserved', () => {
    const slow = { ...fromEast, after_ms: TIMEOUT_MS - 1 };
    expectTruth(recoveryWith(goneFor(700, () => slow)), 700);
  });
});
