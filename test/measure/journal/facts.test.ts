// What a result says besides its numbers: what was broken and when, the machine, the stores.
import { expect } from 'chai';
import type { RunEvent } from '../../../src/evidence/event.ts';
import { hitBy } from '../../../src/measure/journal/facts.ts';
import { watchWords } from '../../../src/report/summary/surroundings-words.ts';
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

  it('of two faults are those of each, also of one that is not of the plan or never took place', () => {
    const started = (index: number, t: number): RunEvent => {
      const kind = index === 1 ? 'partition' : 'lose-region';
      return { t, event: 'fault.started', index, kind, region: 'west', disaster: index === 0 };
    };
    const link = { link: 'east-west' };
    const cut = { ...plannedFault('partition', link), index: 1, at_ms: 9, beforehand: true };
    const begun = journal({ 'fault.started': [started(1, 4_000), started(2, 5_000)] });
    const detail = 'link east-west is silent';
    const events = [...begun, { t: 4_001, event: 'fault.injected', index: 1, detail } as const];
    const { faults } = assess(
      evidenceOf({ events, plan: { ...plan, faults: [...plan.faults, cut] } }),
    );
    const none = { injected_ms: null, healed_ms: null, disaster: false };
    expect(faults).to.deep.equal([
      {
        ...{ index: 1, kind: 'partition', target: 'east-west', how: [], ...none, at_ms: null },
        ...{
          started_ms: 4_000,
          started_at: '2026-11-22T20:00:04.000Z',
          injected_ms: 4_001,
          detail,
        },
      },
      {
        ...{ index: 2, kind: 'lose-region', target: 'west', how: [], ...none, at_ms: null },
        ...{ started_ms: 5_000, started_at: '2026-11-22T20:00:05.000Z', detail: '' },
      },
    ]);
  });

  it('have a time of the wall clock where the run says when it began, at whatever time of its own', () => {
    const at = (...started: RunEvent[]) =>
      assess(evidenceOf({ events: journal({ 'run.started': started }) })).faults![0]!.started_at;
    const begun = { event: 'run.started', id: 'run-1', name: 'a', origin_ms: 0 } as const;
    const when = { at: '2026-11-22T20:00:00.000Z', drill_version: '0' };
    expect(at({ ...begun, ...when, t: 1_000 })).to.equal('2026-11-22T20:00:04.000Z');
    expect(at({ ...begun, ...when, t: 0, at: '' })).to.equal(null);
    expect(at()).to.equal(null);
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
    expect(hitBy(plannedFault('latency', link))).to.deep.equal({
      target: 'east-west',
      how: ['200ms'],
    });
    const kill = { how: 'kill', disks: 'kept' } as const;
    expect(hitBy(plannedFault('lose-region', kill, { region: 'kil' }))).to.deep.equal({
      target: 'kil',
      how: ['kill'],
    });
  });

  it('say what drill’s own looks took of servers of somebody’s own, and of no others', () => {
    const nodes = [
      { node: 'east/db1', statements: 160, spent_ms: 40, waited_ms: 200 },
      { node: 'west/db2', statements: 80, spent_ms: 4, waited_ms: 40 },
    ];
    const ended: RunEvent = { t: 21_000, event: 'watch.ended', over_ms: 20_000, nodes };
    const { watch } = assess(evidenceOf({ events: [...journal(), ended] }));
    expect(watch).to.deep.equal([
      { node: 'east/db1', statements_per_s: 8, core_share: 0.002, core_share_high: 0.01 },
      { node: 'west/db2', statements_per_s: 4, core_share: 0.0002, core_share_high: 0.002 },
    ]);
    expect(watchWords(watch!)).to.equal(
      '8.0 statements/s, 0.20 % of a core on east/db1; ' +
        '4.0 statements/s, 0.02 % of a core on west/db2, each by its own clock',
    );
    expect(assess(evidenceOf({ events: journal() }))).not.to.have.property('watch');
  });
});
