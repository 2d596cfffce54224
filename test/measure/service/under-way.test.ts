// A fault that comes before replies: what had no answer yet says nothing of the steady state.
import { expect } from 'chai';
import { measure } from '../../../src/measure/measure.ts';
import { steadyIn, steadyOf } from '../../../src/measure/service/steady.ts';
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
  RATE_PER_S,
  TIMES,
  type Reply,
  type Service,
} from '../../support/evidence/synthetic.ts';

/** Replies take so long, as over a long link. */
const REPLY_MS = 800;
const PATIENT = { ...plan, workload: { ...plan.workload, timeout_ms: 3_000 } };
const late = (reply: Reply): Reply => ({ ...reply, after_ms: REPLY_MS });

/** What is under way when the region dies is never answered; then the other one serves. */
const far: Service = (now) => {
  if (now + REPLY_MS < TIMES.faultStarted) return late(fromEast);
  if (now < TIMES.faultStarted + 600) return { ...hangs, after_ms: 3_000 };
  return late(fromWest);
};

/** The steady state ends so long before the fault. */
const steadyUntil = (before_ms: number, service: Service) => {
  const t = TIMES.faultStarted - before_ms;
  const events = journal({
    'steady.started': [{ t: t - 1_000, event: 'steady.started' }],
    'steady.ended': [{ t, event: 'steady.ended' }],
  });
  return measure(evidenceOf({ ops: drive(service), events, plan: PATIENT }));
};
const steadyReasons = (before_ms: number, service: Service) =>
  steadyUntil(before_ms, service)
    .doubts.map(({ reason }) => reason)
    .filter((reason) => /steady state|first fault came/.test(reason));

describe('a steady state and the fault after it', () => {
  it('is whole where the fault comes after every reply, and just as much before', () => {
    for (const before_ms of [900, 800, 500, 301]) {
      expect(steadyReasons(before_ms, far), `${before_ms} ms`).to.deep.equal([]);
    }
  });

  it('has the rate of what was due, whatever the fault took of it', () => {
    for (const before_ms of [900, 500]) {
      const { steady } = steadyUntil(before_ms, far).recovery!;
      expect(steady!.served_per_s).to.be.closeTo(RATE_PER_S, 1);
    }
  });

  it('is hardly one where the fault came before most of the replies', () => {
    expect(steadyReasons(200, far)).to.deep.equal([
      'The first fault came before 120 of 200 operations of the steady state had an answer: ' +
        'let it come later, or hold the steady state longer.',
    ]);
  });

  it('was never reached where operations failed before the fault, or were late by then', () => {
    const refusing: Service = (now, index) =>
      index % 10 === 0 && now < TIMES.faultStarted - 900
        ? { outcome: 'refused', after_ms: 1 }
        : far(now, index);
    expect(steadyReasons(500, refusing)[0]).to.match(
      /^The steady state was never reached: only \d+ of 140 operations were served/,
    );
    const unsent: Service = (now, index) =>
      index % 10 === 0 && now < TIMES.faultStarted
        ? { outcome: 'unsent', after_ms: 0 }
        : far(now, index);
    expect(steadyReasons(500, unsent)[0]).to.contain('was never reached');
  });

  it('counts what was late before the fault came', () => {
    const window = { from_ms: 1_000, to_ms: 3_000 };
    const ops = operationsOf(drive(goneFor(600)).map((op, at) => (at === 300 ? slow(op) : op)));
    const within_ms = 100;
    const counted = (hit_ms: number) => steadyIn(ops, window, within_ms, hit_ms);
    // The one that is due at 1500 and takes two seconds is late from 1600 on.
    expect(counted(1_550)).to.include({ due: 400, served: 399, decided: 399 });
    expect(counted(1_600)).to.include({ due: 400, served: 399, decided: 400 });
    const rules = { sustain: plan.sustain, timeout_ms: 3_000 };
    expect(steadyOf(ops, window, rules)!.served_per_s).to.equal(199.5);
  });
});

const slow = <T extends { readonly scheduled_ms: number }>(op: T): T => ({
  ...op,
  done_ms: op.scheduled_ms + 2_000,
});
