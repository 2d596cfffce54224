// Under what conditions a drill measures, as `drill compare` sets them beside those of others.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { conditionsOf } from '../../../src/drill/plan/conditions.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { LAB_STRATEGIES } from '../../../src/drill/names.ts';
import type { Strategy } from '../../../src/drill/names.ts';
import { parse } from '../../support/plan/drill-file.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { LOST, of, type Parts } from '../../support/plan/strategy-file.ts';

const ofText = (text: string) => conditionsOf(planDrill(parse(text).drill!, 1, 'abc'));
const ofParts = (strategy: Strategy, parts: Parts = {}) => ofText(of(strategy, parts));
const APP = 'topology.regions.east.app.instances';

/** Keys that one has otherwise than the other, of those that both have. */
function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) {
  return [...one.keys()].filter((key) => other.has(key) && one.get(key) !== other.get(key));
}

describe('the conditions of a drill', () => {
  const changed: readonly (readonly [string, Strategy, Parts, Parts])[] = [
    ['topology.replication.mode', 'pilot-light', {}, { topology: 'replication: { mode: sync }' }],
    ['topology.replication.mode', 'warm-standby', {}, { topology: 'replication: { mode: sync }' }],
    ['topology.backup.every', 'backup-restore', {}, { topology: 'backup: { every: 1h }' }],
    ['topology.backup.keep', 'backup-restore', {}, { topology: 'backup: { keep: 1 }' }],
    ['topology.backup.wal', 'backup-restore', {}, { topology: 'backup: { wal: receive }' }],
    [
      'topology.backup.archive_timeout',
      'backup-restore',
      {},
      { topology: 'backup: { archive_timeout: 2s }' },
    ],
    ...(['appendonly: always', 'wait: 1', 'wait_timeout: 1s'] as const).map(
      (redis) =>
        [
          `topology.redis.${redis.split(':')[0]}`,
          'warm-standby',
          { topology: 'redis: {}' },
          { topology: `redis: { ${redis} }` },
        ] as const,
    ),
    ['recover.instances', 'warm-standby', {}, { more: 'recover: { instances: 3 }' }],
    [
      'topology.regions.west.app.capacity',
      'warm-standby',
      {},
      {
        topology:
          'regions: { east: { role: active }, west: { role: standby, app: { capacity: 300/s } } }',
      },
    ],
  ];
  for (const [key, strategy, one, other] of changed) {
    it(`hold ${key} with ${strategy}`, () => {
      const [before, after] = [ofParts(strategy, one), ofParts(strategy, other)];
      expect(differences(before, after)).to.deep.equal([key]);
    });
  }

  it('hold what stands in the first region, and not how much of the app stands by', () => {
    const regions = (east: number, west: number) => ({
      topology: `regions: { east: { role: active, app: { instances: ${east} } }, west: { role: standby, app: { instances: ${west} } } }`,
      more: 'recover: { instances: 4 }',
    });
    const two = ofParts('warm-standby', regions(2, 1));
    expect(differences(two, ofParts('warm-standby', regions(3, 1)))).to.deep.equal([APP]);
    expect(differences(two, ofParts('warm-standby', regions(2, 2)))).to.deep.equal([]);
  });

  it('hold the shares of two regions that serve', () => {
    const weights = GOOD_ACTIVE.replace('west: { role: active', 'west: { role: active, weight: 3');
    expect(differences(ofText(GOOD_ACTIVE), ofText(weights))).to.deep.equal([
      'topology.regions.west.weight',
    ]);
  });

  it('leave out what a strategy has not', () => {
    const keys = (strategy: Strategy) => [...ofParts(strategy).keys()].join(' ');
    expect(keys('backup-restore')).not.to.match(/replication|redis|weight/);
    expect(keys('active-active')).not.to.match(/replication|redis|backup/);
    expect(keys('warm-standby')).not.to.match(/backup|redis|weight/);
    const cut = { faults: ['at: 2s, kind: partition, for: 2s'] };
    expect(ofParts('active-active', cut).has('recover.instances')).to.equal(false);
    const streamed = ofParts('backup-restore', { topology: 'backup: { wal: receive }' });
    expect(streamed.has('topology.backup.archive_timeout')).to.equal(false);
  });

  it('are alike for the drills of the four strategies but for disks and targets', () => {
    const drills = LAB_STRATEGIES.map((name) => {
      const file = new URL(`../../../drills/strategies/${name}.yaml`, import.meta.url);
      return ofText(readFileSync(file, 'utf8'));
    });
    const different = drills.flatMap((one) => differences(one, drills[0]!));
    expect(new Set(different)).to.deep.equal(new Set(['targets', 'faults']));
  });

  it('say of each fault what it has, and no more', () => {
    const words = (strategy: Strategy, ...faults: string[]) =>
      ofParts(strategy, { faults }).get('faults');
    expect(words('backup-restore', 'at: beforehand, kind: break-archive', LOST)).to.equal(
      'break-archive east, beforehand; lose-region east, kill, disks destroyed, at 2s',
    );
    expect(words('warm-standby', 'at: 1s, kind: latency, latency: 3s', LOST)).to.equal(
      'latency east, east-west 3s, at 1s; lose-region east, kill, at 2s',
    );
    expect(words('active-active', 'at: 2s, kind: partition, for: 2s')).to.equal(
      'partition east, east-west, at 2s, healed after 2s',
    );
  });

  it('have the way of clients to a system of somebody’s own', () => {
    const over = (clients: string) => ofText(ownDrill({ system: `clients: ${clients}` }));
    const http = over("{ http: { url: 'https://shop.test/orders' } }");
    expect(differences(over('{ databases: read-write }'), http)).to.deep.equal([
      'topology.system.clients',
    ]);
    expect(http.get('topology.system.clients')).to.equal('POST https://shop.test/orders');
  });
});

const GOOD_ACTIVE = of('active-active');
