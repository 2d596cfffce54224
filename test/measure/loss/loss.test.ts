// The count of what survived: every class planted and found, and nothing else with it.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { OPERATION_KIND, type Outcome } from '../../../src/evidence/ledger/operation.ts';
import type { SurvivorRow } from '../../../src/evidence/survivors.ts';
import { classesOf } from '../../../src/measure/failback/failback-loss.ts';
import { measure } from '../../../src/measure/measure.ts';
import { CLASS_NAMES, type Loss } from '../../../src/drill/measurement.ts';
import {
  acknowledged,
  drive,
  evidenceOf,
  goneFor,
  hangs,
  idOf,
  marker,
  operationsOf,
  PAYLOAD_BYTES,
  rowOf,
  TIMES,
  WEST,
  withTargets,
  type EvidenceParts,
  type Op,
} from '../../support/evidence/synthetic.ts';
import { troubles } from '../../support/evidence/troubles.ts';

const ops = drive(goneFor(600));
const answered = acknowledged(ops).filter(({ kind }) => kind !== 'marker');

function lossOf(parts: EvidenceParts): Loss {
  const { loss } = measure(evidenceOf(parts));
  expect(loss).to.not.equal(null);
  return loss!;
}

describe('the loss', () => {
  it('is nothing when every acknowledged write is there', () => {
    const { loss, failures, doubts } = measure(evidenceOf({ ops }));
    expect(troubles(loss!)).to.deep.equal({});
    expect(loss!.rpo).to.deep.equal({ value: 0, low: 0, high: 0 });
    expect([failures, doubts]).to.deep.equal([[], []]);
  });

  it('is each dropped row, and only those, when every 7th is dropped after its acknowledgement', () => {
    const dropped = answered.filter((_, at) => at % 7 === 6);
    const gone = new Set(dropped.map(idOf));
    const serving = acknowledged(ops)
      .filter((op) => !gone.has(idOf(op)))
      .map(rowOf);
    const evidence = evidenceOf({ ops, readings: { serving } });
    const classes = classesOf(evidence, evidence.stores[0]!)!.classes;
    const found = ops.filter((_, row) => CLASS_NAMES[classes[row]!] === 'lost').map(idOf);
    expect(new Set(found)).to.deep.equal(gone);
    const loss = measure(evidence).loss!;
    expect(troubles(loss)).to.deep.equal({ lost: dropped.length });
    expect(loss.lost_bytes).to.equal(dropped.length * PAYLOAD_BYTES);
    expect(loss.lost_ids.map(idOf)).to.deep.equal(dropped.slice(0, 20).map(idOf));
  });

  it('finds a row that is stored twice, and only that', () => {
    const serving = [...acknowledged(ops), answered[123]!].map(rowOf);
    const { loss, failures } = measure(evidenceOf({ ops, readings: { serving } }));
    expect(troubles(loss!)).to.deep.equal({ duplicated: 1 });
    expect(failures.map(({ text }) => text).join()).to.contain(idOf(answered[123]!));
  });

  it('finds an altered payload, and only that', () => {
    const serving = acknowledged(ops).map(rowOf);
    serving[50] = { ...serving[50]!, digest_low: serving[50]!.digest_low ^ 1 };
    const { loss, failures } = measure(evidenceOf({ ops, readings: { serving } }));
    expect(troubles(loss!)).to.deep.equal({ corrupt: 1 });
    expect(failures.map(({ text }) => text).join()).to.contain(idOf(serving[50]));
  });

  it('finds a payload of another length', () => {
    const serving = acknowledged(ops).map(rowOf);
    serving[50] = { ...serving[50]!, payload_bytes: PAYLOAD_BYTES - 1 };
    expect(troubles(lossOf({ ops, readings: { serving } }))).to.deep.equal({ corrupt: 1 });
  });

  it('finds one altered copy of two', () => {
    const serving = acknowledged(ops).map(rowOf);
    serving.push({ ...serving[50]!, digest_high: 1 });
    expect(troubles(lossOf({ ops, readings: { serving } }))).to.deep.equal({ corrupt: 1 });
  });

  it('finds a refused row that was kept, and only that', () => {
    const refused = ops.filter(({ outcome }) => outcome === 'refused');
    const serving = [...acknowledged(ops), refused[3]!].map(rowOf);
    const { loss, failures } = measure(evidenceOf({ ops, readings: { serving } }));
    expect(troubles(loss!)).to.deep.equal({ unexpected: 1 });
    expect(failures.map(({ text }) => text).join()).to.contain(idOf(refused[3]!));
  });

  it('finds a row that nobody sent, once however often it is there', () => {
    const stranger = rowOf({ writer: 99, sequence: 5 });
    const serving = [...acknowledged(ops).map(rowOf), stranger, stranger];
    const { loss, failures } = measure(evidenceOf({ ops, readings: { serving } }));
    expect(troubles(loss!)).to.deep.equal({ unexpected: 1 });
    expect(failures.map(({ text }) => text).join()).to.contain('99-5');
  });

  it('counts unknown writes as recovered or vanished, never as loss', () => {
    const hanging = drive(goneFor(600, () => hangs));
    const unknown = hanging.filter(({ outcome }) => outcome === 'unknown');
    const serving = [...acknowledged(hanging), ...unknown.slice(0, 10)].map(rowOf);
    const loss = lossOf({ ops: hanging, readings: { serving } });
    expect(troubles(loss)).to.deep.equal({});
    expect(loss.classes.recovered).to.equal(10);
    expect(loss.classes.vanished).to.equal(unknown.length - 10);
  });

  it('calls what came back with the lost region late', () => {
    const serving = acknowledged(ops).slice(5).map(rowOf);
    const readings = { serving, 'after-return': acknowledged(ops).slice(2).map(rowOf) };
    const loss = lossOf({ ops, readings });
    expect(troubles(loss)).to.deep.equal({ lost: 2, late: 3 });
    expect(loss.rpo_after_return_ms).to.equal(loss.rpo.value);
  });

  it('treats seed rows and markers as writes', () => {
    const seed: Op = {
      kind: 'seed',
      writer: 0,
      sequence: 1,
      scheduled_ms: -50,
      outcome: 'acknowledged',
    };
    const all = [seed, ...ops];
    const loss = lossOf({ ops: all, readings: { serving: acknowledged(ops).map(rowOf) } });
    expect(troubles(loss)).to.deep.equal({ lost: 1 });
  });

  it('leaves reads out of the classes and counts the wrong ones', () => {
    const read: Op = {
      kind: 'read',
      writer: 1,
      sequence: 1,
      scheduled_ms: 10,
      outcome: 'acknowledged',
      flags: 1,
    };
    const loss = lossOf({
      ops: [...ops, read],
      readings: { serving: acknowledged(ops).map(rowOf) },
    });
    expect(troubles(loss)).to.deep.equal({});
    expect(loss.wrong_reads).to.equal(1);
  });
});

describe('the recovery point', () => {
  const before = answered.filter(({ done_ms }) => done_ms! <= TIMES.faultStarted);
  const withoutLast = (count: number) => {
    const gone = new Set(before.slice(-count).map(idOf));
    return acknowledged(ops)
      .filter((op) => !gone.has(idOf(op)))
      .map(rowOf);
  };

  it('reaches from the fault to the acknowledgement of the oldest lost write', () => {
    const { rpo } = lossOf({ ops, readings: { serving: withoutLast(30) } });
    const oldest = before.at(-30)!.done_ms!;
    expect(rpo.value).to.equal(TIMES.faultStarted - oldest);
    expect(rpo.high).to.equal(TIMES.faultInjected - before.at(-31)!.done_ms!);
  });

  it('ends at the newest lost write where the old side went on acknowledging', () => {
    const more: Op = { ...before.at(-1)!, sequence: 9_999, scheduled_ms: TIMES.faultStarted + 98 };
    const extended = { ...more, done_ms: TIMES.faultStarted + 100 };
    const readings = { serving: acknowledged(ops).map(rowOf) };
    const { rpo } = lossOf({ ops: [...ops, extended], readings });
    expect(rpo.value).to.equal(0);
    expect(rpo.high).to.be.greaterThan(90);
  });

  it('reaches back to the first send where nothing older survived', () => {
    const serving = [rowOf(marker)];
    const { rpo } = lossOf({ ops, readings: { serving } });
    expect(rpo.high).to.be.at.least(TIMES.faultInjected);
  });

  it('leaves out what the new side had acknowledged, which fails the run instead', () => {
    const newer = answered.find(({ node }) => node === WEST)!;
    const serving = acknowledged(ops)
      .filter((op) => op !== newer)
      .map(rowOf);
    const { loss, failures } = measure(evidenceOf({ ops, readings: { serving } }));
    expect(loss!.classes.lost).to.equal(1);
    expect(loss!.rpo.value).to.equal(0);
    expect(failures.map(({ text }) => text).join()).to.contain('acknowledged by the new side');
  });

  it('counts the acknowledged writes of the last second, or of the target', () => {
    expect(lossOf({ ops }).acknowledged_before).to.be.closeTo(200, 2);
    const plan = withTargets({ rpo_ms: 3_000 });
    expect(lossOf({ ops, plan }).acknowledged_before).to.be.closeTo(600, 2);
  });
});

describe('the classes', () => {
  const outcome = fc.constantFrom<Outcome[]>('acknowledged', 'refused', 'unknown', 'unsent');
  const write = fc.record({
    outcome,
    copies: fc.integer({ min: 0, max: 3 }),
    isAltered: fc.boolean(),
    writer: fc.integer({ min: 1, max: 3 }),
  });
  const world = fc.array(write, { maxLength: 60 }).chain((writes) => {
    const order = fc.shuffledSubarray(
      writes.map((_, at) => at),
      { minLength: writes.length },
    );
    return fc.tuple(fc.constant(writes), order, fc.array(fc.integer({ min: 1, max: 5 })));
  });

  it('give every id one class, sum up to the ledger, and never call an unknown write lost', () => {
    fc.assert(
      fc.property(world, ([writes, order, strangers]) => {
        const all = writes.map((one, at): Op => {
          return { writer: one.writer, sequence: at + 1, scheduled_ms: at, outcome: one.outcome };
        });
        const serving: SurvivorRow[] = writes.flatMap((one, at) => {
          const row = { ...rowOf(all[at]!), ...(one.isAltered ? { digest_low: 0 } : {}) };
          return Array.from({ length: one.copies }, () => row);
        });
        serving.push(...strangers.map((sequence) => rowOf({ writer: 9, sequence })));
        const parts = { ops: order.map((at) => all[at]!), readings: { serving } };
        const loss = lossOf(parts);
        const sum = (counts: Readonly<Record<string, number>>) =>
          Object.values(counts).reduce((total, count) => total + count, 0);
        expect(sum(loss.outcomes)).to.equal(writes.length);
        expect(sum(loss.classes)).to.equal(writes.length + new Set(strangers).size);
        const lost = writes.filter((one) => one.outcome === 'acknowledged' && one.copies === 0);
        expect(loss.classes.lost).to.equal(lost.length);
        const other = lossOf({ ops: all, readings: { serving: [...serving].reverse() } });
        expect(other).to.deep.equal(loss);
      }),
      { numRuns: 200 },
    );
  });

  it('are found for wild sequence numbers, too', () => {
    const wild = [3, 4_000_000_000, 17, 900_000_000].map((sequence): Op => {
      return { writer: 2, sequence, scheduled_ms: 10, outcome: 'acknowledged' };
    });
    const operations = operationsOf(wild);
    expect(operations.count).to.equal(4);
    expect([...operations.kind].every((kind) => kind === OPERATION_KIND.write)).to.equal(true);
    const loss = lossOf({ ops: wild, readings: { serving: wild.slice(1).map(rowOf) } });
    expect([loss.classes.lost, loss.classes.kept]).to.deep.equal([1, 3]);
  });
});
