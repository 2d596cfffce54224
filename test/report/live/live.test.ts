import { expect } from 'chai';
import { liveReporter } from '../../../src/report/live/live.ts';
import { displayWidth } from '../../../src/screen/text.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { recordingOutput, type OutputFacts } from '../../support/cli/recording-screen.ts';
import { passed, plan } from '../../support/evidence/results.ts';
import { disaster, recovered, untilTheFault } from '../../support/evidence/planted-events.ts';

function liveRun(facts: OutputFacts = {}) {
  const frames: string[] = [];
  const clock = new ManualClock();
  const output = recordingOutput({ onFrame: (frame) => frames.push(frame), ...facts });
  const reporter = liveReporter(output, clock);
  reporter.onPlan?.(plan);
  const tell = (events: readonly Parameters<NonNullable<typeof reporter.onEvent>>[0][]) => {
    for (const event of events) reporter.onEvent?.(event);
  };
  return { frames, clock, output, reporter, tell };
}

describe('live reporter', () => {
  it('draws at most ten times a second, however many events there are', async () => {
    const { frames, clock, reporter, tell } = liveRun();
    for (let i = 0; i < 20; i++) {
      tell(untilTheFault);
      await clock.advance(50);
    }
    expect(frames.length).to.be.within(5, 11);
    void reporter.onEnd?.();
  });

  it('shows phases, rate, errors, p99 and replication lag', async () => {
    const { frames, clock, reporter, tell } = liveRun();
    tell(untilTheFault);
    await clock.advance(2500);
    const frame = frames.at(-1) ?? '';
    expect(frame).to.match(/✓ up 1\.2 s/);
    expect(frame).to.match(/▸ steady 1\.3 s/);
    expect(frame).to.match(/190\/s of 200\/s served +0\/s failed +p99 5\.1 ms +lag 3\.4 kB/);
    void reporter.onEnd?.();
  });

  it('runs the RTO clock against its target from the disaster on, and stops it at the result', async () => {
    const { frames, clock, reporter, tell } = liveRun();
    tell(untilTheFault);
    await clock.advance(5000);
    expect(frames.at(-1)).to.include('target 15 s, nothing is broken yet');
    tell(disaster);
    await clock.advance(4000);
    expect(frames.at(-1)).to.match(/RTO +4\.0 s of 15 s .*not noticed yet/);
    tell([recovered]);
    await clock.advance(4000);
    expect(frames.at(-1)).to.match(/RTO +2\.3 s of 15 s .*recovered/);
    void reporter.onEnd?.();
  });

  it('does not take for missed what service only has to hold for', async () => {
    const { frames, clock, reporter, tell } = liveRun({ hasColour: true });
    tell([...untilTheFault, ...disaster]);
    const [last] = disaster.slice(-1);
    const redirected = { t: last!.t + 100, event: 'gslb.redirected', region: 'west', ms: 100 };
    tell([redirected as (typeof disaster)[number]]);
    await clock.advance(60_000);
    const line = (frames.at(-1) ?? '').split('\n').find((each) => each.includes('RTO')) ?? '';
    expect(line).to.match(/of 15 s.*has to hold 3 s/);
    expect(line, 'not in the colour of what failed').not.to.include('\u001b[31m');
    void reporter.onEnd?.();
  });

  it('says that loss is not known before what survived was read', async () => {
    const { frames, clock, reporter, tell } = liveRun();
    tell([...untilTheFault, ...disaster, recovered]);
    await clock.advance(1_000);
    expect(frames.at(-1)).to.include('RPO    target 1 s, not known yet');
    tell([{ t: recovered.t + 100, event: 'verification.checked', checks: [] }]);
    await clock.advance(1_000);
    expect(frames.at(-1)).to.include('counted; the report says it');
    void reporter.onEnd?.();
  });

  it('fits every frame into the terminal', async () => {
    for (const [columns, rows] of [
      [60, 14],
      [80, 24],
      [120, 40],
    ] as const) {
      const { frames, clock, reporter, tell } = liveRun({ columns, rows });
      tell([...untilTheFault, ...disaster]);
      await clock.advance(6000);
      const lines = (frames.at(-1) ?? '').split('\n');
      expect(lines.length).to.be.below(rows);
      for (const line of lines) expect(displayWidth(line), line).to.be.below(columns);
      void reporter.onEnd?.();
    }
  });

  it('stops drawing and leaves nobody asleep when the result is there', async () => {
    const { frames, clock, reporter } = liveRun();
    await clock.advance(500);
    reporter.onResult?.(passed, '/runs/1');
    const drawn = frames.length;
    await clock.advance(500);
    expect(frames.length).to.equal(drawn);
    expect(clock.sleeping).to.equal(0);
  });

  it('falls back to plain lines where there is no terminal, or too small a one', () => {
    for (const columns of [80, 40]) {
      const frames: string[] = [];
      const onFrame = (frame: string) => frames.push(frame);
      const output = recordingOutput(columns === 80 ? { columns } : { columns, onFrame });
      const reporter = liveReporter(output, new ManualClock());
      reporter.onPlan?.(plan);
      for (const event of disaster) reporter.onEvent?.(event);
      void reporter.onEnd?.();
      expect(frames).to.deep.equal([]);
      expect(output.text()).to.include('fault: lose-region east, kill (disaster)');
    }
  });
});
