// What `drill selftest` prints, of planted results.
import { expect } from 'chai';
import { selfTestText } from '../../../../src/cli/verbs/selftest/text.ts';
import type { PlantedRow } from '../../../../src/selftest/row.ts';
import type { SelfTest } from '../../../../src/selftest/selftest.ts';

const right: PlantedRow = {
  ...{ group: 'outages', what: 'refused 333 ms', unit: 'ms', planted: 333, measured: 335.1 },
  ...{ error: 2.1, low: 330, high: 335.1, standing: 'inside', note: '' },
};
const wrong: PlantedRow = {
  ...{ group: 'losses', what: 'stored twice', unit: 'writes', planted: 79, measured: 78 },
  ...{ error: 1, low: 78, high: 78, standing: 'outside', note: '' },
};
const open: PlantedRow = {
  ...{ group: 'outages', what: 'no answer 50 ms', unit: 'ms', planted: 50, measured: null },
  ...{ error: null, low: null, high: null, standing: 'unmeasured', note: 'It was busy.' },
};
const test = (rows: readonly PlantedRow[], verdict: SelfTest['verdict']): SelfTest => ({
  ...{ schema: 'drill.selftest/1', drill_version: '1.0.0', at: '2026-11-29T12:00:00.000Z' },
  ...{ mode: 'quick', verdict, rows },
  instrument: {
    proxy_ms: { p50: 0.1512, p99: 1.2 },
    ledger_us: 7.418,
    start_ms: { p50: 0.5, p99: 2 },
    wait_ms: { p50: 0.14, p99: 12.34 },
  },
});
const text = (rows: readonly PlantedRow[], verdict: SelfTest['verdict']) =>
  selfTestText(test(rows, verdict), { columns: 80, hasColour: false });

describe('the text of a self-test', () => {
  it('has each truth beside what was measured, and what the instrument costs', () => {
    expect(text([right], 'pass')).to.equal(
      `PASS  selftest: 1 of 1 truth inside the printed interval

      planted         truth   measured  error   drill says
  ok  refused 333 ms  333 ms  335 ms    2.1 ms  330 to 335 ms

  the instrument, here                  middle   99th %
  the built-in proxy adds to a request  0.15 ms  1.20 ms
  an operation starts late by           0.50 ms  2.00 ms
  a wait of 1 ms takes longer by        0.14 ms  12.3 ms
  an operation in the ledger            7.42 µs
`,
    );
  });

  it('says first what is outside, and why something was not measured', () => {
    const said = text([right, wrong, open], 'fail');
    expect(said).to.match(
      /^FAIL  selftest: 1 of 3 truths inside .*, 1 outside: do not trust .*, 1 not measured\n/,
    );
    expect(said).to.match(/\n {2}OUTSIDE  stored twice +79 +78 +1 {2}78\n/);
    expect(said).to.match(/\n {2}\? +no answer 50 ms +50 ms +- +- +-\n/);
    expect(said).to.include('\n  no answer 50 ms: It was busy.\n');
    expect(said).to.include('Try again on a quiet machine');
  });
});
