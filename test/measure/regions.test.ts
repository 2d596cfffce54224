// Two databases that both serve: what is lost, what is late, and what they hold differently in the
// end, each planted and found, and nothing else with it.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { measure } from '../../src/measure/measure.ts';
import { type Loss } from '../../src/drill/measurement.ts';
import { assess } from '../../src/verdict/assess.ts';
import {
  acknowledged,
  idOf,
  marker,
  rowOf,
  TIMES,
  without,
  type Op,
} from '../support/evidence/synthetic.ts';
import {
  agreed,
  allRows,
  bothOps,
  eastLast,
  event,
  evidenceOfBoth,
  partitionPlan,
  returned,
  type BothParts,
} from '../support/evidence/two-regions.ts';
import { troubles } from '../support/evidence/troubles.ts';

const stuck = eastLast(100);

function lossOf(parts: BothParts): Loss {
  const { loss } = measure(evidenceOfBoth(parts));
  expect(loss).to.not.equal(null);
  return loss!;
}

describe('a region of two that serve', () => {
  it('is lost for good: what only it had is lost, and clients are all that moves', () => {
    const evidence = evidenceOfBoth({ readings: { serving: without(allRows, stuck) } });
    const { loss, recovery, doubts, failures } = measure(evidence);
    expect(troubles(loss!)).to.deep.equal({ lost: stuck.length });
    expect(loss!.rpo.value).to.be.within(90, 100);
    expect([doubts, failures]).to.deep.equal([[], []]);
    expect(recovery!.phases.find(({ name }) => name === 'promote')).to.include({ ms: null });
    const whole = recovery!.phases.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
    expect(whole).to.equal(recovery!.rto.value);
    expect(assess(evidence).verdict).to.equal('pass');
  });

  it('has no promotion, whatever becomes writable meanwhile', () => {
    const writable = event({
      ...{ t: TIMES.faultStarted + 450, event: 'database.writable' },
      ...{ node: 'west/postgres', timeline: 1 },
    });
    const { recovery } = measure(evidenceOfBoth({ events: [writable] }));
    expect(recovery!.marks.writable).to.equal(null);
  });

  it('returns: what comes with it is late, and counts until then', () => {
    const readings = {
      serving: without(allRows, stuck),
      'after-return': allRows,
      'peer-after-return': allRows,
    };
    const evidence = evidenceOfBoth({ readings, events: [returned, agreed] });
    const { loss, doubts, failures } = measure(evidence);
    expect(troubles(loss!)).to.deep.equal({ late: stuck.length });
    expect(loss!.rpo.value).to.be.within(90, 100);
    expect(loss!.rpo_after_return_ms).to.equal(0);
    expect([doubts, failures]).to.deep.equal([[], []]);
    expect(assess(evidence).notes.join()).to.contain('Region east came back on its own disks');
  });

  it('returns without some of its rows: these are lost', () => {
    const gone = stuck.slice(0, 3);
    const readings = {
      serving: without(allRows, stuck),
      'after-return': without(allRows, gone),
      'peer-after-return': without(allRows, gone),
    };
    const loss = lossOf({ readings, events: [returned, agreed] });
    expect(troubles(loss)).to.deep.equal({ lost: 3, late: stuck.length - 3 });
    expect(loss.lost_ids.map(idOf)).to.deep.equal(gone.map(idOf));
  });

  it('returns and takes rows away that the other had: these are lost too', () => {
    const gone = acknowledged(bothOps).slice(100, 104);
    const after = without(allRows, gone);
    const readings = { serving: allRows, 'after-return': after, 'peer-after-return': after };
    const loss = lossOf({ readings, events: [returned, agreed] });
    expect(troubles(loss)).to.deep.equal({
      lost: gone.filter(isInsert).length,
      diverged: updates(gone),
    });
  });

  it('returns and never catches up: what only one of them has has diverged', () => {
    const readings = {
      serving: without(allRows, stuck),
      'after-return': without(allRows, stuck),
      'peer-after-return': allRows,
    };
    const evidence = evidenceOfBoth({ readings, events: [returned, agreed] });
    const { loss, failures } = measure(evidence);
    expect(troubles(loss!)).to.deep.equal({ diverged: stuck.length });
    expect(failures[0]?.text)
      .to.contain('not the same in two serving databases')
      .and.contain(idOf(stuck[0]!));
    expect(assess(evidence).verdict).to.equal('fail');
  });

  it('returns with another payload of a row: that is corrupt', () => {
    const altered = allRows.map((row, at) => (at === 70 ? { ...row, digest_high: 9 } : row));
    const readings = { serving: allRows, 'after-return': allRows, 'peer-after-return': altered };
    expect(troubles(lossOf({ readings, events: [returned, agreed] }))).to.deep.equal({
      corrupt: 1,
    });
  });

  it('returns with a row twice, or with one that nobody sent', () => {
    const stranger = rowOf({ writer: 99, sequence: 4 });
    const peer = [...allRows, allRows[8]!, stranger];
    const readings = { serving: allRows, 'after-return': allRows, 'peer-after-return': peer };
    const parts = { readings, events: [returned, agreed] };
    expect(troubles(lossOf(parts))).to.deep.equal({ unexpected: 1, duplicated: 1 });
    expect(
      measure(evidenceOfBoth(parts))
        .failures.map(({ text }) => text)
        .join(),
    ).to.contain('99-4');
  });
});

const isInsert = ({ kind }: Op) => kind !== 'update';
const updates = (ops: readonly Op[]) => ops.filter((op) => !isInsert(op)).length;

describe('two regions that were cut off from each other', () => {
  const parts = (serving: typeof allRows, peer: typeof allRows): BothParts => ({
    plan: partitionPlan,
    readings: { serving, peer },
    events: [agreed],
  });

  it('lose nothing when each has what the other lacks, which is a difference all the same', () => {
    const [one, other] = [stuck.slice(0, 2), stuck.slice(2, 5)];
    const loss = lossOf(parts(without(allRows, one), without(allRows, other)));
    expect(troubles(loss)).to.deep.equal({ diverged: 5 });
  });

  it('lose nothing that crossed over once both were read again', () => {
    const readings = {
      serving: without(allRows, stuck.slice(0, 2)),
      peer: without(allRows, stuck.slice(2, 5)),
      'after-return': allRows,
      'peer-after-return': allRows,
    };
    const { loss, doubts } = measure(
      evidenceOfBoth({ plan: partitionPlan, readings, events: [agreed] }),
    );
    expect(troubles(loss!)).to.deep.equal({});
    expect([loss!.rpo.value, doubts]).to.deep.equal([0, []]);
    // Read again they need no second reading at the cut.
    const { peer: _, ...later } = readings;
    const again = evidenceOfBoth({ plan: partitionPlan, readings: later, events: [agreed] });
    expect(measure(again).doubts).to.deep.equal([]);
  });

  it('lose what neither has', () => {
    const gone = without(allRows, stuck);
    const loss = lossOf(parts(gone, gone));
    expect(troubles(loss)).to.deep.equal({ lost: stuck.length });
  });

  it('show no split-brain, since both are meant to take writes', () => {
    const { loss } = measure(evidenceOfBoth(parts(allRows, allRows)));
    expect([loss!.split_brain, loss!.split_brain_possible]).to.deep.equal([0, 0]);
  });

  it('show a marker that only one of them has as a difference', () => {
    const lacking = allRows.filter(({ writer }) => writer !== marker.writer);
    expect(troubles(lossOf(parts(lacking, allRows)))).to.deep.equal({ diverged: 1 });
  });

  it('show changes of a shared row that another one wiped out, in one or in both', () => {
    const wiped = acknowledged(bothOps)
      .filter(({ kind }) => kind === 'update')
      .slice(20, 23);
    const both = without(allRows, wiped);
    expect(troubles(lossOf(parts(both, both)))).to.deep.equal({ diverged: 3 });
    expect(troubles(lossOf(parts(both, allRows)))).to.deep.equal({ diverged: 3 });
    const unanswered = bothOps.map((op): Op => {
      return wiped.includes(op) ? { ...op, outcome: 'unknown', done_ms: null } : op;
    });
    const open = lossOf({ ...parts(both, both), ops: unanswered });
    expect(troubles(open)).to.deep.equal({});
    expect(open.classes.vanished).to.be.greaterThan(3);
  });

  it('give each id one class, and all of them sum up to the ledger', () => {
    const some = fc.subarray(stuck);
    fc.assert(
      fc.property(some, some, some, some, fc.boolean(), (a, b, c, d, isLater) => {
        const { classes, outcomes } = lossOf({
          plan: partitionPlan,
          events: [agreed],
          readings: {
            serving: without(allRows, a),
            peer: without(allRows, b),
            ...(isLater
              ? { 'after-return': without(allRows, c), 'peer-after-return': without(allRows, d) }
              : {}),
          },
        });
        const sum = (counts: Readonly<Record<string, number>>) =>
          Object.values(counts).reduce((total, count) => total + count, 0);
        expect(sum(classes)).to.equal(bothOps.length);
        expect(sum(outcomes)).to.equal(bothOps.length);
        const [one, other] = isLater ? [c, d] : [a, b];
        const isGone = (op: Op) => one.includes(op) && other.includes(op);
        expect(classes.lost).to.equal(stuck.filter(isGone).length);
        const differs = (op: Op) => one.includes(op) !== other.includes(op);
        expect(classes.diverged).to.equal(stuck.filter(differs).length);
        const isLate = (op: Op) =>
          isLater && a.includes(op) && b.includes(op) && !c.includes(op) && !d.includes(op);
        expect(classes.late).to.equal(stuck.filter(isLate).length);
      }),
      { numRuns: 40 },
    );
  });
});
