// The class of a write, by its answer and by where it stands: a few writes, each with one truth.
import { expect } from 'chai';
import type { ClassName } from '../../../src/drill/measurement.ts';
import { OUTCOME, type Outcome } from '../../../src/evidence/ledger/operation.ts';
import type { Reading, SurvivorRow } from '../../../src/evidence/survivors.ts';
import { CLASS_NAMES } from '../../../src/drill/measurement.ts';
import {
  classify,
  countClasses,
  DRILL_SIGHTS,
  FAILBACK_SIGHTS,
  NO_CLASS,
  rowOfWrite,
  rowsOf,
  type Classified,
} from '../../../src/measure/loss/classify.ts';
import { operationsOf, rowOf, survivorRows, type Op } from '../../support/evidence/synthetic.ts';

const op = (sequence: number, outcome: Outcome, kind: Op['kind'] = 'write'): Op => {
  return { kind, writer: 3, sequence, scheduled_ms: sequence, outcome };
};
type Readings = Partial<Record<Reading, readonly SurvivorRow[]>>;
interface Parts {
  readonly sights?: typeof DRILL_SIGHTS;
  readonly isUndone?: (row: number) => boolean;
}

function classifiedOf(ops: readonly Op[], readings: Readings, parts: Parts = {}) {
  const { sights = DRILL_SIGHTS, isUndone = () => false } = parts;
  const entries = Object.entries(readings) as [Reading, readonly SurvivorRow[]][];
  const rows = new Map(entries.map(([name, its]) => [name, survivorRows(its)]));
  return classify({ operations: operationsOf(ops), readings: rows, sights, isUndone });
}

const named = ({ classes }: Classified) =>
  [...classes].map((value): ClassName | undefined => CLASS_NAMES[value]);

/** The class of one write that stands in each reading so often. */
function classOf(one: Op, copies: Partial<Record<Reading, number>>, parts: Parts = {}) {
  const entries = Object.entries(copies).map(([reading, count]) => {
    return [reading, Array.from({ length: count }, () => rowOf(one))];
  });
  return named(classifiedOf([one], Object.fromEntries(entries) as Readings, parts)!)[0];
}

const OUTCOMES = Object.keys(OUTCOME) as Outcome[];

describe('the class of a write that one database tells', () => {
  const classes: Readonly<Record<Outcome, readonly ClassName[]>> = {
    acknowledged: ['lost', 'kept', 'duplicated'],
    unknown: ['vanished', 'recovered', 'duplicated'],
    refused: ['refused', 'unexpected', 'unexpected'],
    unsent: ['unsent', 'unexpected', 'unexpected'],
  };
  for (const outcome of OUTCOMES) {
    it(`is, of one that is ${outcome}: ${classes[outcome].join(', ')}`, () => {
      const found = [0, 1, 2].map((serving) => classOf(op(1, outcome), { serving }));
      expect(found).to.deep.equal(classes[outcome]);
    });
  }

  it('is corrupt where any copy is not as it was sent, unless it should not be there at all', () => {
    const sent = rowOf(op(1, 'acknowledged'));
    const altered: readonly SurvivorRow[] = [
      { ...sent, digest_high: sent.digest_high ^ 1 },
      { ...sent, digest_low: sent.digest_low ^ 1 },
      { ...sent, payload_bytes: sent.payload_bytes + 1 },
    ];
    const found = (outcome: Outcome, ...serving: SurvivorRow[]) =>
      named(classifiedOf([op(1, outcome)], { serving })!)[0];
    for (const row of altered) {
      expect(found('acknowledged', row)).to.equal('corrupt');
      expect(found('unknown', sent, row)).to.equal('corrupt');
      expect(found('refused', row)).to.equal('unexpected');
    }
  });

  it('stays duplicated however often it is there', () => {
    for (const serving of [255, 256, 257]) {
      expect(classOf(op(1, 'acknowledged'), { serving })).to.equal('duplicated');
    }
  });

  it('is none for a read, whose id is that of the write it read', () => {
    const ops = [op(1, 'refused'), op(1, 'acknowledged', 'read')];
    const found = classifiedOf(ops, { serving: [] })!;
    expect([...found.classes]).to.deep.equal([CLASS_NAMES.indexOf('refused'), NO_CLASS]);
    const there = classifiedOf(ops, { serving: [rowOf(ops[0]!)] })!;
    expect(named(there)).to.deep.equal(['unexpected', undefined]);
  });

  it('is that of each, in the order of the ledger, and counted', () => {
    const ops = [op(1, 'acknowledged'), op(2, 'acknowledged'), op(3, 'refused'), op(4, 'unsent')];
    const stranger = rowOf({ writer: 9, sequence: 4 });
    const found = classifiedOf(ops, { serving: [rowOf(ops[1]!), stranger, stranger] })!;
    expect(named(found)).to.deep.equal(['lost', 'kept', 'refused', 'unsent']);
    expect([rowsOf(found, 'lost'), rowsOf(found, 'kept')]).to.deep.equal([[0], [1]]);
    const counts = countClasses(found);
    expect(counts).to.include({ lost: 1, kept: 1, refused: 1, unsent: 1, unexpected: 1 });
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).to.equal(5);
  });

  it('cannot be told without a reading of the serving database', () => {
    expect(classifiedOf([op(1, 'acknowledged')], { peer: [], 'after-return': [] })).to.equal(null);
  });
});

describe('the class of a write where the lost region returned', () => {
  const later = (one: Op, serving: number, afterReturn: number, parts: Parts = {}) =>
    classOf(one, { serving, 'after-return': afterReturn }, parts);

  it('asks for it at the cut and in the end', () => {
    const one = op(1, 'acknowledged');
    expect(later(one, 0, 0)).to.equal('lost');
    expect(later(one, 0, 1)).to.equal('late');
    expect(later(one, 1, 0)).to.equal('lost');
    expect(later(one, 1, 1)).to.equal('kept');
    expect([later(one, 1, 2), later(one, 2, 1)]).to.deep.equal(['duplicated', 'duplicated']);
  });

  it('of one without an answer is told by the end', () => {
    const one = op(1, 'unknown');
    expect([later(one, 1, 0), later(one, 0, 1)]).to.deep.equal(['vanished', 'recovered']);
  });

  it('takes a marker that was written after the cut for kept, and no other write', () => {
    expect(later(op(1, 'acknowledged', 'marker'), 0, 1)).to.equal('kept');
    expect(later(op(1, 'acknowledged', 'marker'), 0, 0)).to.equal('lost');
    expect(later(op(1, 'acknowledged', 'seed'), 0, 1)).to.equal('late');
  });

  it('is intended where a restore undid it on purpose, and it was gone at the cut', () => {
    const isUndone = (row: number) => row === 0;
    const one = op(1, 'acknowledged');
    for (const end of [0, 1]) expect(later(one, 0, end, { isUndone })).to.equal('intended');
    expect(later(one, 1, 1, { isUndone })).to.equal('kept');
    expect(later(one, 1, 0, { isUndone })).to.equal('lost');
    expect(later(op(1, 'unknown'), 0, 0, { isUndone })).to.equal('vanished');
  });

  it('says whether it returned, and what stood where', () => {
    const one = op(1, 'acknowledged');
    const away = classifiedOf([one], { serving: [rowOf(one)] })!;
    expect(away.hasReturned).to.equal(false);
    expect([[...away.present], [...away.presentLast]]).to.deep.equal([[1], [1]]);
    const back = classifiedOf([one], { serving: [], 'after-return': [rowOf(one)] })!;
    expect(back.hasReturned).to.equal(true);
    expect([[...back.present], [...back.presentLast]]).to.deep.equal([[0], [1]]);
  });
});

describe('the class of a write where two databases serve', () => {
  it('is that of both: one copy in each is no double', () => {
    for (const outcome of ['acknowledged', 'unknown'] as const) {
      const one = op(1, outcome);
      const right = outcome === 'acknowledged' ? 'kept' : 'recovered';
      expect(classOf(one, { serving: 1, peer: 1 })).to.equal(right);
      expect(classOf(one, { serving: 1, peer: 0 })).to.equal('diverged');
      expect(classOf(one, { serving: 0, peer: 1 })).to.equal('diverged');
      expect(classOf(one, { serving: 1, peer: 2 })).to.equal('duplicated');
    }
    expect(classOf(op(1, 'acknowledged'), { serving: 0, peer: 0 })).to.equal('lost');
    expect(classOf(op(1, 'refused'), { serving: 0, peer: 1 })).to.equal('unexpected');
  });

  it('is told by the two in the end, and by those at the cut where only one was read then', () => {
    const one = op(1, 'acknowledged');
    const joined = { serving: 1, peer: 0, 'after-return': 1, 'peer-after-return': 1 };
    expect(classOf(one, joined)).to.equal('kept');
    expect(classOf(one, { ...joined, peer: 1, 'peer-after-return': 0 })).to.equal('diverged');
    expect(classOf(one, { serving: 1, peer: 0, 'after-return': 1 })).to.equal('diverged');
  });

  it('is diverged for a change of a shared row that was acknowledged and left no trace', () => {
    expect(classOf(op(1, 'acknowledged', 'update'), { serving: 0 })).to.equal('diverged');
    expect(classOf(op(1, 'acknowledged', 'update'), { serving: 1 })).to.equal('kept');
    expect(classOf(op(1, 'unknown', 'update'), { serving: 0 })).to.equal('vanished');
    const back = { serving: 0, 'after-return': 1 };
    expect(classOf(op(1, 'acknowledged', 'update'), back)).to.equal('late');
  });
});

describe('what no operation of the ledger explains', () => {
  const one = op(1, 'acknowledged');
  const ids = [
    { writer: 9, sequence: 4 },
    { writer: 8, sequence: 4 },
    { writer: 9, sequence: 4_000_000_000 },
    { writer: 8, sequence: 4_000_000_000 },
  ];

  it('is listed once, whichever databases it is in', () => {
    const rows = ids.map(rowOf);
    const found = classifiedOf([one], { serving: [...rows, ...rows], peer: rows.slice(1) })!;
    expect(found.unexpected).to.have.deep.members(ids);
    expect(countClasses(found).unexpected).to.equal(4);
  });

  it('is told of the old disk apart', () => {
    const found = classifiedOf([one], {
      serving: [],
      'old-primary': [rowOf(one), rowOf(ids[0]!)],
    })!;
    expect(found.unexpected).to.deep.equal([]);
    expect([...found.oldPrimary!.copies]).to.deep.equal([1]);
    expect(found.oldPrimary!.unexpected).to.deep.equal(ids.slice(0, 1));
    expect(classifiedOf([one], { serving: [] })!.oldPrimary).to.equal(null);
  });

  it('is asked after a failback of the database that serves then, alone', () => {
    const readings = { serving: [rowOf(ids[0]!)], 'after-failback': [rowOf(one)] };
    const found = classifiedOf([one], readings, { sights: FAILBACK_SIGHTS })!;
    expect([named(found), found.unexpected]).to.deep.equal([['kept'], []]);
    expect(classifiedOf([one], { serving: [] }, { sights: FAILBACK_SIGHTS })).to.equal(null);
  });
});

describe('the row of a write', () => {
  const ops = [op(1, 'acknowledged', 'read'), op(2, 'refused'), op(1, 'unknown', 'update')];

  it('is that of its id, and never that of a read', () => {
    const rows = [1, 2, 3].map((sequence) =>
      rowOfWrite(operationsOf(ops), { writer: 3, sequence }),
    );
    expect(rows).to.deep.equal([2, 1, -1]);
    expect(rowOfWrite(operationsOf(ops), { writer: 4, sequence: 1 })).to.equal(-1);
    expect(rowOfWrite(operationsOf(ops.slice(0, 1)), { writer: 3, sequence: 1 })).to.equal(-1);
  });
});
