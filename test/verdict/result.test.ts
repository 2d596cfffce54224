// `result.json` of what was measured: what is a key, what is null, and what is left out.
import { expect } from 'chai';
import type { Divergence, Failback, Recovery } from '../../src/drill/measurement.ts';
import { measure } from '../../src/measure/measure.ts';
import { assess, writeResult } from '../../src/verdict/assess.ts';
import { isWatched } from '../../src/verdict/gates.ts';
import {
  resultDivergence,
  resultExposure,
  resultFailback,
  resultLoss,
  resultRecovery,
  type Verdict,
} from '../../src/verdict/result.ts';
import { evidenceOf } from '../support/evidence/synthetic.ts';

const sound = measure(evidenceOf());
const recovered = (facts: Partial<Recovery> = {}) =>
  resultRecovery({ ...sound.recovery!, ...facts })!;

describe('the result of a recovery', () => {
  it('has the high end of the RTO only where that is above its value', () => {
    const rto = { value: 600, low: 595, high: 602 };
    expect(recovered({ rto })).to.deep.include({ rto_ms: 600, rto_high_ms: 602 });
    for (const same of [
      { ...rto, high: 600 },
      { ...rto, high: null },
    ]) {
      expect(recovered({ rto: same })).to.not.have.any.keys('rto_high_ms', 'rto_low_ms');
    }
    const never = { value: null, low: 15_000, high: null };
    expect(recovered({ rto: never })).to.include({ rto_ms: null, rto_low_ms: 15_000 });
    expect(recovered({ rto: { ...never, high: 20_000 } })).to.not.have.property('rto_high_ms');
    expect(recovered({ rto: { ...never, low: null } })).to.not.have.property('rto_low_ms');
    expect(recovered({ rto })).to.not.have.property('rto_low_ms');
  });

  it('has the width of the interval, and none where an end is open', () => {
    const width = (low: number | null, high: number | null) =>
      recovered({ rto: { value: 600, low, high } }).uncertainty_ms;
    expect(width(595, 602)).to.equal(7);
    expect([width(null, 602), width(595, null), width(null, null)]).to.deep.equal([
      null,
      null,
      null,
    ]);
  });

  it('leaves out what not every run has', () => {
    const facts = {
      fault_spread_ms: 3,
      disturbed_before_ms: 30,
      stopped_after_ms: 300,
      by_fault: [],
    };
    expect(recovered(facts)).to.include(facts);
    expect(recovered()).to.not.have.any.keys(...Object.keys(facts));
  });

  it('has the steady state, null where it was not seen, and the gap after the fault', () => {
    const steady = { served_per_s: 200, p99_ms: 2, within_ms: 100 };
    const gaps = { steady: 5, after: 607 };
    expect(recovered({ steady, longest_gap_ms: gaps })).to.include({
      ...{ steady_served_per_s: 200, steady_p99_ms: 2, served_within_ms: 100 },
      longest_gap_ms: 607,
    });
    expect(recovered({ steady: null })).to.include({
      ...{ steady_served_per_s: null, steady_p99_ms: null, served_within_ms: null },
    });
    const { outages, marks, phases, downtime_ms } = sound.recovery!;
    expect(recovered()).to.deep.include({ outages, marks, phases, downtime_ms });
    expect(resultRecovery(null)).to.equal(null);
  });
});

describe('the result of the loss', () => {
  const loss = { ...sound.loss!, lost_ids: [{ writer: 3, sequence: 14 }], lost_bytes: 64 };

  it('has outcomes and classes beside each other, each store by its engine', () => {
    const carts = { ...loss, outcomes: { ...loss.outcomes, refused: 9 } };
    const result = resultLoss(loss, [
      { store: 'orders', loss },
      { store: 'carts', loss: carts },
    ])!;
    expect(Object.keys(result.stores)).to.deep.equal(['postgres', 'redis']);
    expect(result.stores.redis!.refused).to.equal(9);
    const { outcomes, classes } = loss;
    // The outcomes count what was refused and unsent, be it there or not.
    expect(result).to.include({ ...outcomes, kept: classes.kept, lost: 0, lost_bytes: 64 });
    expect(result.refused).to.be.greaterThan(0);
    expect(result).to.include({ rpo_ms: loss.rpo.value, rpo_high_ms: loss.rpo.high });
    expect(result.lost_ids).to.deep.equal(['3-14']);
    expect(resultLoss(null, [])).to.equal(null);
  });

  it('has the second opinion, or why there is none', () => {
    const second = { only_old: 4, unknown: 1, agrees: false, unexplained: 3, never_durable: 2 };
    const told = resultLoss({ ...loss, second, second_missing: null }, [])!;
    expect(told.second).to.deep.equal({
      ...{ only_old: 4, unknown: 1, agrees: false, never_durable: 2 },
    });
    const missing = resultLoss({ ...loss, second: null, second_missing: 'nobody looked' }, [])!;
    expect([missing.second, missing.second_missing]).to.deep.equal([null, 'nobody looked']);
  });
});

describe('the result of the rest', () => {
  it('has the failback with its own loss', () => {
    const { loss } = sound;
    const failback: Failback = {
      ...{ protected_ms: 2_000, protected_how: 'rewound', switchover_ms: 200, pause_ms: 150 },
      ...{ outages: [], salvaged: 3, rto: { value: 150, low: 140, high: 152 }, loss },
      stores: [{ store: 'orders', loss }],
    };
    const result = resultFailback(failback)!;
    expect(result).to.include({ rto_ms: 150, uncertainty_ms: 12, salvaged: 3, pause_ms: 150 });
    expect(result.loss!.stores.postgres.kept).to.equal(loss!.classes.kept);
    expect(result).to.not.have.any.keys('rto', 'stores');
    expect(resultFailback(null)).to.equal(null);
  });

  it('has what was at stake, and what waited only where something did', () => {
    const exposure = { region: 'east', bytes: 0, ms: 5, detail: '' };
    expect(resultExposure(exposure)).to.deep.equal({ bytes: 0, ms: 5 });
    const waiting = { bytes: 9, region: 'west' };
    expect(resultExposure({ ...exposure, waiting })).to.deep.equal({ bytes: 0, ms: 5, waiting });
    expect(resultExposure(null)).to.equal(null);
  });

  it('lists twenty rows that differ', () => {
    const values = { east: '1', west: null };
    const rows = Array.from({ length: 21 }, (_, at) => ({ table: 'orders', key: `${at}`, values }));
    const divergence: Divergence = { rows: 99, differing: 21, ok: false, detail: '', listed: rows };
    expect(resultDivergence(divergence)).to.deep.equal({
      ...divergence,
      listed: rows.slice(0, 20),
    });
    expect(resultDivergence(null)).to.equal(null);
  });

  it('is written so that people can read it, with an end of line', () => {
    const result = assess(evidenceOf());
    expect(JSON.parse(writeResult(result))).to.deep.equal(JSON.parse(JSON.stringify(result)));
    expect(writeResult(result)).to.match(/^\{\n {2}"schema": "drill\.result\/1",\n[^]*\n\}\n$/);
  });
});

describe('whether anybody saw how service came back', () => {
  const outages = [{ opened_ms: 1, closed_ms: null, last_unserved_ms: 9 }];
  const never = { rto_ms: null, outages };

  it('is so where there is a time, or an outage that was watched to the end', () => {
    expect(isWatched({ rto_ms: 0, outages: [] }, 'internal')).to.equal(true);
    for (const verdict of ['fail', 'inconclusive', 'unclean'] as const) {
      expect(isWatched(never, verdict)).to.equal(true);
    }
  });

  it('is not so where the run broke off, was stopped, or saw no outage', () => {
    for (const verdict of ['interrupted', 'environment', 'internal'] satisfies Verdict[]) {
      expect(isWatched(never, verdict)).to.equal(false);
    }
    expect(isWatched({ ...never, stopped_after_ms: 9 }, 'fail')).to.equal(false);
    expect(isWatched({ rto_ms: null, outages: [] }, 'fail')).to.equal(false);
  });
});
