// A drill file with mistakes of many kinds: none hides another one, so that nobody has to mend one to
// be told the next.
import { expect } from 'chai';
import { heads } from '../support/plan/drill-file.ts';

describe('a drill file with mistakes of many kinds', () => {
  const text = `drill: 1
name: many
disaster: none
targets: { rto: 5s, availabilty: 99%, lost_writes: 0 }
topology: { strategy: warm-standby, replication: { mode: asynk } }
workload: { rate: 100 }
faults:
  - { at: 1s, kind: latencyy, link: clients-east }
  - { at: 1s, kind: kill-node, node: east/app-9, for: 1s }
  - { kind: half-done-runbook, step: redirect }
  - { at: 2s, kind: lose-region, region: north, how: burn }
  - { at: 3s, kind: latency, link: clients-norh, latency: 1s, jitter: 2s, for: 1s }
  - { at: 4s, kind: flush }
recover: { with: promote-standby }
stop_when: [ "avail < 50%", "p99 > 5" ]
`;

  it('is told all of them at once, where the others leave no doubt', () => {
    const found = heads(text).map((head) => head.replace(/^a.yaml:\S+ error: /, ''));
    const paths = found.map((each) => each.slice(0, each.indexOf(': ')));
    expect([...new Set(paths)]).to.have.members([
      ...['targets.rto', 'targets.availabilty', 'topology.replication.mode', 'workload.rate'],
      ...['faults.0.kind', 'faults.1.node', 'faults.2.kind', 'faults.3.region', 'faults.3.how'],
      ...['faults.4.link', 'faults.4.jitter', 'recover.with', 'stop_when.0', 'stop_when.1'],
    ]);
  });

  it('is told no other one once these are mended, but of what they were about', () => {
    const mended = text
      .replace('rto: 5s, availabilty', 'availability')
      .replace('asynk', 'async')
      .replace('rate: 100', 'rate: 100/s')
      .replace('latencyy, link: clients-east', 'latency, link: clients-east, for: 1s')
      .replace('app-9', 'app-1')
      .replace(/^.*half-done.*\n/m, '')
      .replace('region: north, how: burn', 'region: west, how: freeze, for: 1s')
      .replace('clients-norh', 'clients-east')
      .replace(', jitter: 2s', '')
      .replace(/^recover.*\n/m, '')
      .replace(/^stop_when.*\n/m, '');
    const errors = heads(mended).filter((head) => head.includes(' error: '));
    expect(errors.map((each) => each.replace(/^\S+ error: /, ''))).to.deep.equal([
      'faults.4.kind: this system has no Redis; topology: { redis: {} } adds it',
    ]);
  });
});
