// "Service is back", as the engine asks it of a ledger that grows: never sooner and never otherwise
// than at the end.
import { expect } from 'chai';
import { serviceState, type ServiceContext } from '../../../src/measure/service/service.ts';
import { steadyOf } from '../../../src/measure/service/steady.ts';
import {
  drive,
  fromEast,
  goneFor,
  hangs,
  operationsOf,
  plan,
  RATE_PER_S,
  refuses,
  TIMEOUT_MS,
  TIMES,
  type Op,
} from '../../support/evidence/synthetic.ts';

const rules = { sustain: plan.sustain, timeout_ms: TIMEOUT_MS };
const window = { from_ms: TIMES.steadyFrom, to_ms: TIMES.steadyTo };

function contextOf(ops: readonly Op[], now_ms: number | null): ServiceContext {
  return {
    ...{ from_ms: TIMES.steadyFrom, until_ms: null, now_ms, disaster_ms: TIMES.faultStarted },
    ...{ steady: steadyOf(operationsOf(ops), window, rules)!, sustain: plan.sustain },
    rates_per_s: [RATE_PER_S],
  };
}

/** What the ledger holds at a moment of the run. */
function seenAt(ops: readonly Op[], now_ms: number): Op[] {
  return ops
    .filter(({ scheduled_ms }) => scheduled_ms <= now_ms)
    .map((op) => (op.done_ms! > now_ms ? { ...op, outcome: 'unknown', done_ms: null } : op));
}

describe('the state of service', () => {
  const ops = drive(goneFor(600, () => hangs));
  const stateAt = (now_ms: number) =>
    serviceState(operationsOf(seenAt(ops, now_ms)), contextOf(ops, now_ms));

  it('is untouched while every operation that is decided was served', () => {
    const state = stateAt(TIMES.faultStarted + 50);
    expect(state.isOut).to.equal(false);
    expect(state.isBack).to.equal(false);
  });

  it('counts the operations of a long gap in the ledger one by one', () => {
    // 100 refused, 10,001 that the ledger lacks, one served: what is not known may have been served.
    const [refused, lacking] = [100, 10_001];
    const at = (ms: number): Op => ({
      ...{ writer: 1, sequence: ms + 1, scheduled_ms: ms, done_ms: ms },
      outcome: ms < refused ? 'refused' : 'acknowledged',
    });
    const ops = [...Array(refused).keys(), refused + lacking].map(at);
    const stateWith = (due: number) =>
      serviceState(operationsOf(ops), {
        ...contextOf(
          drive(() => fromEast),
          refused + lacking,
        ),
        ...{ from_ms: 0, disaster_ms: -TIMEOUT_MS, rates_per_s: [1_000] },
        // So that 100 of `due` operations are just as many as may fail.
        sustain: { ...plan.sustain, for_ms: refused + lacking, success: 1 - refused / due },
      });
    expect(stateWith(refused + lacking + 0.5).isOut).to.equal(true);
    expect(stateWith(refused + lacking - 0.5).isOut).to.equal(false);
  });

  it('is out once enough operations have failed', () => {
    expect(stateAt(TIMES.faultStarted + 900).isOut).to.equal(true);
  });

  it('is back no sooner than the whole time of sustained service was seen', () => {
    const back = TIMES.faultStarted + 600 + plan.sustain.for_ms;
    expect(stateAt(back - 20).isBack).to.equal(false);
    expect(stateAt(back + 20).isBack).to.equal(true);
  });

  it('gives the same outages while the ledger grows as at the end, once it says that service is back', () => {
    const end = serviceState(operationsOf(ops), contextOf(ops, null));
    for (let now = TIMES.faultStarted + 3_650; now < TIMES.cut; now += 777) {
      const state = stateAt(now);
      expect(state.isBack).to.equal(true);
      expect(state.outages).to.deep.equal(end.outages);
    }
  });

  it('takes no part of an outage for closed while clients wait for DNS, whose operations lack', () => {
    const back = TIMES.faultStarted + 600;
    const now = back + plan.sustain.for_ms + 100;
    const waits = ({ writer, scheduled_ms }: Op) => writer === 3 && scheduled_ms > now - 300;
    const seen = seenAt(ops, now);
    const known = seen.filter((op) => !waits(op));
    expect(serviceState(operationsOf(seen), contextOf(ops, now)).isBack).to.equal(true);
    const state = serviceState(operationsOf(known), contextOf(ops, now));
    expect(state.isBack).to.equal(false);
    expect(state.observed_ms).to.equal(
      Math.min(...seen.filter(waits).map((op) => op.scheduled_ms)),
    );
    // At the end the ledger is whole: what it lacks then was never due.
    expect(serviceState(operationsOf(known), contextOf(ops, null)).isBack).to.equal(true);
  });

  it('opens no outage that operations which lack could keep from being one', () => {
    const from = TIMES.faultStarted;
    const isBad = (now: number) => now >= from && now < from + 30; // 6 of 600: 99 % are served
    const now = from + plan.sustain.for_ms + 10;
    const seen = seenAt(
      drive((due) => (isBad(due) ? refuses : fromEast)),
      now,
    );
    const known = seen.filter((op) => op.writer !== 3 || op.scheduled_ms < now - 300);
    for (const rows of [seen, known]) {
      expect(serviceState(operationsOf(rows), contextOf(rows, now)).outages).to.deep.equal([]);
    }
    expect(serviceState(operationsOf(known), contextOf(known, null)).outages).to.have.length(1);
  });

  it('knows up to when everything is decided', () => {
    expect(stateAt(TIMES.faultStarted + 100).observed_ms).to.equal(TIMES.faultStarted);
  });

  it('copes with a ledger without operations', () => {
    const state = serviceState(operationsOf([]), contextOf(ops, 0));
    expect(state).to.include({ isOut: false, isBack: false });
  });
});

describe('the steady state', () => {
  it('makes the time within which an operation is served', () => {
    const slow = ops(40);
    expect(steadyOf(operationsOf(slow), window, rules)!.within_ms).to.equal(400);
    expect(steadyOf(operationsOf(ops(2)), window, rules)!.within_ms).to.equal(100);
    expect(steadyOf(operationsOf(ops(300)), window, rules)!.within_ms).to.equal(TIMEOUT_MS);
  });

  it('gives way to a time that the drill file states', () => {
    const stated = { ...rules, sustain: { ...plan.sustain, within_ms: 20 } };
    expect(steadyOf(operationsOf(ops(2)), window, stated)!.within_ms).to.equal(20);
  });

  it('is null when nothing was acknowledged', () => {
    expect(steadyOf(operationsOf([]), window, rules)).to.equal(null);
  });

  function ops(after_ms: number): Op[] {
    return drive(() => ({ outcome: 'acknowledged', after_ms }));
  }
});
