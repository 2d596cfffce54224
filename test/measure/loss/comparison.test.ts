// The comparison of two serving databases, by the journal alone: what is listed, counted, failed and
// left open.
import { expect } from 'chai';
import type { Plan } from '../../../src/drill/plan/plan.ts';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { measureDivergence } from '../../../src/measure/loss/divergence.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { journal, plan } from '../../support/evidence/synthetic.ts';
import { event, partitionPlan } from '../../support/evidence/two-regions.ts';

const row = (key: string, east: string | null = 'a'): RunEvent =>
  event({ t: 21_000, event: 'row.diverged', table: 'stock', key, values: { east, west: 'b' } });
const listedRow = (key: string) => ({ table: 'stock', key, values: { east: 'a', west: 'b' } });
const compared = (differing: number, ok = differing === 0, detail = ''): RunEvent =>
  event({ t: 21_500, event: 'convergence.checked', rows: 400, differing, ok, detail });

/** Of two regions that both serve, unless it is said. */
function found(events: readonly RunEvent[], of: Plan = partitionPlan) {
  const { disaster } = new Timeline(of, journal());
  return measureDivergence(new Timeline(of, events), disaster!);
}
const textsOf = (...events: RunEvent[]) => found(events).failures.map(({ text }) => text);
const DIFFER = 'differ between the serving databases';
const UNENDED = 'The two serving databases were never compared with each other to the end.';

describe('a comparison of two databases', () => {
  it('that found no difference says so, and nothing against the run', () => {
    expect(found([compared(0)])).to.deep.equal({
      value: { rows: 400, differing: 0, ok: true, detail: '', listed: [] },
      ...{ doubts: [], failures: [] },
    });
  });

  it('that never ended counts the rows that it came to, and leaves the loss open', () => {
    const { value, doubts, failures } = found([row('1'), row('2'), row('1')]);
    const listed = [listedRow('1'), listedRow('2')];
    expect(value).to.deep.equal({ rows: null, differing: 2, ok: null, detail: '', listed });
    expect(doubts).to.deep.equal([{ affects: 'loss', reason: UNENDED }]);
    expect(failures.map(({ code }) => code)).to.deep.equal(['databases-diverged']);
  });

  it('is due where both serve in the end, and nowhere else', () => {
    expect(found([]).doubts).to.deep.equal([{ affects: 'loss', reason: UNENDED }]);
    expect(found([], plan)).to.deep.equal({ value: null, doubts: [], failures: [] });
  });

  it('that failed leaves it open, due or not', () => {
    const failed = compared(0, false, 'east gave no answer.');
    const reason = 'Whether the two serving databases agree is not known: east gave no answer.';
    for (const of of [partitionPlan, plan]) {
      const { value, doubts } = found([row('1'), failed], of);
      expect(value).to.deep.include({ ok: false, differing: 0, listed: [listedRow('1')] });
      expect(doubts).to.deep.equal([{ affects: 'loss', reason }]);
    }
  });

  it('with a difference is none that agreed, whatever else it says', () => {
    const { value, failures } = found([row('1'), compared(1, true)]);
    expect(value).to.deep.include({ ok: false, differing: 1, listed: [listedRow('1')] });
    expect(failures).to.deep.equal([
      {
        code: 'databases-diverged',
        text: '1 row differs between the serving databases: stock 1 (east "a", west "b").',
      },
    ]);
  });

  it('names three rows, and how many more there are', () => {
    const rows = ['1', '2', '3', '4'].map((key) => row(key));
    const three = ['1', '2', '3'].map((key) => `stock ${key} (east "a", west "b")`).join('; ');
    expect(textsOf(...rows, compared(4))).to.deep.equal([
      `4 rows ${DIFFER}: ${three}; and 1 more.`,
    ]);
    expect(textsOf(...rows.slice(1), compared(3))[0]).to.match(/stock 4 \([^;]*\)\.$/);
    expect(textsOf(compared(40))).to.deep.equal([`40 rows ${DIFFER}.`]);
  });

  it('shows the end of a long value, where two of them mostly part', () => {
    const shown = (value: string) =>
      /east "(.*)", west/.exec(textsOf(row('1', value), compared(1))[0]!);
    const [forty, longer] = ['x'.repeat(39) + 'y', 'abc' + 'x'.repeat(38) + 'y'];
    expect(shown(forty)![1]).to.equal(forty);
    expect(shown(longer)![1]).to.equal(`…${'x'.repeat(38)}y`);
  });
});
