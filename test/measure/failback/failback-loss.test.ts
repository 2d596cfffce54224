// One ledger and two counts: what is lost in a failback is found there, and only there.
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { classesOf } from '../../../src/measure/failback/failback-loss.ts';
import { measure } from '../../../src/measure/measure.ts';
import { CLASS_NAMES, type Loss } from '../../../src/drill/measurement.ts';
import { assess } from '../../../src/verdict/assess.ts';
import {
  afterTheCut as after,
  BACK,
  backPlan,
  beforeTheCut,
  evidenceOfBack,
  lastBefore,
  servingAtCut as serving,
  servingAtEnd as last,
  type BackParts,
} from '../../support/evidence/failback-story.ts';
import {
  acknowledged,
  drive,
  fromEast,
  fromWest,
  idOf,
  journal,
  PAYLOAD_BYTES,
  refuses,
  rowOf,
  WEST,
  without,
  type Op,
} from '../../support/evidence/synthetic.ts';

function lossOf(parts: BackParts = {}): Loss {
  const { failback } = measure(evidenceOfBack(parts));
  expect(failback?.loss ?? null).to.not.equal(null);
  return failback!.loss!;
}

describe('what is lost in a failback', () => {
  it('is a row of the drill that was there at the cut: the run fails and names it', () => {
    const gone = acknowledged(beforeTheCut).slice(40, 43);
    const evidence = evidenceOfBack({ last: without(last, gone) });
    const { loss, failback, failures } = measure(evidence);
    expect(loss!.classes.lost).to.equal(0);
    expect(failback!.loss!.classes.lost).to.equal(3);
    expect(failback!.loss!.lost_bytes).to.equal(3 * PAYLOAD_BYTES);
    const ids = gone.map(idOf).join(', ');
    const text = `Failback: 3 acknowledged writes were lost in it: ${ids}.`;
    expect(failures).to.deep.equal([{ code: 'write-lost-in-failback', store: 'postgres', text }]);
    expect(assess(evidence).verdict).to.equal('fail');
  });

  it('counts no write of the drill that was refused and is not there', () => {
    const refusedAfter = after.filter(({ outcome }) => outcome === 'refused').length;
    expect(beforeTheCut.some(({ outcome }) => outcome === 'refused')).to.equal(true);
    expect(lossOf().outcomes.refused).to.equal(refusedAfter);
  });

  it('is a row that was written before the move, or after it', () => {
    for (const at of [200, 1_900]) {
      const gone = acknowledged(after).slice(at, at + 1);
      const { failback, failures, loss } = measure(evidenceOfBack({ last: without(last, gone) }));
      expect(failback!.loss!.lost_ids.map(idOf)).to.deep.equal(gone.map(idOf));
      expect(failures).to.have.length(1);
      expect(loss!.classes.lost).to.equal(0);
    }
  });

  it('fails the run for a lie of the service after it, too', () => {
    const refused = after.find(({ outcome }) => outcome === 'refused')!;
    const stranger = rowOf({ writer: 99, sequence: 7 });
    const twice = last[50]!;
    const altered = last.map((row, at) => (at === 60 ? { ...row, digest_low: 1 } : row));
    const lie = { last: [...altered, rowOf(refused), stranger, twice] };
    const { classes } = lossOf(lie);
    expect(classes).to.include({ unexpected: 2, corrupt: 1, duplicated: 1, lost: 0 });
    const { failures } = measure(evidenceOfBack(lie));
    expect(failures).to.have.length(3);
    expect(failures.map(({ text }) => text).join())
      .to.contain('99-7')
      .and.contain(idOf(refused));
  });

  it('names what was refused before the cut and is there after the failback', () => {
    const refused = beforeTheCut.find(({ outcome }) => outcome === 'refused')!;
    const { failures } = measure(evidenceOfBack({ last: [...last, rowOf(refused)] }));
    expect(failures.map(({ text }) => text).join()).to.contain(
      `refused or never sent: ${idOf(refused)}`,
    );
  });

  it('leaves open a database that has again what the serving one had lost', () => {
    const gone = lastBefore(beforeTheCut, 50);
    const evidence = evidenceOfBack({ serving: without(serving, gone), last });
    const { doubts } = measure(evidence);
    expect(doubts.map(({ reason }) => reason)).to.deep.equal([
      `Failback: ${gone.length} writes that had been gone at the cut came back with it.`,
    ]);
    expect(assess(evidence).verdict).to.equal('inconclusive');
  });

  it('leaves open rows without an answer that went away', () => {
    const ops = beforeTheCut.map((op, at): Op => {
      return at === 900 ? { ...op, outcome: 'unknown', done_ms: null } : op;
    });
    const evidence = evidenceOfBack({ before: ops, serving, last: without(last, [ops[900]!]) });
    expect(measure(evidence).doubts.map(({ reason }) => reason)).to.deep.equal([
      'Failback: 1 unanswered write that had been there at the cut went away.',
    ]);
  });

  it('shows what west still acknowledged after east had begun', () => {
    const late: Op = { writer: 40, sequence: 1, scheduled_ms: 30_000, outcome: 'acknowledged' };
    const split = [...after, { ...late, node: WEST, timeline: 2 }];
    const evidence = evidenceOfBack({ after: split });
    const { failures, loss } = measure(evidence);
    const text = 'Failback: 1 write acknowledged by the old side after the new one began.';
    expect(failures).to.deep.equal([{ code: 'split-brain-in-failback', store: 'postgres', text }]);
    expect(loss!.split_brain).to.equal(0);
  });

  it('sums up to the ledger in both counts, whatever happened', () => {
    const fate = fc.constantFrom('here', 'lost at first', 'lost in it', 'back', 'twice' as const);
    const outcome = fc.constantFrom('acknowledged', 'refused', 'unknown', 'unsent' as const);
    const writes = fc.array(fc.tuple(outcome, fate, fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(writes, (all) => {
        const ops = all.map(([outcome, , isLater], at): Op => {
          const scheduled_ms = isLater ? BACK.resumed + 1_000 + at : 10 + at;
          return { writer: 3, sequence: 5_000 + at, scheduled_ms, outcome };
        });
        const at = (names: readonly string[]) =>
          ops.flatMap((op, i) => (names.includes(all[i]![1]) ? [rowOf(op)] : []));
        const early = ops.filter((_, i) => !all[i]![2]);
        const isEarly = (row: Pick<Op, 'sequence'>) =>
          early.some(({ sequence }) => sequence === row.sequence);
        const first = at(['here', 'lost in it', 'twice']).filter(isEarly);
        const second = [...at(['here', 'back', 'twice']), ...at(['twice'])];
        const parts = {
          // Few others: what holds for each write holds however many there are.
          before: [...beforeTheCut.slice(-9), ...early],
          after: [...after.slice(-9), ...ops.filter((op) => !isEarly(op))],
          serving: [...serving.slice(-9), ...first],
          last: [...serving.slice(-9), ...last.slice(-9), ...second],
        };
        const { loss, failback } = measure(evidenceOfBack(parts));
        const sum = (counts: Readonly<Record<string, number>>) =>
          Object.values(counts).reduce((total, count) => total + count, 0);
        expect(sum(loss!.outcomes)).to.equal(parts.before.length);
        expect(sum(loss!.classes)).to.equal(parts.before.length);
        expect(sum(failback!.loss!.classes)).to.equal(sum(failback!.loss!.outcomes));
        const owed = ops.filter((op, i) => {
          const [outcome, fate, isLater] = all[i]!;
          const wasThere = isLater || ['here', 'lost in it', 'twice'].includes(fate);
          return outcome === 'acknowledged' && wasThere;
        });
        const missing = owed.filter((op) => !second.some((row) => idOf(row) === idOf(op)));
        expect(failback!.loss!.classes.lost).to.equal(missing.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the classes in an export of a run with a failback', () => {
  it('are those of the count that each write belongs to, and of what harmed it later', () => {
    const lostFirst = lastBefore(beforeTheCut, 20);
    const lostLater = [acknowledged(beforeTheCut)[100]!, acknowledged(after)[100]!];
    const evidence = evidenceOfBack({
      serving: without(serving, lostFirst),
      last: without(last, [...lostFirst, ...lostLater]),
    });
    const { classes, isWhole } = classesOf(evidence, evidence.stores[0]!)!;
    const ops = [...beforeTheCut, ...after];
    const lost = ops.filter((_, row) => CLASS_NAMES[classes[row]!] === 'lost').map(idOf);
    expect(new Set(lost)).to.deep.equal(new Set([...lostFirst, ...lostLater].map(idOf)));
    expect(isWhole).to.equal(true);
  });

  it('leave what a restore undid on purpose as it was', () => {
    const before = drive((now) => {
      if (now < 5_300) return fromEast;
      return now < 5_600 ? refuses : fromWest;
    });
    const undone = acknowledged(before).filter(
      ({ node, done_ms }) => node === fromEast.node && done_ms! > 5_002,
    );
    const harmed: RunEvent = {
      ...({ t: 5_000, event: 'data.harmed', statement: 'delete', rows: 9 } as const),
      ...{ lsn: '0/3', name: 'before-fault' },
    };
    const faults = [plannedFault('corrupt-data', { statement: 'delete', share: 0.5 })];
    const recover = {
      ...backPlan.recover,
      with: 'restore-to-point',
      target: { by: 'before-fault' },
    } as const;
    const evidence = evidenceOfBack({
      ...{ before, plan: { ...backPlan, recover, faults }, drilled: [...journal(), harmed] },
      serving: without(acknowledged(before).map(rowOf), undone),
    });
    const { classes } = classesOf(evidence, evidence.stores[0]!)!;
    const named = [...before].filter((_, row) => CLASS_NAMES[classes[row]!] === 'intended');
    expect(named.map(idOf)).to.deep.equal(undone.map(idOf));
    expect(undone.length).to.be.greaterThan(50);
    expect(lossOf({ before }).classes.intended).to.equal(0);
  });

  it('are not complete without a second reading', () => {
    const evidence = evidenceOfBack({ last: null });
    const { classes, isWhole } = classesOf(evidence, evidence.stores[0]!)!;
    expect(isWhole).to.equal(false);
    expect(CLASS_NAMES[classes[0]!]).to.equal('kept');
    expect(CLASS_NAMES[classes.at(-1)!]).to.equal(undefined);
  });
});
