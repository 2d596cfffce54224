// What the mode of replication is worth: the same outage under the same load loses nothing with a
// synchronous standby, and something with an asynchronous one.
import { expect } from 'chai';
import { Workplace } from '../../support/whole/drill-cli.ts';
import { runMeasured } from '../../support/whole/run-measured.ts';
import { it } from '../../support/commands.ts';

const drill = (mode: string, targets: string) => `drill: 1
name: replication-${mode}
targets: ${targets}
topology:
  strategy: warm-standby
  regions:
    east: { role: active, app: { instances: 2, capacity: 200/s } }
    west: { role: standby, app: { instances: 2, capacity: 200/s } }
  replication: { mode: ${mode} }
  links: { east-west: { latency: 20ms } }
  gslb: { every: 100ms, timeout: 200ms, failures: 3, ttl: 1s }
workload: { rate: 200/s, writers: 16, payload: 128B, timeout: 1s, seed_rows: 20 }
steady: { for: 1500ms }
faults:
  - { at: 500ms, kind: lose-region, region: east }
sustain: { for: 1s }
`;

describe('an outage under load with a link of 20 ms', function () {
  this.timeout(120_000);
  let place: Workplace;

  beforeEach(() => (place = new Workplace()));
  afterEach(() => {
    const left = place.leftBehind();
    place.remove();
    expect(left).to.deep.equal([]);
  });

  it('loses nothing with a synchronous standby', async () => {
    place.write('sync.yaml', drill('sync', '{ rto: 15s, rpo: 0s, lost_writes: 0 }'));
    const ended = await runMeasured(place, ['run', 'sync.yaml', '--reporter', 'plain']);
    const before = place.events().filter((event) => event.event === 'preflight.checked');
    const details = before.flatMap(({ checks }) => checks.map(({ detail }) => detail)).join();
    expect(details, 'the standby before the fault').to.match(/streaming, sync,/);
    expect(ended.code, ended.stdout + ended.stderr).to.equal(0);
    const { loss, recovery } = place.result();
    expect(loss).to.include({ lost: 0, rpo_ms: 0 });
    expect(loss!.second).to.include({ agrees: true });
    expect(loss!.acknowledged).to.be.above(200);
    // A round trip of the link is in every commit: the standby really was waited for.
    expect(recovery!.steady_p99_ms).to.be.above(40);
  });

  it.full(
    'loses acknowledged writes with an asynchronous one, and the targets of none fail',
    async () => {
      place.write('async.yaml', drill('async', '{ rto: 15s, lost_writes: 0 }'));
      const ended = await runMeasured(place, ['run', 'async.yaml', '--reporter', 'plain']);
      const result = place.result();
      expect(result.loss!.lost).to.be.above(0);
      expect(result.loss!.second).to.include({ agrees: true });
      expect(result.loss!.second!.only_old).to.be.at.least(result.loss!.lost);
      expect(ended.code, ended.stdout + ended.stderr).to.equal(1);
      const gate = result.gates.find(({ name }) => name === 'lost_writes')!;
      expect(gate).to.include({ verdict: 'fail', measured: result.loss!.lost });
    },
  );
});
