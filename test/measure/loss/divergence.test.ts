// What two serving databases are compared by, and what is missing in it: a difference fails a run,
// and what nobody looked at never passes.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { assess } from '../../../src/verdict/assess.ts';
import { marker, rowOf, TIMES, without, type Op } from '../../support/evidence/synthetic.ts';
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
} from '../../support/evidence/two-regions.ts';

const stuck = eastLast(100);

describe('the comparison of two serving databases', () => {
  const row = (key: string, values: Record<string, string | null>): RunEvent =>
    event({ t: TIMES.cut + 1_490, event: 'row.diverged', table: 'stock', key, values });
  const swapped = row('7', { east: 'a-1 b-2', west: 'b-2' });
  const differs = event({ ...agreed, differing: 2, ok: false });
  const readings = { serving: allRows, peer: allRows };
  const both = (events: readonly RunEvent[]) =>
    assess(evidenceOfBoth({ plan: partitionPlan, readings, events }));

  it('fails the run with the rows that differ and both values', () => {
    const { verdict, reasons, divergence } = both([
      swapped,
      row('9', { east: null, west: 'x' }),
      differs,
    ]);
    expect(verdict).to.equal('fail');
    expect(reasons).to.deep.equal([
      '2 rows differ between the serving databases: ' +
        'stock 7 (east "a-1 b-2", west "b-2"); stock 9 (east nothing, west "x").',
    ]);
    expect(divergence).to.include({ rows: 4_000, differing: 2, ok: false });
    expect(divergence!.listed).to.have.length(2);
  });

  it('counts also what is not listed', () => {
    const { reasons } = both([swapped, event({ ...differs, differing: 40 })]);
    expect(reasons[0]).to.match(/^40 rows differ .*; and 39 more\.$/);
  });

  it('forgets what had converged by the last look, and nothing after it', () => {
    expect(both([swapped, differs, agreed]).verdict).to.equal('pass');
    const { verdict, divergence } = both([differs, agreed, swapped]);
    expect([verdict, divergence!.differing]).to.deep.equal(['fail', 1]);
  });

  it('lists rows of the last comparison only, where earlier ones found others', () => {
    const last = [row('9', { east: null, west: 'x' }), event({ ...differs, differing: 1 })];
    const { reasons, divergence } = both([swapped, differs, ...last]);
    expect(reasons[0]).to.match(/^1 row differs .*: stock 9 \(east nothing, west "x"\)\.$/);
    expect(divergence!.listed.map(({ key }) => key)).to.deep.equal(['9']);
  });

  it('fails the run for rows of a comparison that never ended', () => {
    const { verdict, divergence } = both([swapped]);
    expect([verdict, divergence!.ok]).to.deep.equal(['fail', null]);
  });
});

describe('two serving databases of which something is not known', () => {
  const late = { 'after-return': allRows, 'peer-after-return': allRows };
  const broken = event({
    ...{ t: TIMES.cut + 1_450, event: 'survivors.read', store: 'orders', reading: 'peer' },
    ...{
      node: 'east/postgres',
      rows: 0,
      timeline: 1,
      snapshot: '',
      ok: false,
      detail: 'no answer',
    },
  });
  const failed = event({ ...agreed, ok: false, detail: 'east gave no answer' });
  const cases: Readonly<Record<string, readonly [BothParts, RegExp]>> = {
    'that were never compared after the return': [
      { readings: { serving: allRows, ...late }, events: [returned] },
      /were never compared with each other/,
    ],
    'that were never compared after the partition': [
      { plan: partitionPlan, readings: { serving: allRows, peer: allRows } },
      /were never compared with each other/,
    ],
    'whose comparison failed': [
      { plan: partitionPlan, readings: { serving: allRows, peer: allRows }, events: [failed] },
      /Whether the two serving databases agree is not known: east gave no answer/,
    ],
    'of which the second was never read': [
      { plan: partitionPlan, readings: { serving: allRows }, events: [agreed] },
      /What survived in the second serving database is not known: it was never read/,
    ],
    'of which the second could not be read': [
      { plan: partitionPlan, readings: { serving: allRows }, events: [agreed, broken] },
      /The second serving database could not be read to its end: no answer/,
    ],
    'of which the returned one was never read': [
      { readings: { serving: allRows, 'after-return': allRows }, events: [returned, agreed] },
      /the database of the returned region is not known: it was never read/,
    ],
    'of which the survivor was not read again': [
      { readings: { serving: allRows, 'peer-after-return': allRows }, events: [returned, agreed] },
      /the serving database after the return of the lost region is not known/,
    ],
    'of which neither was read after the return': [
      { readings: { serving: allRows }, events: [returned, agreed] },
      /the database of the returned region is not known: it was never read/,
    ],
  };
  for (const [title, [parts, reason]] of Object.entries(cases)) {
    it(`never pass: those ${title}`, () => {
      const { verdict, reasons } = assess(evidenceOfBoth(parts));
      expect(reasons.join('\n')).to.match(reason);
      expect(verdict).to.equal('inconclusive');
    });
  }

  it('never pass when rows went missing between the second database and the file', () => {
    const evidence = evidenceOfBoth({
      plan: partitionPlan,
      readings: { serving: allRows, peer: allRows },
      events: [agreed],
    });
    const events = evidence.events.map((each) => {
      return each.event === 'survivors.read' && each.reading === 'peer'
        ? { ...each, rows: 9 }
        : each;
    });
    const { verdict, reasons } = assess({ ...evidence, events });
    expect(verdict).to.equal('inconclusive');
    expect(reasons.join()).to.contain('The second serving database gave 9 rows');
  });

  it('prove no lie while one of them was not read whole', () => {
    const stranger = rowOf({ writer: 99, sequence: 4 });
    const after = [...without(allRows, stuck), stranger];
    const readings = { serving: allRows, 'after-return': after };
    const evidence = evidenceOfBoth({ readings, events: [returned, agreed] });
    const { failures, loss } = measure(evidence);
    expect([failures, loss!.classes.unexpected]).to.deep.equal([[], 1]);
  });

  it('are judged without a second one where the first strategy has only one', () => {
    const evidence = evidenceOfBoth({ readings: { serving: allRows } });
    expect(assess(evidence).verdict).to.equal('pass');
  });

  it('take a marker after the return for what it is', () => {
    const second: Op = { ...marker, sequence: 2, scheduled_ms: TIMES.cut + 1_300, timeline: 1 };
    const rows = [...allRows, rowOf(second)];
    const written = event({
      ...{
        t: TIMES.cut + 1_310,
        event: 'marker.written',
        store: 'orders',
        writer: marker.writer,
        sequence: 2,
      },
      ...{ node: 'east/app-1', ok: true, detail: '' },
    });
    const evidence = (after: typeof rows) =>
      evidenceOfBoth({
        ops: [...bothOps, second],
        readings: { serving: allRows, 'after-return': after, 'peer-after-return': after },
        events: [returned, agreed, written],
      });
    const { loss, doubts } = measure(evidence(rows));
    expect(loss!.classes).to.include({ late: 0, lost: 0, diverged: 0 });
    expect(doubts).to.deep.equal([]);
    expect(assess(evidence([...allRows])).reasons.join()).to.contain('The marker 65535-2 is not');
  });
});
