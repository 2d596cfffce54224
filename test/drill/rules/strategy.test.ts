// Which settings, faults and recoveries belong to which strategy: what does not fit is refused with
// its place and with what would fit, and what fits gives rise to no word.
import { expect } from 'chai';
import { LAB_STRATEGIES, OWN_SYSTEM } from '../../../src/drill/names.ts';
import { RECOVERY_NAMES, recoveryNamed } from '../../../src/drill/recovery/registry.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import { parse, heads } from '../../support/plan/drill-file.ts';
import {
  BOTH_ACTIVE,
  LOST,
  of,
  type Parts,
  refused,
  type Row,
} from '../../support/plan/strategy-file.ts';

const OWN: Readonly<Record<Strategy, string>> = {
  'backup-restore': 'restore-backup',
  'pilot-light': 'promote-and-start',
  'warm-standby': 'promote-standby',
  'active-active': 'redirect-clients',
  'own-system': 'itself',
};
const PLANNED = 'at: 2s, kind: maintenance, region: east';
const MISTAKE = 'at: 2s, kind: corrupt-data';
const CUT = 'at: 2s, kind: partition, for: 2s';
const BROKEN = 'at: beforehand, kind: break-archive';
const NOT_YET = 'the planned move of a second store is described but not built yet in this version';
const UNTIL = 'recover: { target: ';
const NOTICED = 'declare: after 1s';

const SETTINGS: readonly Row[] = [
  ...(['pilot-light', 'warm-standby'] as const).map((strategy): Row => [
    `backups with ${strategy}`,
    strategy,
    { topology: 'backup: { keep: 2 }' },
    `6:3: error: topology.backup: ${strategy} recovers from a replica and keeps no backups; backup-restore does`,
  ]),
  [
    'backups with active-active',
    'active-active',
    { topology: 'backup: { keep: 2 }' },
    '7:3: error: topology.backup: active-active recovers from a replica and keeps no backups; backup-restore does',
  ],
  [
    'a time limit for segments of a log that is streamed',
    'backup-restore',
    { topology: 'backup: { wal: receive, archive_timeout: 1s }' },
    '6:27: error: topology.backup.archive_timeout: wal: receive streams the log as it is written; only archive waits',
  ],
  [
    'a time limit for segments that PostgreSQL cannot have',
    'backup-restore',
    { topology: 'backup: { archive_timeout: 1500ms }' },
    '6:30: error: topology.backup.archive_timeout: expected whole seconds, because PostgreSQL counts nothing smaller; got 1.5s',
  ],
  [
    'no base backup kept',
    'backup-restore',
    { topology: 'backup: { keep: 0 }' },
    '6:19: error: topology.backup.keep: expected at least 1, got the number 0',
  ],
  [
    'a log that is kept in an unknown way',
    'backup-restore',
    { topology: 'backup: { wal: recieve }' },
    '6:18: error: topology.backup.wal: expected archive or receive or receive-sync, got "recieve"; did you mean receive?',
  ],
  [
    'sync without a standby',
    'backup-restore',
    { topology: 'replication: { mode: sync }' },
    '6:24: error: topology.replication.mode: mode: sync waits for a standby, and with backup-restore there is no standby; topology.backup: { wal: receive-sync } waits for the receiver',
  ],
  [
    'sync between two regions that write',
    'active-active',
    { topology: 'replication: { mode: sync }' },
    '7:24: error: topology.replication.mode: mode: sync waits for a standby, and with active-active two regions that both take writes replicate asynchronously',
  ],
  ...(['backup-restore', 'active-active'] as const).map((strategy): Row => [
    `a second store with ${strategy}`,
    strategy,
    { topology: 'redis: {}' },
    `${strategy === 'active-active' ? 7 : 6}:3: error: topology.redis: with ${strategy} Redis has no replica; warm-standby and pilot-light have one`,
  ]),
  ...(['backup-restore', 'pilot-light'] as const).map((strategy): Row => [
    `an app that stands before ${strategy} starts it`,
    strategy,
    {
      topology:
        'regions: { east: { role: active }, west: { role: standby, app: { instances: 1 } } }',
    },
    `6:68: error: topology.regions.west.app.instances: with ${strategy} no app runs in west before the recovery; recover.instances says how many it starts`,
  ]),
  ...(['backup-restore', 'pilot-light', 'warm-standby'] as const).map((strategy): Row => [
    `a share of the clients with ${strategy}`,
    strategy,
    { topology: 'regions: { east: { role: active, weight: 2 }, west: { role: standby } }' },
    `6:36: error: topology.regions.east.weight: with ${strategy} one region serves all clients; active-active spreads them`,
  ]),
  ...(['backup-restore', 'pilot-light', 'warm-standby'] as const).map((strategy): Row => [
    `two active regions with ${strategy}`,
    strategy,
    { topology: BOTH_ACTIVE },
    `6:52: error: topology.regions.west.role: ${strategy} has one active region and one standby, here two are active`,
  ]),
  ...(['backup-restore', 'pilot-light', 'warm-standby'] as const).map((strategy): Row => [
    `shared rows with ${strategy}`,
    strategy,
    { more: 'workload: { updates: 10% }' },
    `8:22: error: workload.updates: shared rows show what two writing regions do to each other; ${strategy} has one`,
  ]),
  [
    'a failback of two stores',
    'warm-standby',
    { topology: 'redis: {}', more: 'failback: true' },
    `9:11: error: failback: ${NOT_YET}`,
  ],
  [
    'a planned move of two stores',
    'warm-standby',
    { topology: 'redis: {}', faults: [PLANNED] },
    `8:21: error: faults.0.kind: ${NOT_YET}`,
  ],
  [
    'a target for a failback that is not asked for',
    'active-active',
    { targets: 'failback_rto: 5s' },
    '3:36: error: targets.failback_rto: without failback: true there is none',
  ],
  [
    'a failback that is neither true nor false',
    'warm-standby',
    { more: 'failback: maybe' },
    '8:11: error: failback: expected true or false, got "maybe"',
  ],
  [
    'a pre-flight check that does neither',
    'warm-standby',
    { more: 'preflight: warm' },
    '8:12: error: preflight: expected require or warn, got "warm"; did you mean warn?',
  ],
  [
    'a price in words',
    'warm-standby',
    { more: 'cost: { currency: EUR, instance_hour: 1, gb_month: cheap, gb_transferred: 0.09 }' },
    '8:52: error: cost.gb_month: expected a number, got "cheap"',
  ],
  [
    'a price below zero',
    'warm-standby',
    { more: 'cost: { currency: EUR, instance_hour: -1, gb_month: 1, gb_transferred: 0.09 }' },
    '8:39: error: cost.instance_hour: expected at least 0, got the number -1',
  ],
  [
    'a price list with a gap',
    'warm-standby',
    { more: 'cost: { currency: EUR, instance_hour: { postgres: 2, app: 1 }, gb_month: 0.005 }' },
    '8:1: error: cost.gb_transferred: this key is required and missing',
  ],
  [
    'a price in words for every machine',
    'warm-standby',
    { more: 'cost: { currency: EUR, instance_hour: dear, gb_month: 1, gb_transferred: 0.09 }' },
    '8:39: error: cost.instance_hour: expected a price from 0, or one of each kind: ' +
      '{ postgres: 0.2, app: 0.05 }; got "dear"',
  ],
  [
    'a machine that is priced only in part',
    'warm-standby',
    {
      more: 'cost: { currency: EUR, instance_hour: { app: 1 }, gb_month: 1, gb_transferred: 1 }',
    },
    '8:24: error: cost.instance_hour.postgres: this key is required and missing',
  ],
  [
    'a currency that is none',
    'warm-standby',
    { more: 'cost: { currency: euro, instance_hour: 1, gb_month: 1, gb_transferred: 1 }' },
    '8:19: error: cost.currency: expected three capital letters such as EUR; got "euro"',
  ],
];

describe('a strategy in a drill file', () => {
  for (const row of SETTINGS) refused(row);

  for (const strategy of LAB_STRATEGIES) {
    const line = strategy === 'active-active' ? 9 : 8;
    const others = RECOVERY_NAMES.filter((name) => {
      return name !== OWN[strategy] && recoveryNamed(name).fits.some((each) => each !== OWN_SYSTEM);
    });

    it(`is recovered with ${OWN[strategy]} in the case of ${strategy}, and with nothing else`, () => {
      const own = of(strategy, { more: `recover: { with: ${OWN[strategy]} }` });
      expect(heads(own)).to.deep.equal([]);
      for (const name of others) {
        const [only, ...rest] = heads(of(strategy, { more: `recover: { with: ${name} }` }));
        expect(only).to.match(new RegExp(`^a\\.yaml:${line}:18: error: recover\\.with: .*${name}`));
        // The way out is named, and is the one that is taken above.
        expect(only).to.contain(OWN[strategy]);
        expect(rest).to.deep.equal([]);
      }
    });

    it(`gives rise to no word with the least file of ${strategy}`, () => {
      for (const more of ['', 'failback: true', 'preflight: warn']) {
        expect(heads(of(strategy, { more }))).to.deep.equal([]);
      }
      const cost =
        'cost: { currency: EUR, instance_hour: 0.1, gb_month: 0, gb_transferred: 0.09, ' +
        'backup_every: 24h, segment_every: 5m }';
      expect(heads(of(strategy, { more: cost }))).to.deep.equal([]);
      const back = of(strategy, { targets: 'failback_rto: 5s', more: 'failback: true' });
      expect(heads(back)).to.deep.equal([]);
    });
  }

  it('says before the drill that prices make no figure without the intervals of a real system', () => {
    const cost = 'currency: EUR, instance_hour: 0.1, gb_month: 0, gb_transferred: 0.09';
    const [only, ...rest] = heads(of('backup-restore', { more: `cost: { ${cost} }` }));
    expect(only).to.include('warning: cost: there will be no figure in money');
    expect(only).to.include('cost: { backup_every: 24h, segment_every: 5m }');
    expect(rest).to.deep.equal([]);
    const some = heads(of('backup-restore', { more: `cost: { ${cost}, backup_every: 24h }` }));
    expect(some[0]).to.include('such as cost: { segment_every: 5m }');
    expect(heads(of('warm-standby', { more: `cost: { ${cost} }` }))).to.deep.equal([]);
  });

  it('takes what belongs to each', () => {
    const legal: readonly (readonly [Strategy, Parts])[] = [
      [
        'backup-restore',
        { topology: 'backup: { every: 10s, keep: 3, archive_timeout: 2s }', targets: 'rpo: 3s' },
      ],
      ['backup-restore', { topology: 'backup: { wal: receive-sync }', targets: 'lost_writes: 0' }],
      ['backup-restore', { faults: [BROKEN, LOST], more: 'preflight: warn' }],
      ['backup-restore', { faults: [`${LOST}, disks: kept`] }],
      ['backup-restore', { faults: [MISTAKE], more: NOTICED }],
      [
        'backup-restore',
        { faults: [`${MISTAKE}, statement: update, share: 5%`], more: 'declare: operator' },
      ],
      ...['before-fault', '{ time: 1s }', '{ lsn: 0/16B3748 }', '{ name: safe }'].map(
        (target): [Strategy, Parts] => [
          'backup-restore',
          { faults: [MISTAKE], more: `${NOTICED}\n${UNTIL}${target} }` },
        ],
      ),
      ['pilot-light', { topology: 'replication: { mode: sync }', targets: 'lost_writes: 0' }],
      ['pilot-light', { faults: [PLANNED] }],
      ['warm-standby', { faults: [PLANNED], more: 'recover: { with: switch-over }' }],
      ['warm-standby', { faults: ['at: beforehand, kind: latency, latency: 2s', LOST] }],
      ['warm-standby', { faults: [`${LOST}, disks: destroyed`], more: 'failback: true' }],
      ['active-active', { faults: [CUT], more: 'workload: { updates: 20% }' }],
      [
        'active-active',
        { faults: [`${CUT}, link: east-west`], more: 'recover: { with: ride-out }' },
      ],
    ];
    for (const [strategy, parts] of legal) {
      const text = of(strategy, parts);
      expect(heads(text), text).to.deep.equal([]);
      expect(parse(text).drill, text).not.to.equal(null);
    }
  });

  it('is warned of with zero loss that is luck, with a cure that the strategy can take', () => {
    const zero = (strategy: Strategy) => heads(of(strategy, { targets: 'lost_writes: 0' }));
    const start = 'a.yaml:3:35: warning: targets.lost_writes: zero loss with ';
    expect(zero('backup-restore')).to.deep.equal([
      `${start}wal: archive is luck: what was not handed over yet is lost; backup: { wal: receive-sync } keeps it`,
    ]);
    expect(zero('warm-standby')).to.deep.equal([
      `${start}async replication is luck: what was not replicated yet is lost; replication: { mode: sync } keeps it`,
    ]);
    expect(zero('active-active')).to.deep.equal([
      `${start}async replication is luck: what was not replicated yet is lost; with active-active nothing keeps it but a return of the region: failback: true`,
    ]);
  });
});
