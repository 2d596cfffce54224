// What a result says besides its numbers: what was broken and when, the machine, the stores.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { hitBy } from '../../../src/measure/journal/facts.ts';
import { assess, writeResult } from '../../../src/verdict/assess.ts';
import { resultForm } from '../../../src/evidence/result-form.ts';
import { plannedFault } from '../../support/plan/planned-fault.ts';
import { evidenceOf, journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const MACHINE = {
  cores: 2,
  processor: 'AMD EPYC',
  memory_bytes: 8_000_000_000,
  system: 'Debian 12',
  kernel: 'Linux 6.1',
  load: 0.4,
  limits: { cores: 1.5 },
  zone: 'Europe/Berlin',
  zone_min: 60,
};
const STORE = { node: 'east/postgres', version: '18.4', bytes: 24_000_000, rows: 5_120 };
const described: RunEvent[] = [
  { t: 1, event: 'machine.described', ...MACHINE },
  { t: TIMES.steadyTo, event: 'store.described', store: 'orders', ...STORE },
];

describe('the facts of a run', () => {
  it('say what was broken, when by the plan, by the run and by the wall clock', () => {
    const healed: RunEvent = { t: 9_000, event: 'fault.healed', index: 0, by: 'end', gone: [] };
    const { faults } = assess(evidenceOf({ events: [...journal(), healed] }));
    expect(faults).to.deep.equal([
      {
        index: 0,
        kind: 'lose-region',
        target: 'east',
        how: ['kill'],
        disaster: true,
        at_ms: plan.faults[0]!.at_ms,
        started_ms: TIMES.faultStarted,
        started_at: '2026-11-22T20:00:05.000Z',
        injected_ms: TIMES.faultInjected,
        healed_ms: 9_000,
        detail: '',
      },
    ]);
  });

  it('say what of the moment is chance', () => {
    const drawn_from = { from_ms: 1_000, to_ms: 4_000 };
    const faults = [{ ...plan.faults[0]!, drawn_from }];
    const trial = { series_seed: 1, moved_ms: 70, within_ms: 250 };
    const { faults: found } = assess(evidenceOf({ plan: { ...plan, faults, trial } }));
    expect(found![0]).to.deep.include({ drawn_from, moved: { by_ms: 70, within_ms: 250 } });
    const still = { ...trial, moved_ms: 0, within_ms: 0 };
    const [first] = assess(evidenceOf({ plan: { ...plan, trial: still } })).faults!;
    expect(first).not.to.have.any.keys('drawn_from', 'moved');
  });

  it('have machine and stores where the run recorded them, and say where it did not', () => {
    const result = assess(evidenceOf({ events: [...journal(), ...described] }));
    expect(result.machine).to.deep.equal(MACHINE);
    expect(result.databases).to.deep.equal([{ store: 'postgres', ...STORE }]);
    expect(result.drill_version).to.equal('0.1.0');
    const old = assess(evidenceOf());
    expect(old.machine).to.equal(null);
    expect(old.databases).to.deep.equal([]);
    for (const each of [result, old]) {
      expect(resultForm.safeParse(JSON.parse(writeResult(each))).success).to.equal(true);
    }
  });

  it('name a link once, and a region whose name a setting begins with whole', () => {
    const link = { link: 'east-west', latency_ms: 200 };
    expect(hitBy(plannedFault('slow-link', link))).to.deep.equal({
      target: 'east-west',
      how: ['200ms'],
    });
    const kill = { how: 'kill', disks: 'kept' } as const;
    expect(hitBy(plannedFault('lose-region', kill, { region: 'kil' }))).to.deep.equal({
      target: 'kil',
      how: ['kill'],
    });
  });
});
