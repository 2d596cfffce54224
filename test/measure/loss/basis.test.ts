// What the count of one store rests on, by a handful of writes: readings, markers, files, the old
// disk, and what a restore undid on purpose.
import { expect } from 'chai';
import type { Doubt } from '../../../src/drill/measurement.ts';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { StoreRole } from '../../../src/drill/stores.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import type { StoreEvidence } from '../../../src/evidence/evidence.ts';
import type { Reading, SurvivorRow } from '../../../src/evidence/survivors.ts';
import { measureLoss, readingDoubts, servesTwice } from '../../../src/measure/loss/store-loss.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import {
  EAST,
  header,
  journal,
  marker,
  operationsOf,
  plan,
  rowOf,
  survivorRows,
  TIMES,
  WEST,
  type Op,
} from '../../support/evidence/synthetic.ts';
import { twoStores } from '../../support/evidence/two-stores.ts';
import { event, partitionPlan, returned } from '../../support/evidence/two-regions.ts';

const { cut, faultStarted } = TIMES;
const write = (sequence: number, sent: number, more: Partial<Op> = {}): Op => {
  const its = { writer: 1, sequence, scheduled_ms: sent, outcome: 'acknowledged' } as const;
  return { ...its, node: EAST, timeline: 1, ...more };
};
const ops = [write(1, 1_000), write(2, 2_000), marker];
const all = ops.map(rowOf);
const read = (reading: Reading, rows: number, more: object = {}): RunEvent =>
  event({
    ...{ t: cut + 1_200, event: 'survivors.read', store: 'orders', reading, rows, ok: true },
    ...{ node: 'west/postgres', timeline: 2, snapshot: '', detail: '', ...more },
  });

interface Parts {
  readonly ops?: readonly Op[];
  readonly readings?: Partial<Record<Reading, readonly SurvivorRow[]>>;
  readonly reads?: readonly RunEvent[];
  readonly plan?: Plan;
  readonly changes?: Parameters<typeof journal>[0];
  readonly files?: readonly Doubt[];
  readonly store?: StoreRole;
  readonly change?: (from: StoreEvidence) => StoreEvidence;
}

function count({ readings = { serving: all }, ...parts }: Parts = {}) {
  const { store = 'orders', plan: its = plan, change = (from: StoreEvidence) => from } = parts;
  const entries = Object.entries(readings) as [Reading, readonly SurvivorRow[]][];
  const reads = parts.reads ?? entries.map(([name, rows]) => read(name, rows.length));
  const run = new Timeline(its, [...journal(parts.changes), ...reads]);
  const from = change({
    ...{ store, header, operations: operationsOf(parts.ops ?? ops) },
    readings: new Map(entries.map(([name, rows]) => [name, survivorRows(rows)])),
  });
  const basis = { run, disaster: run.disaster!, files: parts.files ?? [], nameOf: () => null };
  const { value, doubts, failures } = measureLoss(basis, from);
  for (const { affects } of doubts) expect(affects).to.equal('loss');
  const reasons = doubts.map(({ reason }) => reason);
  return { loss: value.loss, reasons, failures: failures.map(({ code }) => code), doubts };
}

describe('what a count rests on', () => {
  it('is a reading to its end, of as many rows as the file holds', () => {
    expect(count()).to.deep.include({ reasons: [], failures: [] });
    expect(count({ reads: [] }).reasons).to.deep.equal([
      'The journal does not say that the serving database was read to its end.',
    ]);
    expect(count({ reads: [read('serving', 9)] }).reasons).to.deep.equal([
      'The database gave 9 rows, survivors.bin holds 3.',
    ]);
    const later = { serving: all, 'after-return': all };
    const ofLater = [read('serving', 3), read('after-return', 9)];
    const title = 'The serving database after the return of the lost region';
    expect(count({ readings: later, reads: ofLater }).reasons).to.deep.equal([
      `${title} gave 9 rows, survivors.bin holds 3.`,
    ]);
  });

  it('is none without operations, a header or a reading, and why that is', () => {
    expect(count({ change: (from) => ({ ...from, operations: null }) }).loss).to.equal(null);
    expect(count({ change: (from) => ({ ...from, header: null }) }).loss).to.equal(null);
    const what = 'What survived in the serving database is not known';
    const unread = count({ readings: {} });
    expect(unread.doubts).to.deep.equal([
      {
        ...{ affects: 'loss', store: 'orders', endsEarly: true },
        reason: `${what}: it was never read.`,
      },
    ]);
    const again = { slice: 'failback', main: 'after-failback', due: [], others: [] } as const;
    const run = new Timeline(plan, journal());
    const from = { store: 'orders', header, operations: null, readings: new Map() } as const;
    expect(readingDoubts(run, from, null, again).map(({ reason }) => reason)).to.deep.equal([
      'What survived in the serving database after the failback is not known: it was never read.',
    ]);
    const broken = read('serving', 0, { ok: false, detail: 'no answer.' });
    const others = [read('peer', 3), read('peer', 0, { ok: false, detail: 'not that one' })];
    expect(count({ readings: {}, reads: [...others, broken] }).doubts).to.deep.equal([
      { affects: 'loss', store: 'orders', reason: `${what}: no answer.` },
    ]);
  });

  it('is a marker that was written and is there', () => {
    const written = (ok: boolean, sequence = 1, detail = '') =>
      event({
        ...{ t: cut + 1_110, event: 'marker.written', store: 'orders', writer: marker.writer },
        ...{ sequence, node: 'west/app-1', ok, detail },
      });
    const of = (...markers: RunEvent[]) => count({ changes: { 'marker.written': markers } });
    expect(of().reasons).to.deep.equal([
      'No marker was written, so nothing proves which database serves.',
    ]);
    expect(of(written(false, 1, 'refused.')).reasons).to.deep.equal([
      'The marker could not be written: refused.',
    ]);
    const missing =
      'The marker 65535-5 is not among the survivors, ' +
      'so the database that was read is not the one that serves.';
    expect(of(written(true), written(true, 5)).reasons).to.deep.equal([missing]);
    const first = { ops: [marker, ...ops.slice(0, 2)] };
    expect(count(first).reasons).to.deep.equal([]);
  });

  it('is the first marker at the cut, and a later one in the end', () => {
    const back = { serving: all.slice(0, 2), 'after-return': all };
    expect(count({ readings: back }).reasons.join()).to.match(/^The marker 65535-1 is not/);
  });

  it('proves nothing where a file of it is damaged', () => {
    const twice = { readings: { serving: [...all, all[0]!] } };
    expect(count(twice).failures).to.deep.equal(['write-duplicated']);
    const damaged = (doubt: Doubt) => count({ ...twice, files: [doubt] }).failures;
    const reason = 'damaged';
    expect(damaged({ affects: 'all', reason })).to.deep.equal([]);
    expect(damaged({ affects: 'loss', store: 'orders', reason })).to.deep.equal([]);
    const ofOther = damaged({ affects: 'loss', store: 'carts', reason });
    expect(ofOther).to.deep.equal(['write-duplicated']);
  });

  it('is both databases where two serve in the end, and else the one', () => {
    const both = { plan: partitionPlan };
    const never = (title: string) => `What survived in ${title} is not known: it was never read.`;
    expect(count(both).reasons).to.deep.equal([never('the second serving database')]);
    const changes = { 'region.returned': [returned] };
    const [survivor, back] = [
      'the serving database after the return of the lost region',
      'the database of the returned region',
    ];
    expect(count({ ...both, changes }).reasons).to.deep.equal([never(survivor), never(back)]);
    const half = { readings: { serving: all, 'after-return': all } };
    expect(count({ ...both, ...half }).reasons).to.deep.equal([never(back)]);
    const other = { readings: { serving: all, 'peer-after-return': all } };
    expect(count({ ...both, ...other }).reasons).to.deep.equal([never(survivor)]);
    const run = (of: Plan) => new Timeline(of, [...journal(), returned]);
    const [pair, one] = [run(partitionPlan), run(plan)];
    expect(servesTwice(pair, pair.disaster!)).to.equal(true);
    expect(servesTwice(one, one.disaster!)).to.equal(false);
  });
});

describe('the old disk', () => {
  const missing = (parts: Parts) => count(parts).loss!.second_missing;
  const failed = read('old-primary', 0, { ok: false, detail: 'no such folder.' });

  it('is missing for a reason: destroyed, unreadable, without a log, or not read', () => {
    const destroyed = plannedFault('lose-region', { how: 'kill', disks: 'destroyed' });
    const its = { ...plan, faults: [destroyed] };
    expect(missing({ plan: its })).to.equal('the disks of region east were destroyed');
    const reads = [read('serving', 3), failed];
    expect(missing({ reads })).to.equal('no such folder');
    expect(missing({})).to.equal("the old primary's disk was not read");
    const redis = { ...twoStores.redis!, appendonly: 'no' } as const;
    const carts = { ...twoStores, redis };
    const why = 'Redis kept no append-only file (appendonly: no), so its disk knows nothing';
    expect(missing({ store: 'carts', plan: carts })).to.equal(why);
    expect(missing({ store: 'orders', plan: carts })).to.equal(
      "the old primary's disk was not read",
    );
    expect(missing({ store: 'carts' })).to.equal("the old primary's disk was not read");
  });

  it('that was read must have its rows in the file, and be explained', () => {
    const reads = [read('serving', 3), read('old-primary', 5)];
    const unread = 'The old primary gave 5 rows, survivors.bin holds 0.';
    expect(count({ reads }).reasons).to.deep.equal([unread]);
    const odd = { writer: 9, sequence: 1 };
    const readings = { serving: all, 'old-primary': [rowOf(odd)] };
    const what = 'that neither loss nor unknown outcomes explain';
    expect(count({ readings }).reasons).to.deep.equal([`The old primary holds 1 write ${what}.`]);
    expect(count({ readings: { ...readings, 'old-primary': all } }).reasons).to.deep.equal([]);
    expect(count({ reads: [read('serving', 3), failed] }).reasons).to.deep.equal([]);
  });
});

describe('what a restore undid on purpose', () => {
  const harmed = (t: number) =>
    event({ t, event: 'data.harmed', statement: 'delete', rows: 9, lsn: '0/3', name: 'before' });
  const faults = [plannedFault('corrupt-data', { statement: 'delete', share: 0.5 })];
  const recover = {
    ...plan.recover,
    with: 'restore-to-point',
    target: { by: 'before-fault' },
  } as const;
  const at = faultStarted + 100;
  // Acknowledged 2 ms after it was sent: at the moment of the mistake, after it, and by the new side.
  const late = [write(3, at - 2), write(4, at), write(5, at, { node: WEST, timeline: 2 })];
  const lossOf = (its: Plan) =>
    count({
      ops: [...ops, ...late],
      plan: its,
      changes: { 'data.harmed': [harmed(at)] },
    }).loss!;
  const classes = (its: Plan) => lossOf(its).classes;

  it('is what the old side acknowledged after the mistake, and nothing else', () => {
    const restored = { ...plan, faults, recover };
    expect(classes(restored)).to.include({ intended: 1, lost: 2, kept: 3 });
    expect(lossOf(restored).lost_ids.map(({ sequence }) => sequence)).to.deep.equal([3, 5]);
  });

  it('is not owed by the old disk, which the mistake had harmed too', () => {
    const gone = [write(6, at - 50), write(7, at + 50)];
    const second = (...more: RunEvent[]) =>
      count({
        ops: [...ops, ...gone],
        plan: { ...plan, faults },
        changes: { 'data.harmed': more },
        readings: { serving: all, 'old-primary': all },
      }).loss!.second!.never_durable;
    expect([second(harmed(at)), second()]).to.deep.equal([1, 2]);
  });

  it('is nothing where another recovery ran, or no mistake was made', () => {
    expect(classes({ ...plan, faults })).to.include({ intended: 0, lost: 3 });
    expect(classes({ ...plan, recover })).to.include({ intended: 0, lost: 3 });
  });
});

describe('the targets of a store', () => {
  it('are its own: they say what was there to be lost', () => {
    const its = {
      ...twoStores,
      targets: { ...twoStores.targets, rpo_ms: 1_000, redis: { rpo_ms: 4_000, lost_writes: null } },
    };
    const before = (store: StoreRole, of: Plan = its) =>
      count({ store, plan: of }).loss!.acknowledged_before;
    expect([before('orders'), before('carts')]).to.deep.equal([0, 2]);
    expect(before('carts', plan)).to.equal(0);
  });
});
