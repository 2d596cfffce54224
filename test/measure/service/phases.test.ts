// The phases of a recovery: they add up to the recovery time, whatever the marks are.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { MARK_NAMES, type Recovery } from '../../../src/drill/measurement.ts';
import { measure } from '../../../src/measure/measure.ts';
import { phasesOf } from '../../../src/measure/service/phases.ts';
import { drive, evidenceOf, goneFor, journal } from '../../support/evidence/synthetic.ts';

describe('the phases', () => {
  it('add up to the recovery time exactly, whatever the marks are', () => {
    const time = fc.double({ min: 0, max: 20_000, noNaN: true });
    const mark = fc.option(time, { nil: null });
    const any = fc.record(Object.fromEntries(MARK_NAMES.map((name) => [name, mark])));
    fc.assert(
      fc.property(any, time, time, (marks, started, close) => {
        const all = { ...marks, fault_started: started } as Recovery['marks'];
        const phases = phasesOf(all, close, 'warm-standby');
        const sum = phases.reduce((total, { ms }) => total + (ms ?? 0), 0);
        const start = Math.floor(started * 8) / 8;
        expect(sum).to.equal(Math.max(start, Math.ceil(close * 8) / 8) - start);
        for (const { ms } of phases) expect(ms ?? 0).to.be.at.least(0);
      }),
    );
  });

  it('add up to the measured recovery time of a whole run', () => {
    for (const truth of [50, 400, 2_310, 5_000]) {
      const ops = drive(goneFor(truth), { offset_ms: 1 / 3 });
      const { phases, rto } = measure(evidenceOf({ ops })).recovery!;
      const sum = phases.reduce((total, { ms }) => total + (ms ?? 0), 0);
      expect(sum).to.equal(rto.value);
    }
  });

  it('say nothing of a mark that never came', () => {
    const { recovery } = measure(evidenceOf({ events: journal({ 'fence.proved': null }) }));
    const byName = Object.fromEntries(recovery!.phases.map(({ name, ms }) => [name, ms]));
    expect(byName['fence']).to.equal(null);
    expect(byName['promote']).to.equal(79);
  });

  it('are named restore instead of promote where a backup is restored', () => {
    const marks = Object.fromEntries(MARK_NAMES.map((name) => [name, 0])) as Recovery['marks'];
    const names = phasesOf(marks, 1, 'backup-restore').map(({ name }) => name);
    expect(names).to.include('restore').and.not.include('promote');
  });
});
