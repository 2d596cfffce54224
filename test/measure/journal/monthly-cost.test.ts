// What the recovery region costs in a month, reckoned by hand.
import { expect } from 'chai';
import type { CostRates, Plan } from '../../../src/drill/plan/plan.ts';
import type { MonthlyCost } from '../../../src/drill/measurement.ts';
import type { NodeUsage, RunEvent } from '../../../src/evidence/event.ts';
import { measure } from '../../../src/measure/measure.ts';
import { monthlyOf } from '../../../src/measure/journal/monthly-cost.ts';
import { Timeline } from '../../../src/measure/timeline.ts';
import { evidenceOf, journal, plan, TIMES } from '../../support/evidence/synthetic.ts';

const PRICES: CostRates = {
  currency: 'EUR',
  instance_hour: { postgres: 0.2, app: 0.05, redis: 0.1 },
  ...{ gb_month: 0.1, gb_transferred: 0.02 },
  ...{ backup_every_ms: 24 * 3_600_000, segment_every_ms: 300_000 },
};
const MIB_16 = 16 * 1024 * 1024;
const HOUR_S = 3600;

const node = (name: string, disk_bytes: number | null = 0): NodeUsage => {
  return { node: name, cpu_ms: 1_000, memory_bytes: 100e6, disk_bytes };
};
/** Two looks, 2 s apart, between which so many bytes crossed over. */
const looks = (nodes: NodeUsage[], sent: number | null): RunEvent[] =>
  [0, 1].map((at) => ({
    t: TIMES.steadyFrom + 10 + 2_000 * at,
    event: 'usage.sampled',
    nodes,
    replicated_bytes: at === 0 ? 1_000 : sent === null ? null : 1_000 + sent,
  }));
const backup = (t: number, bytes: number): RunEvent => {
  return { t, event: 'backup.taken', name: 'b', files: 1, bytes, ms: 1, lsn: '0/1' };
};

function monthly(its: Partial<Plan>, events: readonly RunEvent[]): MonthlyCost {
  const evidence = evidenceOf({
    plan: { ...plan, cost: PRICES, ...its },
    events: [...journal(), ...events].toSorted((a, b) => a.t - b.t),
  });
  return measure(evidence).cost!.monthly!;
}

const backups = (wal: 'archive' | 'receive' = 'archive'): Partial<Plan> => {
  return { backup: { every_ms: 10_000, keep: 3, wal, archive_timeout_ms: 1_000 } };
};

describe('the cost of a month', () => {
  it('is machines by the hour, disk by the month, and what crosses over', () => {
    const nodes = [node('west/postgres', 50e6), node('west/app-1'), node('west/app-2')];
    const cost = monthly({}, looks([node('east/postgres', 9e9), ...nodes], 200_000));
    expect(cost.instances).to.be.closeTo(730 * (0.2 + 2 * 0.05), 1e-6);
    expect(cost.storage).to.equal(0.005);
    // 100 kB each second.
    expect(cost.transfer).to.be.closeTo(((100_000 * HOUR_S * 730) / 1e9) * 0.02, 1e-6);
    expect(cost.total).to.be.closeTo(219 + 0.005 + 5.256, 1e-6);
    expect(cost.formula).to.equal(
      '(1 postgres × 0.2 + 2 app × 0.05) × 730 h + 50 MB kept × 0.1 a GB + ' +
        '263 GB transferred × 0.02 a GB',
    );
  });

  it('takes backups and segments at the intervals of the real system, not at those of the drill', () => {
    const taken = [backup(500, 1e9), backup(2_000, 30e6), backup(TIMES.cut, 7e9)];
    const cost = monthly(backups(), [...looks([node('west/storage', 5e9)], 3 * MIB_16), ...taken]);
    expect(cost.instances).to.equal(0);
    const segments = (hours: number) => (hours * HOUR_S) / 300;
    const kept = 3 * 30e6 + segments(72) * MIB_16;
    const sent = (730 / 24) * 30e6 + segments(730) * MIB_16;
    expect(cost.storage).to.be.closeTo((kept / 1e9) * 0.1, 1e-6);
    expect(cost.transfer).to.be.closeTo((sent / 1e9) * 0.02, 1e-6);
    expect(cost.formula).to.equal(
      '(3 backups of 30 MB + 864 segments of 17 MB, one every 5m) kept × 0.1 a GB + ' +
        '(one backup of 30 MB every 24h + 8760 segments of 17 MB, one every 5m) ' +
        'transferred × 0.02 a GB',
    );
    // Ten times as many backups in the drill cost nothing more.
    const more = Array.from({ length: 10 }, (_, at) => backup(1_100 + at, 30e6));
    const again = monthly(backups(), [
      ...looks([node('west/storage', 5e9)], 13 * MIB_16),
      ...[...taken, ...more].toSorted((a, b) => a.t - b.t),
    ]);
    expect(again).to.deep.equal(cost);
  });

  it('takes log that is streamed as it was measured, without the backups that came besides', () => {
    const its = backups('receive');
    const all = looks([node('west/storage', 5e9)], 200_000 + 30e6);
    const cost = monthly(its, [...all, backup(2_000, 30e6)]);
    const month = 100_000 * HOUR_S * 730;
    const sent = (730 / 24) * 30e6 + month;
    expect(cost.transfer).to.be.closeTo((sent / 1e9) * 0.02, 1e-6);
    expect(cost.formula).to.include('263 GB of log');
    // It needs no interval of segments.
    const without = monthly({ ...its, cost: { ...PRICES, segment_every_ms: null } }, [
      ...all,
      backup(2_000, 30e6),
    ]);
    expect(without).to.deep.equal(cost);
  });

  it('is no figure, with the reason, where something lacks', () => {
    const stored = looks([node('west/storage', 5e9)], MIB_16);
    const standby = (disk: number | null) => [node('west/postgres', disk)];
    const redis = [...standby(1), node('west/redis')];
    const { instance_hour } = PRICES;
    const lacking: [Partial<CostRates>, Partial<Plan>, RunEvent[], RegExp][] = [
      [
        { backup_every_ms: null },
        backups(),
        [...stored, backup(500, 1)],
        /cost\.backup_every: 24h/,
      ],
      [{ segment_every_ms: null }, backups(), [...stored, backup(500, 1)], /segment_every: 5m/],
      [{}, backups(), stored, /no backup was taken/],
      [{}, {}, looks(standby(null), 1), /what is on the disks was not measured/],
      [{}, {}, looks(standby(1), null), /what crosses over was not measured/],
      [{}, {}, looks(standby(1), 1).slice(0, 1), /what crosses over was not measured/],
      [{}, {}, looks(standby(1), -5), /what crosses over was not measured/],
      [{ instance_hour: { ...instance_hour, redis: null } }, {}, looks(redis, 1), /for redis/],
    ];
    for (const [prices, its, events, reason] of lacking) {
      const cost = monthly({ ...its, cost: { ...PRICES, ...prices } }, events);
      expect(cost.formula).to.match(reason);
      const { instances, storage, transfer, total } = cost;
      expect([instances, storage, transfer, total]).to.deep.equal([null, null, null, null]);
    }
  });

  it('is no figure of a bug either: what is not meant to lack comes through', () => {
    const standing = { nodes: [node('west/app-1')], disk: 1, sent: 1, from_ms: 0, to_ms: 1 };
    const run = new Timeline(plan, journal());
    const broken = { ...PRICES, instance_hour: null as never };
    expect(() => monthlyOf(run, broken, standing)).to.throw(TypeError);
  });

  it('leaves out of the log that is streamed the backups that came between the two looks', () => {
    const [from, to] = [TIMES.steadyFrom + 10, TIMES.steadyTo + 10];
    const stored = [node('west/storage', 5e9)];
    const log = (taken: RunEvent[], sent: number) =>
      /([^ ]+ [kMGT]?B) of log\)/.exec(
        monthly(backups('receive'), [...looks(stored, sent), ...taken]).formula,
      )?.[1];
    const none = log([backup(500, 1)], 200_000);
    expect(none).to.equal('26 GB'); // 100 kB each second, for three days
    expect(log([backup(from, 30e6)], 200_000)).to.equal(none);
    expect(log([backup(to, 30e6)], 200_000 + 30e6)).to.equal(none);
    expect(log([backup(500, 1), backup(to + 1, 30e6)], 200_000)).to.equal(none);
    // Less crossed over than the backup alone has: one of the two is not right.
    expect(log([backup(to, 30e6)], 200_000)).to.equal(undefined);
  });

  it('is no figure where two looks were at one moment', () => {
    const [first, second] = looks([node('west/postgres', 1)], 200_000);
    const cost = monthly({}, [first!, { ...second!, t: first!.t }]);
    expect(cost.formula).to.equal('what crosses over was not measured');
  });

  it('takes the newest backup of all where no disaster came', () => {
    const evidence = evidenceOf({
      plan: { ...plan, cost: PRICES, ...backups() },
      events: [
        ...journal({ 'fault.started': null }),
        ...looks([node('west/storage', 5e9)], MIB_16),
        ...[backup(500, 1e9), backup(TIMES.cut, 30e6)],
      ],
    });
    expect(measure(evidence).cost!.monthly!.formula).to.include('3 backups of 30 MB');
  });

  it('is nothing where nothing stands and nothing crosses over', () => {
    const cost = monthly({}, looks([node('east/postgres', 9e9)], 0));
    expect(cost).to.include({ total: 0, formula: 'nothing stands there' });
  });
});
