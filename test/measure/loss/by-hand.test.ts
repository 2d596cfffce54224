// The loss of a handful of writes, reckoned by hand: how far back it reaches, whose it is, what was
// there to be lost, and the sentences of what no service may do.
import { expect } from 'chai';
import type { Loss } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { Reading } from '../../../src/evidence/survivors.ts';
import { classify, DRILL_SIGHTS } from '../../../src/measure/loss/classify.ts';
import { integrityFailures, lossOf } from '../../../src/measure/loss/loss.ts';
import { SIDE, sidesOf } from '../../../src/measure/loss/sides.ts';
import {
  EAST,
  header,
  operationsOf,
  plan,
  rowOf,
  survivorRows,
  WEST,
  type Op,
} from '../../support/evidence/synthetic.ts';

/** East is hit at 5,000 ms, and the fault is complete 4 ms later. */
const disaster = {
  region: 'east',
  ...{ started_ms: 5_000, injected_ms: 5_004 },
};
/** A write that was acknowledged so many ms after it was sent. */
const write = (sequence: number, sent: number, took = 2, more: Partial<Op> = {}): Op => {
  const times = { scheduled_ms: sent, sent_ms: sent, done_ms: sent + took };
  const base = { writer: 1, sequence, outcome: 'acknowledged', node: EAST, timeline: 1 } as const;
  return { ...base, ...times, ...more };
};
const byWest = { node: WEST, timeline: 2 } as const;

interface Parts {
  readonly lost?: readonly Op[];
  /** Gone at the cut, and back in the end. */
  readonly late?: readonly Op[];
  readonly besides?: readonly Pick<Op, 'writer' | 'sequence'>[];
  readonly disk?: readonly Pick<Op, 'writer' | 'sequence'>[];
  readonly plan?: Plan;
  readonly rpo_target_ms?: number | null;
  readonly mistake_ms?: number | null;
}

function count(ops: readonly Op[], parts: Parts = {}): Loss {
  const { lost = [], late = [], besides = [], disk } = parts;
  const operations = operationsOf(ops);
  const held = ops.filter(({ outcome, kind }) => outcome === 'acknowledged' && kind !== 'read');
  const all = [...held.filter((op) => !lost.includes(op)), ...besides];
  const readings = new Map<Reading, ReturnType<typeof survivorRows>>([
    ['serving', survivorRows(all.filter((op) => !late.includes(op as Op)).map(rowOf))],
  ]);
  if (late.length > 0) readings.set('after-return', survivorRows(all.map(rowOf)));
  if (disk !== undefined) readings.set('old-primary', survivorRows(disk.map(rowOf)));
  const sights = DRILL_SIGHTS;
  const classified = classify({ operations, readings, sights, isUndone: () => false })!;
  return lossOf({
    ...{ plan: parts.plan ?? plan, header, operations, classified, disaster },
    ...{ rpo_target_ms: parts.rpo_target_ms ?? null, mistake_ms: parts.mistake_ms ?? null },
    taken_ms: null,
    nameless: null,
    secondMissing: 'nobody looked',
  });
}

describe('how far back a loss reaches', () => {
  const [first, kept, old, young] = [
    write(1, 1_000),
    write(2, 3_000),
    write(3, 3_998),
    write(4, 4_500),
  ];
  const ops = [first, kept, old, young];

  it('is from the oldest lost acknowledgement to the fault; at most from the survivor before it', () => {
    const { rpo } = count(ops, { lost: [young, old] });
    expect(rpo).to.deep.equal({ value: 1_000, low: 1_000, high: 5_004 - 3_002 });
  });

  it('is at most from the first send of all, where nothing older survived', () => {
    expect(count(ops, { lost: ops }).rpo).to.deep.equal({ value: 3_998, low: 3_998, high: 4_004 });
  });

  it('takes no read, no write without an answer and none that is younger for that survivor', () => {
    const read = write(9, 500, 2, { kind: 'read' });
    const unknown = write(8, 3_500, 2, { outcome: 'unknown' });
    const { rpo } = count([...ops, read, unknown], { lost: ops, besides: [unknown] });
    expect(rpo.high).to.equal(4_004);
    expect(count([read, ...ops], { lost: [first] }).rpo.high).to.equal(4_004);
    const answerless = { lost: [old], besides: [unknown] };
    expect(count([...ops, unknown], answerless).rpo.high).to.equal(5_004 - 3_002);
    const gone = write(7, 3_700, 2, { kind: 'update' });
    expect(count([...ops, gone], { lost: [old, gone] }).rpo.high).to.equal(5_004 - 3_002);
    const same = write(5, 3_990, 10);
    expect(count([...ops, same], { lost: [old] }).rpo.high).to.equal(5_004 - 3_002);
  });

  it('ends with the newest lost write, where that came after the fault', () => {
    const after = write(5, 5_998);
    expect(count([...ops, after], { lost: [old, after] }).rpo).to.deep.equal({
      ...{ value: 2_000, low: 2_000 },
      high: 6_000 - 3_002,
    });
    const alone = count([...ops, after], { lost: [after] }).rpo;
    expect(alone).to.deep.equal({ value: 0, low: 0, high: 6_000 - 4_502 });
  });

  it('is rounded outwards, to the eighth of a millisecond', () => {
    const odd = write(5, 4_000, 0.3);
    expect(count([first, odd], { lost: [odd] }).rpo.value).to.equal(999.75);
  });

  it('counts what came back late, and tells without it what is lost for good', () => {
    const back = count(ops, { late: [old], lost: [young] });
    expect([back.rpo.value, back.rpo_after_return_ms]).to.deep.equal([1_000, 498]);
    expect(count(ops, { lost: [young] }).rpo_after_return_ms).to.equal(null);
  });

  it('leaves out what the new side lost, which is told apart', () => {
    const own = write(6, 6_000, 2, byWest);
    const { rpo, lost_after_recovery, lost_bytes } = count([...ops, own], { lost: [young, own] });
    expect([rpo.value, lost_after_recovery, lost_bytes]).to.deep.equal([498, 1, 128]);
    const both = { ...plan, strategy: 'active-active' } as const;
    const spread = count([...ops, own], { lost: [young, own], plan: both });
    expect([spread.rpo.value, spread.lost_after_recovery]).to.deep.equal([6_002 - 4_502, 0]);
  });
});

describe('what is counted of a loss', () => {
  it('is listed by acknowledgement, then by id, up to twenty', () => {
    const at = (writer: number, sequence: number, sent: number) =>
      write(sequence, sent, 2, { writer });
    const ops = [at(2, 1, 4_000), at(1, 9, 4_000), at(1, 3, 4_000), at(5, 1, 3_000)];
    const ids = (loss: Loss) =>
      loss.lost_ids.map(({ writer, sequence }) => `${writer}-${sequence}`);
    expect(ids(count(ops, { lost: ops }))).to.deep.equal(['5-1', '1-3', '1-9', '2-1']);
    const many = Array.from({ length: 21 }, (_, n) => write(n + 1, 4_000 + n));
    expect(count(many, { lost: many }).lost_ids).to.have.length(20);
  });

  it('has an outcome of each write and of no read, and the reads that were wrong', () => {
    const read = { kind: 'read' } as const;
    const ops = [
      ...[write(1, 10), write(2, 20, 2, { flags: 1 }), write(3, 30, 2, read)],
      ...[write(4, 40, 2, { ...read, flags: 1 }), write(5, 50, 2, { ...read, flags: 2 })],
      ...[write(6, 60, 2, { outcome: 'refused' }), write(7, 70, 2, { outcome: 'unknown' })],
      write(8, 80, 2, { outcome: 'unsent' }),
    ];
    const { outcomes, wrong_reads } = count(ops);
    expect(outcomes).to.deep.equal({ acknowledged: 2, refused: 1, unknown: 1, unsent: 1 });
    expect(wrong_reads).to.equal(1);
  });

  it('rests on what clients had acknowledged in the last second, or in the time of the target', () => {
    const ops = [
      ...[write(1, 2_998), write(2, 3_997), write(3, 3_998), write(4, 4_998), write(5, 4_999)],
      ...[write(6, 4_500, 2, { kind: 'update' }), write(7, 4_500, 2, { kind: 'read' })],
      ...[write(8, 4_500, 2, { kind: 'seed' }), write(9, 4_500, 2, { outcome: 'unknown' })],
    ];
    expect(count(ops).acknowledged_before).to.equal(3);
    expect(count(ops, { rpo_target_ms: 500 }).acknowledged_before).to.equal(3);
    expect(count(ops, { rpo_target_ms: 2_000 }).acknowledged_before).to.equal(5);
  });

  it('asks the old disk for what it owes: nothing that a mistake had deleted before', () => {
    const ops = [write(1, 4_000), write(2, 4_001), write(3, 4_002)];
    const second = (mistake_ms: number | null, disk = [ops[2]!]) =>
      count(ops, { lost: ops, disk, mistake_ms }).second!;
    expect([second(null).never_durable, second(4_001).never_durable]).to.deep.equal([2, 0]);
    expect(second(4_000).never_durable).to.equal(1);
    expect(count(ops, { disk: ops }).second).to.deep.include({ only_old: 0, agrees: true });
    const stranger = { writer: 9, sequence: 9 };
    const both = count(ops, { besides: [stranger], disk: [stranger] });
    expect(both.second).to.deep.include({ only_old: 0, unexplained: 0 });
    expect([both.second_missing, count(ops).second_missing]).to.deep.equal([null, 'nobody looked']);
  });
});

describe('both sides of a loss', () => {
  const old = [write(1, 1_000), write(2, 4_998)];
  const split = (ops: readonly Op[], its: Plan = plan) => {
    const { split_brain, split_brain_possible } = count([...old, ...ops], { plan: its });
    return [split_brain, split_brain_possible];
  };
  /** The first of the new side was sent at 6,000 and answered at 6,010. */
  const begins = write(10, 6_000, 10, byWest);

  it('are split where the old one took a write after the answer of the first new one', () => {
    const later = write(11, 7_000, 2, byWest);
    expect(split([begins, later, write(12, 6_011)])).to.deep.equal([1, 0]);
    expect(split([later, begins, write(12, 6_010)])).to.deep.equal([0, 1]);
    const first = count([begins, later, ...old, write(12, 6_011)]);
    expect(first.split_brain).to.equal(1);
    expect(split([begins, write(12, 5_999, 2)])).to.deep.equal([0, 1]);
    expect(split([begins, write(12, 5_998, 2)])).to.deep.equal([0, 0]);
    expect(split([write(12, 6_011)])).to.deep.equal([0, 0]);
  });

  it('are never split where both serve, nor by what the second served before the fault', () => {
    const both = { ...plan, strategy: 'active-active' } as const;
    expect(split([begins, write(12, 6_011)], both)).to.deep.equal([0, 0]);
    const early = write(9, 2_000, 2, { node: WEST, timeline: 0 });
    const at = write(13, 4_990, 10, { node: WEST, timeline: 0 });
    expect(split([early, write(12, 4_000)])).to.deep.equal([0, 0]);
    expect(split([at, write(12, 5_001)])).to.deep.equal([1, 1]);
  });

  it('are told by timelines of acknowledged writes up to the disaster, or by regions', () => {
    const sides = (...ops: Op[]) => [...sidesOf(operationsOf(ops), header, disaster)];
    const after = write(5, 6_000, 2, { timeline: 2, node: WEST });
    expect(sides(write(1, 4_998, 2, { timeline: 2 }), after)).to.deep.equal([SIDE.old, SIDE.old]);
    expect(sides(write(1, 4_000), write(2, 4_999, 2, { timeline: 2 }), after)).to.deep.equal([
      SIDE.old,
      SIDE.new,
      SIDE.new,
    ]);
    const read = write(2, 4_000, 2, { kind: 'read', timeline: 2 });
    const unknown = write(3, 4_000, 2, { outcome: 'unknown', timeline: 2 });
    expect(sides(write(1, 4_000), read, unknown, after)).to.deep.equal([
      SIDE.old,
      SIDE.nobody,
      SIDE.nobody,
      SIDE.new,
    ]);
    expect(sides(write(1, 6_000, 2, { timeline: 3 }))).to.deep.equal([SIDE.old]);
  });
});

describe('what no service may do', () => {
  const ops = [write(1, 4_000), write(2, 4_100), write(3, 4_200, 2, { outcome: 'refused' })];
  const failures = (loss: Loss, its: Plan = plan) => integrityFailures(its, loss);

  it('is told with its ids in their order, five of them', () => {
    const strangers = [
      [9, 2],
      [9, 1],
      [8, 7],
      [9, 3],
      [9, 4],
    ].map(([writer, sequence]) => {
      return { writer: writer!, sequence: sequence! };
    });
    const loss = count(ops, { besides: [ops[2]!, ...strangers] });
    const what = 'are present although refused or never sent';
    expect(failures(loss)).to.deep.equal([
      { code: 'write-unexpected', text: `6 writes ${what}: 1-3, 8-7, 9-1, 9-2, 9-3 and 1 more.` },
    ]);
    expect(Object.keys(loss.violation_ids)).to.deep.equal(['unexpected']);
  });

  it('is to keep a write twice, unless the file allows it', () => {
    const loss = count(ops, { besides: [ops[0]!] });
    const text = '1 write is present more than once: 1-1.';
    expect(failures(loss)).to.deep.equal([{ code: 'write-duplicated', text }]);
    const allowing = { ...plan, targets: { ...plan.targets, duplicates: 'allow' } } as const;
    expect(failures(loss, allowing)).to.deep.equal([]);
    const stranger = count(ops, { besides: [{ writer: 9, sequence: 1 }] });
    expect(failures(stranger, allowing)).to.have.length(1);
  });

  it('is to lose what the new side acknowledged', () => {
    const own = [write(5, 6_000, 2, byWest), write(6, 6_100, 2, byWest)];
    const text = '2 writes acknowledged by the new side after the recovery went missing.';
    expect(failures(count([...ops, ...own], { lost: own }))).to.deep.equal([
      { code: 'write-lost-after-recovery', text },
    ]);
  });

  it('is told of one that is not as it was sent', () => {
    const loss = count(ops);
    const corrupt = { ...loss, classes: { ...loss.classes, corrupt: 2 } };
    const ids = { corrupt: [{ writer: 1, sequence: 1 }] };
    const text = '2 writes are present with a payload that no client sent: 1-1 and 1 more.';
    expect(failures({ ...corrupt, violation_ids: ids })).to.deep.equal([
      { code: 'write-corrupt', text },
    ]);
  });

  it('is a change of a shared row that is wiped out', () => {
    const update = write(5, 4_300, 2, { kind: 'update' });
    const what = 'not the same in two serving databases, or wiped out of a shared row';
    expect(failures(count([...ops, update], { lost: [update] }))).to.deep.equal([
      { code: 'write-diverged', text: `1 write is ${what}: 1-5.` },
    ]);
  });
});
