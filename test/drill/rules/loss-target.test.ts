// A target for loss that is shorter than the other region is behind.
import { expect } from 'chai';
import type { Strategy } from '../../../src/drill/names.ts';
import { heads } from '../../support/plan/drill-file.ts';
import { of, type Parts } from '../../support/plan/strategy-file.ts';

const PLANNED = 'at: 2s, kind: maintenance, region: east';

describe('a drill file', () => {
  it('is warned of an RPO that is shorter than the other region is behind, with a cure', () => {
    const rpo = (strategy: Strategy, target: string, parts: Parts = {}) => {
      return heads(of(strategy, { targets: `rpo: ${target}`, ...parts }));
    };
    const [start, way] = ['a.yaml:3:27: warning: targets.rpo: with ', 'over east-west'];
    const lost = 'longer than the target, and what is under way when the region is lost is lost';
    expect(rpo('warm-standby', '1ms')).to.deep.equal([
      `${start}async replication a write needs up to 22 ms for its way ${way}, ${lost}; expect this drill to fail; replication: { mode: sync } keeps it; else raise the target to more than 22 ms`,
    ]);
    expect(rpo('warm-standby', '21ms')[0], 'it varies by 2 ms').to.contain(
      '; this drill can fail; ',
    );
    expect(rpo('warm-standby', '22ms')).to.deep.equal([]);
    expect(rpo('warm-standby', '1ms', { topology: 'replication: { mode: sync }' })).to.deep.equal(
      [],
    );
    expect(rpo('warm-standby', '1ms', { faults: [PLANNED] }), 'nothing is torn').to.deep.equal([]);
    const slow = rpo('warm-standby', '1ms', { more: 'workload: { rate: 40/s }' });
    expect(slow[0], 'less than one write is under way').to.contain('; this drill can fail; ');
    expect(rpo('active-active', '1ms')[0]).to.contain('failback: true');
    expect(rpo('backup-restore', '500ms')).to.deep.equal([
      `${start}wal: archive the log is handed over every 1 s (archive_timeout), ${lost}; this drill can fail; backup: { wal: receive-sync } keeps it; else raise the target to more than 1 s`,
    ]);
    const streamed = { topology: 'backup: { wal: receive }' };
    expect(rpo('backup-restore', '500ms', streamed)).to.deep.equal([]);
    expect(rpo('backup-restore', '1ms', streamed)[0]).to.contain('wal: receive a write needs');
  });
});
