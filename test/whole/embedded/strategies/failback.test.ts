// The way back on a real system: the lost region is made whole again under load, and what clients
// wrote before and meanwhile is counted once more.
import { expect } from 'chai';
import { withRegion, type InProcessRun } from '../../../support/whole/in-process-run.ts';
import {
  ACTIVE_ACTIVE,
  eventsNamed,
  reasonsOf,
  runShort,
  shortDrill,
  WARM_STANDBY,
} from '../../../support/whole/short-run.ts';
import { it } from '../../../support/commands.ts';
import { worldFails } from '../../../support/whole/built.ts';

const LOST_WITH_DISKS = '{ at: 500ms, kind: lose-region, region: east }';
const LOST_FOR_GOOD = '{ at: 500ms, kind: lose-region, region: east, disks: destroyed }';
const SLOW_LINK = '\n  links: { east-west: { latency: 50ms } }';

const gateOf = ({ result }: InProcessRun, name: string) =>
  result.gates.find((gate) => gate.name === name);

const warmStandby = (faults: string) =>
  shortDrill({
    targets: 'rto: 15s, failback_rto: 10s',
    ...{ topology: WARM_STANDBY + SLOW_LINK, faults, more: 'failback: true\n' },
  });

const activeActive = (faults: string) =>
  shortDrill({ topology: ACTIVE_ACTIVE + SLOW_LINK, faults, more: 'failback: true\n' });

describe('the failback of a warm standby', function () {
  this.timeout(120_000);

  let ended: InProcessRun;
  before(async () => (ended = await runShort(warmStandby(LOST_WITH_DISKS))));

  it.full('passes: the first layout is there again, with east as the one that serves', () => {
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
    const moves = eventsNamed(ended, 'switchover.started').map(({ from, to }) => `${from}-${to}`);
    expect(moves).to.deep.equal(['west-east']);
    const after = eventsNamed(ended, 'survivors.read').at(-1)!;
    expect(after).to.include({ reading: 'after-failback', node: 'east/postgres', ok: true });
  });

  it.full('protects the lost region again before service moves, and the other one after', () => {
    const [east, west, ...more] = eventsNamed(ended, 'region.protected');
    const [move] = eventsNamed(ended, 'switchover.started');
    expect(more).to.deep.equal([]);
    expect(east!.region).to.equal('east');
    expect(east!.how).to.be.oneOf(['rewound', 'cloned']);
    expect(east!.t).to.be.below(move!.t);
    expect(west).to.include({ region: 'west', how: 'followed' });
    expect(ended.result.failback!.protected_how).to.equal(east!.how);
    expect(ended.result.failback!.protected_ms).to.be.above(0);
  });

  it.full('loses nothing, in a second count that has more writes than the first', () => {
    const { loss, failback } = ended.result;
    expect(failback!.loss).to.include({ lost: 0, unexpected: 0, corrupt: 0, duplicated: 0 });
    expect(failback!.loss!.acknowledged).to.be.above(loss!.acknowledged - loss!.lost);
  });

  it.full('salvages exactly the rows that only the old disk has', () => {
    const { loss, failback } = ended.result;
    expect(loss!.second!.only_old).to.be.above(0);
    expect(failback!.salvaged).to.equal(loss!.second!.only_old);
  });

  it.full('is judged by its own recovery time, which contains the pause of clients', () => {
    const { failback } = ended.result;
    const gate = gateOf(ended, 'failback_rto')!;
    expect(gate).to.include({ verdict: 'pass', target: 10_000, measured: failback!.rto_ms });
    expect(failback!.pause_ms).to.be.within(20, failback!.switchover_ms! + 1_500);
    expect(failback!.rto_ms).to.be.at.least(failback!.pause_ms! / 2);
  });

  it.full('is never a pass when the lost region cannot be rebuilt', async () => {
    const broken = await runShort(warmStandby(LOST_WITH_DISKS), ({ runtime }) => ({
      runtime: withRegion(runtime, 'east', () => ({
        rebuild: async () => {
          return await worldFails('the disk of east is read-only');
        },
      })),
    }));
    const [failed, ...more] = eventsNamed(broken, 'step.failed');
    expect(more).to.deep.equal([]);
    expect(failed).to.include({
      step: 'rebuild the lost region as a standby',
      reason: 'the disk of east is read-only',
    });
    expect(broken.result.verdict, reasonsOf(broken)).to.equal('fail');
    expect(reasonsOf(broken)).to.contain('the disk of east is read-only');
    expect(broken.result.failback?.loss ?? null).to.equal(null);
    expect(gateOf(broken, 'failback_rto')!.verdict).not.to.equal('pass');
  });
});

describe('the failback of an active-active pair', function () {
  this.timeout(120_000);

  it.full(
    'brings late what had not been sent: nothing lost in the end, and both hold the same',
    async () => {
      const ended = await runShort(activeActive(LOST_WITH_DISKS));
      const { loss, failback, divergence } = ended.result;
      expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
      // At 100 writes a second in east, 50 ms of them are on their way when it dies.
      expect(loss!.lost).to.equal(0);
      expect(loss!.late).to.be.above(0);
      expect(failback!.loss).to.include({ lost: 0, unexpected: 0, corrupt: 0, duplicated: 0 });
      expect(eventsNamed(ended, 'promote.sent')).to.deep.equal([]);
      expect(eventsNamed(ended, 'region.returned').map(({ region }) => region)).to.deep.equal([
        'east',
      ]);
      expect(failback!.protected_how).to.equal('returned');
      expect(divergence).to.include({ ok: true, differing: 0 });
      expect(divergence!.rows).to.be.above(0);
      const after = eventsNamed(ended, 'survivors.read').map(({ reading }) => reading);
      expect(after).to.include.members(['after-return', 'peer-after-return', 'after-failback']);
    },
  );

  it.full('of a region lost for good is a new one: what it had not sent stays lost', async () => {
    const ended = await runShort(activeActive(LOST_FOR_GOOD));
    const { loss, failback, divergence } = ended.result;
    expect(ended.result.verdict, reasonsOf(ended)).to.equal('pass');
    expect(loss!.late).to.equal(0);
    expect(loss!.lost).to.be.above(0);
    expect(failback!.protected_how).to.equal('cloned');
    expect(eventsNamed(ended, 'region.returned')).to.deep.equal([]);
    expect(divergence).to.include({ ok: true, differing: 0 });
  });
});
