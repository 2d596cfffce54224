// Two sides of one story: writes that both regions acknowledged, and what the old primary's disk
// says.
import { expect } from 'chai';
import { NO_NODE } from '../../../src/evidence/ledger/operation.ts';
import { SIDE, sidesOf } from '../../../src/measure/loss/sides.ts';
import { measure } from '../../../src/measure/measure.ts';
import type { Loss } from '../../../src/drill/measurement.ts';
import {
  acknowledged,
  drive,
  EAST,
  evidenceOf,
  goneFor,
  header,
  operationsOf,
  rowOf,
  TIMES,
  WEST,
  type EvidenceParts,
  type Op,
} from '../../support/evidence/synthetic.ts';

const NOWHERE = {
  ...{ started_ms: TIMES.faultStarted, injected_ms: TIMES.faultInjected },
};
const ops = drive(goneFor(600));
const answered = acknowledged(ops).filter(({ kind }) => kind !== 'marker');
const idOf = ({ writer, sequence }: Pick<Op, 'writer' | 'sequence'>) => `${writer}-${sequence}`;

function lossOf(parts: EvidenceParts): Loss {
  const { loss } = measure(evidenceOf(parts));
  expect(loss).to.not.equal(null);
  return loss!;
}

describe('split-brain', () => {
  const old = { node: EAST, timeline: 1, outcome: 'acknowledged' } as const;
  const extra = (sequence: number, sent: number, done: number): Op => {
    return { ...old, writer: 40, sequence, scheduled_ms: sent, done_ms: done };
  };

  it('is what the old side acknowledged after the first write of the new side', () => {
    const all = [...ops, extra(1, 8_000, 8_002), extra(2, 8_005, 8_007), extra(3, 5_100, 5_102)];
    const loss = lossOf({ ops: all });
    expect(loss.split_brain).to.equal(2);
    expect(loss.split_brain_possible).to.equal(0);
  });

  it('is only possible where both were in flight at once', () => {
    const first = answered.find(({ node }) => node === WEST)!;
    const all = [...ops, extra(1, first.scheduled_ms - 5, first.done_ms! + 5)];
    const loss = lossOf({ ops: all });
    expect([loss.split_brain, loss.split_brain_possible]).to.deep.equal([0, 1]);
  });

  it('goes by the region of the node where replies name no timeline', () => {
    const bare = [...ops, extra(1, 8_000, 8_002)].map((op) => ({ ...op, timeline: 0 }));
    expect(lossOf({ ops: bare }).split_brain).to.equal(1);
  });
});

describe('the side of a write', () => {
  const write = { writer: 40, outcome: 'acknowledged' } as const;
  const before = [1, 2].map((timeline): Op => {
    return { ...write, sequence: timeline, scheduled_ms: 1_000 * timeline, node: EAST, timeline };
  });
  const after = (sequence: number, node: number, timeline: number): Op => {
    return { ...write, sequence, scheduled_ms: 8_000 + sequence, node, timeline };
  };
  const sidesAfter = (...later: Op[]) => {
    const disaster = { ...NOWHERE, region: 'east' };
    return [...sidesOf(operationsOf([...before, ...later]), header, disaster)].slice(before.length);
  };

  it('goes by the newest timeline of before the disaster, whichever node replied', () => {
    const later = [after(3, EAST, 3), after(4, WEST, 2), after(5, EAST, 2), after(6, WEST, 3)];
    expect(sidesAfter(...later)).to.deep.equal([SIDE.new, SIDE.old, SIDE.old, SIDE.new]);
  });

  it('goes by the node where a reply names no timeline', () => {
    const later = [after(3, EAST, 0), after(4, WEST, 0), after(5, NO_NODE, 0)];
    expect(sidesAfter(...later)).to.deep.equal([SIDE.old, SIDE.new, SIDE.nobody]);
  });
});

describe('the second opinion', () => {
  const lostOps = answered.filter(({ done_ms }) => done_ms! <= TIMES.faultStarted).slice(-10);
  const gone = new Set(lostOps.map(idOf));
  const serving = acknowledged(ops)
    .filter((op) => !gone.has(idOf(op)))
    .map(rowOf);
  const oldSide = answered.filter(({ node }) => node === EAST).map(rowOf);

  it('agrees when only lost and unknown writes are on the old disk alone', () => {
    const { second } = lossOf({ ops, readings: { serving, 'old-primary': oldSide } });
    const fine = { agrees: true, unexplained: 0, never_durable: 0 };
    expect(second).to.deep.equal({ only_old: 10, unknown: 0, ...fine });
  });

  it('tells how many rows of the old disk alone are of unknown writes', () => {
    const refused = new Set(ops.filter(({ outcome }) => outcome === 'refused').slice(0, 3));
    const asked = ops.map((op) => (refused.has(op) ? { ...op, outcome: 'unknown' as const } : op));
    const old = [...oldSide, ...[...refused].map(rowOf)];
    const { second } = lossOf({ ops: asked, readings: { serving, 'old-primary': old } });
    expect(second).to.include({ only_old: 13, unknown: 3, agrees: true });
  });

  it('disagrees with a row of the old disk that was refused, or that nobody sent', () => {
    const refused = ops.find(({ outcome }) => outcome === 'refused')!;
    for (const odd of [refused, { writer: 77, sequence: 1 }]) {
      const readings = { serving, 'old-primary': [...oldSide, rowOf(odd)] };
      const { loss, doubts } = measure(evidenceOf({ ops, readings }));
      expect(loss!.second).to.include({ only_old: 11, agrees: false, unexplained: 1 });
      expect(doubts.map(({ affects }) => affects)).to.deep.equal(['loss']);
    }
  });

  it('reports lost writes that are not on the old disk either', () => {
    const { second } = lossOf({ ops, readings: { serving, 'old-primary': oldSide.slice(0, -4) } });
    expect(second).to.include({ only_old: 6, unknown: 0, agrees: true, never_durable: 4 });
  });

  it('is missing with a reason', () => {
    expect(lossOf({ ops }).second_missing).to.contain('not read');
  });
});
