// The way back, with planted truths: how long clients waited for it, beside a drill that it does not
// touch.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { measure } from '../../../src/measure/measure.ts';
import type { Failback } from '../../../src/drill/measurement.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  BACK,
  beforeTheCut,
  driveBack,
  evidenceOfBack,
  lastBefore,
  movesIn,
  servingAtCut as serving,
  servingAtEnd as last,
  type BackParts,
} from '../../support/evidence/failback-story.ts';
import {
  evidenceOf,
  fromWest,
  hangs,
  plan,
  SPACING_MS,
  without,
  type Op,
} from '../../support/evidence/synthetic.ts';

function failbackOf(parts: BackParts = {}): Failback {
  const { failback } = measure(evidenceOfBack(parts));
  expect(failback).to.not.equal(null);
  return failback!;
}

describe('the failback', () => {
  it('passes when it was quick and nothing was lost in it', () => {
    const { verdict, reasons, gates } = assess(evidenceOfBack());
    expect([verdict, reasons]).to.deep.equal(['pass', []]);
    expect(gates.find(({ name }) => name === 'failback_rto')).to.include({ verdict: 'pass' });
  });

  it('has the time until the region was protected again, and how', () => {
    const { protected_ms, protected_how, switchover_ms, salvaged } = failbackOf();
    expect([protected_ms, protected_how]).to.deep.equal([2_000, 'rewound']);
    expect([switchover_ms, salvaged]).to.deep.equal([BACK.moved - BACK.moving, 3]);
  });

  it('leaves the first recovery and the first count as they were without it', () => {
    const { recovery, loss, stores } = measure(evidenceOfBack());
    const alone = measure(evidenceOf({ ops: beforeTheCut, plan: { ...plan } }));
    expect(recovery).to.deep.equal(alone.recovery);
    expect(loss).to.deep.equal(alone.loss);
    expect(stores).to.deep.equal(alone.stores);
  });

  it('keeps what was lost in the drill out of its own count', () => {
    const gone = lastBefore(beforeTheCut, 100);
    const kept = without(serving, gone);
    const parts = { serving: kept, last: without(last, gone) };
    const { loss, failback, failures, doubts } = measure(evidenceOfBack(parts));
    expect(loss!.classes.lost).to.equal(gone.length);
    expect(failback!.loss!.classes.lost).to.equal(0);
    expect(failback!.loss!.outcomes.acknowledged).to.equal(last.length - gone.length);
    expect([failures, doubts]).to.deep.equal([[], []]);
  });

  for (const ms of [20, 150, 400, 1_700]) {
    it(`measures a pause of ${ms} ms and the time without service in it`, () => {
      const { rto, pause_ms, outages } = failbackOf({ after: driveBack(movesIn(ms)) });
      expect(pause_ms).to.be.within(ms, ms + 2 * SPACING_MS);
      if (ms < 30) {
        expect([rto.value, outages]).to.deep.equal([0, []]);
        return;
      }
      expect(rto.value).to.be.within(ms - 1, ms + SPACING_MS + 10);
      expect(rto.low).to.be.at.most(ms);
      expect(rto.high).to.be.at.least(ms);
      expect(outages).to.have.length(1);
    });
  }

  it('holds for any pause, refused or hanging', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 3_000 }), fc.boolean(), (ms, isHanging) => {
        const back = isHanging ? movesIn(ms, () => hangs) : movesIn(ms);
        const { rto, pause_ms } = failbackOf({ after: driveBack(back) });
        expect(rto.low).to.be.at.most(ms);
        expect(rto.high).to.be.within(ms - 1, ms + SPACING_MS + 10);
        expect(pause_ms).to.be.within(ms, ms + 2 * SPACING_MS);
      }),
      { numRuns: 15 },
    );
  });

  it('tells how long service was disturbed before the move, where it was not seen to end', () => {
    const gone = (from_ms: number) =>
      driveBack((now, at) => (now >= from_ms ? hangs : movesIn(0)(now, at)));
    const before = failbackOf({ after: gone(BACK.moving - 200) });
    expect(before.rto.value).to.equal(null);
    expect(before.disturbed_before_ms).to.be.within(200 - SPACING_MS, 200 + SPACING_MS);
    expect(failbackOf({ after: gone(BACK.moving) })).not.to.have.property('disturbed_before_ms');
  });

  it('does not pass where service was disturbed before the move, with or without a target', () => {
    const after = driveBack((now, at) => (now >= BACK.moving - 200 ? hangs : movesIn(0)(now, at)));
    for (const failback_rto_ms of [60_000, null]) {
      const evidence = evidenceOfBack({ after });
      const targets = { ...evidence.plan.targets, failback_rto_ms };
      const { verdict, failures } = assess({ ...evidence, plan: { ...evidence.plan, targets } });
      expect(verdict).to.equal('inconclusive');
      expect(failures.map(({ code }) => code)).to.include('disturbed-before');
    }
  });

  it('times writes, not the reads that go on', () => {
    const reading = driveBack((now, at) => {
      const isGone = now >= BACK.moving && now < BACK.moving + 300;
      return isGone ? fromWest : movesIn(0)(now, at);
    }).map((op): Op => {
      const isGone = op.scheduled_ms >= BACK.moving && op.scheduled_ms < BACK.moving + 300;
      return isGone ? { ...op, kind: 'read' } : op;
    });
    expect(failbackOf({ after: reading }).pause_ms).to.be.within(300, 320);
  });

  it('fails the gate when the move took clients longer than the target', () => {
    const { verdict, reasons, gates } = assess(
      evidenceOfBack({ after: driveBack(movesIn(1_700)) }),
    );
    expect(verdict).to.equal('fail');
    expect(reasons[0]).to.match(/^Failback RTO 1\.7 s is 70\d ms over its target of 1 s\.$/);
    expect(gates.find(({ name }) => name === 'rto')!.verdict).to.equal('pass');
  });

  it('does not come back before the clients stop: no number, and no pass', () => {
    const { failback } = measure(evidenceOfBack({ after: driveBack(movesIn(60_000)) }));
    expect(failback!.rto).to.include({ value: null, high: null });
    expect(failback!.rto.low).to.be.greaterThan(6_000);
    expect(assess(evidenceOfBack({ after: driveBack(movesIn(60_000)) })).verdict).to.equal('fail');
  });
});
