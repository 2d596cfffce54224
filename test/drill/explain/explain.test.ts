// What `drill plan --explain` says of the values that follow from the strategy and the faults.
import { expect } from 'chai';
import { describePlan } from '../../../src/drill/plan/describe-plan.ts';
import { explain } from '../../../src/drill/explain/explain.ts';
import { faultExtensions, recoveryExtensions } from '../../../src/drill/explain/extensions.ts';
import { planDrill } from '../../../src/drill/plan/make-plan.ts';
import { parse } from '../../support/plan/drill-file.ts';
import { FAULT_KINDS, keysOf } from '../../../src/drill/fault/registry.ts';
import { LOST, of, type Parts } from '../../support/plan/strategy-file.ts';
import type { Strategy } from '../../../src/drill/names.ts';

function rows(strategy: Strategy, parts: Parts = {}): Map<string, string> {
  const { drill, layers } = parse(of(strategy, parts));
  const values = explain(layers, planDrill(drill!, 1, 'abc'));
  return new Map(values.map(({ key, value, from }) => [key, `${value} (${from})`]));
}

describe('the explanation of a strategy', () => {
  it('has every key of the schema that a strategy brought, stated or not', () => {
    const keys = [...rows('warm-standby').keys()];
    expect(keys).to.include.members([
      ...['targets.failback_rto', 'topology.strategy', 'topology.backup', 'workload.updates'],
      ...['workload.shared_rows', 'failback', 'preflight', 'recover.target'],
      ...['faults.0.how', 'faults.0.disks', 'faults.0.for', 'faults.0.disaster'],
      ...['cost.currency', 'cost.instance_hour', 'cost.gb_month', 'cost.gb_transferred'],
      ...['cost.backup_every', 'cost.segment_every'],
    ]);
  });

  it('says what the backups are where the file says nothing of them, and nothing elsewhere', () => {
    expect(rows('backup-restore').get('topology.backup')).to.equal(
      '{ every: 10s, keep: 3, wal: archive, archive_timeout: 1s } (default: with backup-restore)',
    );
    expect(rows('pilot-light').get('topology.backup')).to.equal('null (not stated)');
  });

  it('says when a segment is handed over, and nothing of it where none is', () => {
    const timeout = (wal: string) =>
      rows('backup-restore', { topology: `backup: { wal: ${wal} }` }).get(
        'topology.backup.archive_timeout',
      );
    expect(timeout('archive')).to.equal('1s (default: with wal: archive)');
    expect(timeout('receive')).to.equal('null (not stated)');
  });

  it('says what becomes of the disks, by strategy', () => {
    const disks = (strategy: Strategy) => rows(strategy).get('faults.0.disks');
    expect(disks('backup-restore')).to.equal('destroyed (default: with backup-restore)');
    expect(disks('warm-standby')).to.equal('kept (default: with warm-standby)');
    const alive = rows('backup-restore', { faults: [`${LOST}, how: freeze`] });
    expect(alive.get('faults.0.disks')).to.equal('kept (default: what lives on keeps them)');
  });

  it('fills in what belongs to a fault and leaves out what does not', () => {
    const told = rows('backup-restore', {
      faults: ['at: 2s, kind: corrupt-data'],
      more: 'declare: after 1s',
    });
    expect(told.get('faults.0.statement')).to.equal('delete (default)');
    expect(told.get('faults.0.share')).to.equal('50% (default)');
    expect(told.has('faults.0.how')).to.equal(false);
    expect(told.get('recover.with')).to.equal(
      'restore-to-point (default: what answers corrupt-data)',
    );
    expect(told.get('recover.target')).to.equal('before-fault (default: with restore-to-point)');
  });

  it('tells the disaster from what came before it, in whichever order the file has them', () => {
    const slow = 'at: beforehand, kind: latency';
    for (const faults of [
      [slow, LOST],
      [LOST, slow],
    ]) {
      const told = rows('warm-standby', { faults });
      const [lost, before] = [faults.indexOf(LOST), faults.indexOf(slow)];
      expect(told.get(`faults.${lost}.disaster`)).to.match(/^true/);
      expect(told.get(`faults.${before}.disaster`)).to.match(/^false/);
      expect(told.get(`faults.${before}.latency`)).to.equal('2s (default)');
      expect(told.get(`faults.${before}.link`)).to.match(/^east-west \(default/);
    }
    const marked = rows('warm-standby', {
      faults: [
        'at: 9s, kind: lose-region, region: east, disaster: true',
        `${LOST}, how: freeze, for: 1s`,
      ],
    });
    expect(marked.get('faults.0.disaster')).to.equal('true (a.yaml:7:58)');
    expect(marked.get('faults.1.disaster')).to.match(/^false \(default/);
  });

  it('says how many instances stand beside the active region, none where none is started', () => {
    const standing = (strategy: Strategy) =>
      rows(strategy).get('topology.regions.west.app.instances');
    expect(standing('warm-standby')).to.equal('1 (default: for the standby region)');
    expect(standing('pilot-light')).to.equal('0 (default: for the standby region)');
    expect(rows('active-active').get('topology.regions.west.weight')).to.equal(
      '1 (default: one share)',
    );
  });
});

describe('the plan of a failback', () => {
  it('tells of its target and of the time it can take', () => {
    const told = (parts: Parts) =>
      describePlan(planDrill(parse(of('warm-standby', parts)).drill!, 1, 'abc'));
    const back = told({ targets: 'failback_rto: 5s', more: 'failback: true' });
    expect(back.targets).to.include('failback_rto ≤ 5 s');
    expect(back.timeline.map(({ phase }) => phase)).to.include('failback');
    const without = told({});
    expect(without.targets.join()).not.to.contain('failback');
    expect(without.timeline.map(({ phase }) => phase)).not.to.include('failback');
  });
});

describe('what `drill list` says of a fault', () => {
  for (const { name, settings } of faultExtensions()) {
    it(`says something of each key that ${name} takes in a drill file`, () => {
      const keys = FAULT_KINDS.filter((kind) => kind === name).flatMap(keysOf);
      expect(Object.keys(settings)).to.have.members(keys);
      expect(Object.values(settings).map(({ meaning }) => meaning)).not.to.include('');
    });
  }

  for (const { name, settings } of recoveryExtensions()) {
    it(`says something of each key that ${name} takes in a drill file`, () => {
      expect(settings).to.include.keys('deadline');
      expect(Object.values(settings).map(({ meaning }) => meaning)).not.to.include('');
    });
  }
});
