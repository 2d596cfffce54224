// The loss of a system of somebody's own whose answers name no server: what was promised once
// another server had taken over, and is not there, fails a run all the same.
import { expect } from 'chai';
import { NO_NODE } from '../../../src/evidence/ledger/operation.ts';
import { measure } from '../../../src/measure/measure.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  fromEast,
  idOf,
  journal,
  plan,
  refuses,
  rowOf,
  TIMES,
  type Service,
} from '../../support/evidence/synthetic.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const OUTAGE_MS = 600;
const nobody = { ...fromEast, node: NO_NODE, timeline: 0 };
const service: Service = (now) => {
  const isGone = now >= TIMES.faultStarted && now < TIMES.faultStarted + OUTAGE_MS;
  return isGone ? refuses : nobody;
};
const ops = drive(service).map((op) =>
  op.kind === 'marker' ? { ...op, node: NO_NODE, timeline: 0 } : op,
);
const attached = planOf(
  ownDrill({
    system: "clients: { http: { url: 'https://shop.test/o' } }, count: { sql: 'a {run}' }",
  }),
).attached!;

/** All but those are there. */
function failuresWithout(isGone: (done_ms: number) => boolean) {
  const gone = acknowledged(ops).filter(
    ({ kind, done_ms }) => kind !== 'marker' && isGone(done_ms!),
  );
  const ids = new Set(gone.map(idOf));
  const serving = acknowledged(ops)
    .filter((op) => !ids.has(idOf(op)))
    .map(rowOf);
  const parts = { ops, plan: { ...plan, attached }, events: journal(), readings: { serving } };
  const { loss, failures } = measure(evidenceOf(parts));
  expect(loss!.classes.lost).to.equal(gone.length);
  return { loss: loss!, texts: failures.map(({ text }) => text), lost: gone.length };
}

describe('the loss of clients whose answers name no server', () => {
  it('is that of the old server where it was promised before', () => {
    const { loss, texts, lost } = failuresWithout(
      (done) => done > TIMES.faultStarted - 100 && done < TIMES.faultStarted,
    );
    expect(lost).to.be.greaterThan(10);
    expect([loss.lost_after_recovery, texts]).to.deep.equal([0, []]);
    expect(loss.rpo.value).to.be.within(90, 100);
  });

  it('fails where it was promised once another server had taken over', () => {
    const { loss, texts, lost } = failuresWithout((done) => done > TIMES.cut - 100);
    expect(loss.lost_after_recovery).to.equal(lost);
    expect(texts).to.deep.equal([
      `${lost} writes acknowledged once another server had taken over went missing.`,
    ]);
    expect(loss.split_brain).to.equal(0);
  });
});
