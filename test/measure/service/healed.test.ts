// What the measurement makes of faults that were healed: by themselves, at the end, in vain, or so
// that the fence came down. Evidence with planted truths.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import { gatesOf } from '../../../src/verdict/gates.ts';
import { judge } from '../../../src/verdict/judge.ts';
import {
  drive,
  EAST,
  evidenceOf,
  fromEast,
  goneFor,
  hangs,
  journal,
  plan,
  TIMES,
} from '../../support/evidence/synthetic.ts';

const { faultStarted, cut } = TIMES;
const GONE_MS = 2_000;
/** Served by the old side again after a while, and by nobody else. */
const backOnEast = drive((now) =>
  now < faultStarted || now >= faultStarted + GONE_MS ? fromEast : hangs,
).map((op) => (op.kind === 'marker' ? { ...op, node: EAST, timeline: 1 } : op));
/** Nothing was recovered. */
const UNRECOVERED = {
  ...{ 'disaster.declared': null, 'fence.proved': null, 'database.writable': null },
  ...{ 'app.ready': null, 'gslb.redirected': null },
} as const;

const healed = (by: 'schedule' | 'end', t = faultStarted + GONE_MS): RunEvent[] => [
  { t: t - 10, event: 'phase.started', phase: by === 'end' ? 'heal' : 'recover', at_most_ms: 0 },
  { t, event: 'fault.healed', index: 0, by },
];
const judged = (events: readonly RunEvent[], ops = drive(goneFor(600)), its: Plan = plan) => {
  const evidence = evidenceOf({ events, ops, plan: its });
  const measurement = measure(evidence);
  const result = judge(its, evidence.events, measurement);
  return { measurement, result, rto: gatesOf(its.targets, measurement)[0]! };
};

describe('a fault that was healed', () => {
  it('on schedule is an outage that ended by itself', () => {
    const events = [...journal(UNRECOVERED), ...healed('schedule')];
    const { measurement, rto, result } = judged(events, backOnEast);
    expect(measurement.recovery!.rto.value).to.equal(GONE_MS + 2);
    expect(rto.verdict).to.equal('pass');
    expect(result.loss).to.include({ lost: 0, split_brain: 0 });
  });

  it('by the end of the drill was not recovered from, however soon service was back then', () => {
    const events = [...journal(UNRECOVERED), ...healed('end')];
    const { measurement, rto } = judged(events, backOnEast);
    expect(measurement.recovery!.rto).to.include({ value: null, high: null });
    expect(rto).to.include({ measured: null, verdict: 'inconclusive' });
  });

  it('by the end changes nothing of a recovery that was over', () => {
    const { measurement } = judged([...journal(), ...healed('end', cut - 4_000)]);
    expect(measurement.recovery!.rto.value).to.equal(602);
    expect(measurement.doubts).to.deep.equal([]);
  });

  it('by the end and thereby broke service counts with what it broke', () => {
    const at = cut - 6_000;
    const broken = drive((now, index) =>
      now >= at && now < at + 1_000 ? hangs : goneFor(600)(now, index),
    );
    const { measurement } = judged([...journal(), ...healed('end', at)], broken);
    expect(measurement.recovery!.rto.value).to.equal(at + 1_000 + 2 - faultStarted);
    expect(measurement.recovery!.outages).to.have.length(2);
  });
});

describe('a fence that is looked at again', () => {
  const checks = [
    { name: 'east/postgres is dead', ok: true, detail: 'dead: gone' },
    { name: 'link clients-east.app-1 is down', ok: false, detail: 'connected' },
  ];
  const looked = (ok: boolean): RunEvent => ({
    ...{ t: cut - 1_000, event: 'fence.checked' },
    checks: checks.map((check) => ({ ...check, ok: check.ok || ok })),
  });

  it('fails the run when it does not hold, and says so once', () => {
    const { result } = judged([
      ...journal(),
      ...healed('end', cut - 4_000),
      looked(false),
      looked(false),
    ]);
    expect(result.verdict).to.equal('fail');
    expect(result.reasons).to.deep.equal([
      'The fence did not hold when the fault was healed: link clients-east.app-1 is down? connected.',
    ]);
  });

  it('fails the run where what was killed came back by itself', () => {
    const { result } = judged([...journal(), looked(false)]);
    expect(result.verdict).to.equal('fail');
    expect(result.reasons[0]).to.match(/^The fence did not hold to the end of the drill: link /);
  });

  it('is nothing to speak of when it holds', () => {
    const { result } = judged([...journal(), ...healed('end', cut - 4_000), looked(true)]);
    expect([result.verdict, result.reasons]).to.deep.equal(['pass', []]);
  });
});

describe('a heal that failed', () => {
  const failed: RunEvent = { t: cut - 5_000, event: 'heal.failed', index: 0, reason: 'no answer' };

  it('makes everything inconclusive', () => {
    const { result } = judged([...journal(), failed]);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reasons).to.deep.equal(['The fault could not be healed: no answer.']);
  });

  it('is forgotten when the next one works', () => {
    const { result } = judged([...journal(), failed, ...healed('end', cut - 4_000)]);
    expect([result.verdict, result.reasons]).to.deep.equal(['pass', []]);
  });
});

describe('a split-brain that the ledger proves', () => {
  const extra = { writer: 40, sequence: 1, scheduled_ms: cut - 3_000, done_ms: cut - 2_990 };
  const ops = [
    ...drive(goneFor(600)),
    { ...extra, ...({ outcome: 'acknowledged', node: EAST, timeline: 1 } as const) },
  ];

  it('fails the run although no fence was proved', () => {
    const { result } = judged(journal({ 'fence.proved': null }), ops);
    expect(result.verdict).to.equal('fail');
    expect(result.reasons[0]).to.equal('Split-brain writes: 1, and none is allowed.');
    expect(result.reasons.join()).to.contain('Nothing proves that the old primary was fenced');
  });

  it('is left open where the ledger itself is in doubt', () => {
    const events = [...journal(), { t: cut, event: 'clock.jumped', ms: 900 } as const];
    const { result } = judged(events, ops);
    expect(result.verdict).to.equal('inconclusive');
  });
});
