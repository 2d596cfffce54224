// The loss of a system of somebody's own whose answers name no server: what was promised once
// another server had taken over, and is not there, fails a run all the same.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { NO_NODE } from '../../../src/evidence/ledger/operation.ts';
import { measure } from '../../../src/measure/measure.ts';
import { gatesOf } from '../../../src/verdict/gates.ts';
import {
  acknowledged,
  drive,
  EAST,
  evidenceOf,
  fromEast,
  journal,
  plan,
  refuses,
  rowOf,
  TIMES,
  WEST,
  withReading,
  type Service,
} from '../../support/evidence/synthetic.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';

const OUTAGE_MS = 600;
const isLate = (done_ms: number) => done_ms > TIMES.cut - 100;
const nobody = { ...fromEast, node: NO_NODE, timeline: 0 };
const service: Service = (now) => {
  const isGone = now >= TIMES.faultStarted && now < TIMES.faultStarted + OUTAGE_MS;
  return isGone ? refuses : nobody;
};
const ops = drive(service).map((op) =>
  op.kind === 'marker' ? { ...op, node: NO_NODE, timeline: 0 } : op,
);
const { attached } = planOf(
  ownDrill({
    system: "clients: { http: { url: 'https://shop.test/o' } }, count: { sql: 'a {run}' }",
  }),
);
const byCommand = { by: 'command', command: ['./count.sh', '{run}'] } as const;

interface Told {
  /** Which writes are in no database that serves, and which of them the old one has. */
  readonly isGone?: (done_ms: number) => boolean;
  readonly isOld?: (done_ms: number) => boolean;
  /** What a program says of the server of a write, by when it was answered. */
  readonly nodeAt?: (done_ms: number) => number;
  readonly isCommand?: boolean;
  /** Statements of drill's own, in place of an endpoint. */
  readonly isOwn?: boolean;
  readonly events?: readonly RunEvent[];
}

function measured(told: Told = {}) {
  const { isGone = () => false, isOld, nodeAt = () => NO_NODE, isCommand = false } = told;
  const all = ops.map((op) => {
    const isNamed = op.outcome === 'acknowledged' && op.kind !== 'marker';
    return isNamed ? { ...op, node: nodeAt(op.done_ms!) } : op;
  });
  const promised = acknowledged(all);
  const gone = promised.filter(({ kind, done_ms }) => kind !== 'marker' && isGone(done_ms!));
  const serving = promised.filter((op) => !gone.includes(op)).map(rowOf);
  const disk = gone.filter(({ done_ms }) => isOld?.(done_ms!)).map(rowOf);
  const readings = { serving, ...(isOld && { 'old-primary': disk }) };
  const { events = journal(), isOwn = false } = told;
  const { count: _, ...uncounted } = attached!;
  const own = { ...uncounted, clients: { by: 'list', connect_ms: 500 } } as const;
  const over = isCommand ? { ...attached!, count: byCommand } : attached!;
  const counted = isOwn ? own : over;
  const numbers = measure(
    evidenceOf({ ops: all, plan: { ...plan, attached: counted }, events, readings }),
  );
  const loss = numbers.loss!;
  expect(loss.classes.lost).to.equal(gone.length);
  const gate = gatesOf(plan.targets, numbers).find(({ name }) => name === 'split_brain')!;
  const texts = numbers.failures.map(({ text }) => text);
  return { loss, texts, lost: gone.length, gate };
}

describe('the loss of clients whose answers name no server', () => {
  it('is that of the old server where it was promised before', () => {
    const { loss, texts, lost } = measured({
      isGone: (done) => done > TIMES.faultStarted - 100 && done < TIMES.faultStarted,
    });
    expect(lost).to.be.greaterThan(10);
    expect([loss.lost_after_recovery, texts]).to.deep.equal([0, []]);
    expect(loss.rpo.value).to.be.within(90, 100);
  });

  it('fails where it was promised once another server had taken over', () => {
    const { loss, texts, lost } = measured({ isGone: isLate });
    expect(loss.lost_after_recovery).to.equal(lost);
    expect(texts).to.deep.equal([
      `${lost} writes acknowledged once another server had taken over went missing.`,
    ]);
  });
});

describe('split-brain writes of clients whose answers name no server', () => {
  it('are none where the server that took over has all that was promised since', () => {
    const { loss, gate } = measured();
    expect([loss.split_brain, loss.split_brain_missing]).to.deep.equal([0, null]);
    expect(gate.verdict).to.equal('pass');
  });

  it('are not known of what is not there: no 0, and no green gate', () => {
    const { loss, gate, lost } = measured({ isGone: isLate });
    const why = `no answer says which server took ${lost} acknowledged writes, and the database`;
    expect(loss.split_brain_missing).to.match(
      new RegExp(`^${why} that serves does not have them$`),
    );
    expect(gate).to.include({ verdict: 'inconclusive', measured: null, low: 0, high: null });
    expect(gate.reason).to.contain(why);
  });

  it('are what the old server alone has, where that was read', () => {
    const whole = measured({ isGone: isLate, isOld: () => true });
    expect([whole.loss.split_brain, whole.loss.split_brain_missing]).to.deep.equal([
      whole.lost,
      null,
    ]);
    expect(whole.gate.verdict).to.equal('fail');
    const part = measured({ isGone: isLate, isOld: (done) => done > TIMES.cut - 50 });
    expect(part.loss.split_brain).to.be.within(1, part.lost - 1);
    expect(part.loss.split_brain_missing).to.contain('does not have them');
    expect(part.gate).to.include({ verdict: 'fail', low: part.loss.split_brain, high: null });
  });

  it('are not known of statements of drill’s own either, where no server was told', () => {
    expect(measured({ isOwn: true }).loss.split_brain_missing).to.equal(null);
    const { loss } = measured({ isOwn: true, isGone: isLate });
    expect(loss.split_brain_missing).to.contain('does not have them');
    const nodeAt = (done: number) => (done < TIMES.faultStarted + OUTAGE_MS ? EAST : WEST);
    const named = measured({ isOwn: true, isGone: isLate, nodeAt });
    expect([named.loss.split_brain, named.loss.split_brain_missing]).to.deep.equal([0, null]);
  });

  it('are not known where a command counts all servers as one', () => {
    const { loss, gate } = measured({ isCommand: true });
    expect(loss.split_brain_missing).to.contain('counts all servers as one');
    expect(gate.verdict).to.equal('inconclusive');
  });

  it('are known by the names of the servers, and at least so many where some are not named', () => {
    const nodeAt = (done: number) => (done < TIMES.faultStarted + OUTAGE_MS ? EAST : WEST);
    const named = measured({ isCommand: true, nodeAt });
    expect([named.loss.split_brain, named.loss.split_brain_missing]).to.deep.equal([0, null]);
    expect(named.gate.verdict).to.equal('pass');
    const partly = measured({
      isCommand: true,
      nodeAt: (done) => (isLate(done) ? EAST : done > TIMES.cut - 200 ? NO_NODE : nodeAt(done)),
    });
    expect(partly.loss.split_brain).to.be.within(15, 25);
    expect(partly.loss.split_brain_missing).to.contain('no answer says');
    expect(partly.gate).to.include({ verdict: 'fail', low: partly.loss.split_brain, high: null });
  });

  it('are not known where it is the old server that was counted', () => {
    const read = withReading([], acknowledged(ops).length);
    const events = [
      ...journal(),
      ...read.map((event) => ({ ...event, node: 'east/db1' }) as RunEvent),
    ];
    expect(measured({ events }).loss.split_brain_missing).to.contain('in region east itself');
  });

  it('begin when no other server can have taken a write before', () => {
    const isGone = (done: number) => done > TIMES.cut - 100 && done < TIMES.cut - 80;
    const taken = { event: 'database.writable', node: 'west/db2', timeline: 2 } as const;
    const missing = (since: { readonly not_before_ms?: number }) => {
      const events = journal({ 'database.writable': [{ t: TIMES.cut - 40, ...taken, ...since }] });
      return measured({ events, isGone }).loss.split_brain_missing;
    };
    expect(missing({})).to.contain('no answer says');
    expect(missing({ not_before_ms: TIMES.cut - 100 })).to.contain('no answer says');
    expect(missing({ not_before_ms: TIMES.cut - 60 })).to.equal(null);
  });
});
