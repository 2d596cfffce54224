import { expect } from 'chai';
import { plainReporter } from '../../src/report/live/plain.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { recordingOutput } from '../support/cli/recording-screen.ts';
import { passed, plan } from '../support/evidence/results.ts';
import { disaster, untilTheFault } from '../support/evidence/planted-events.ts';

function plainRun() {
  const clock = new ManualClock();
  const output = recordingOutput();
  const reporter = plainReporter(output, clock);
  reporter.onPlan?.(plan);
  return { clock, output, reporter };
}

describe('plain reporter', () => {
  it('writes a line per event worth one, with the time of the event', () => {
    const { output, reporter } = plainRun();
    for (const event of [...untilTheFault, ...disaster]) reporter.onEvent?.(event);
    void reporter.onEnd?.();
    const lines = output.text().trimEnd().split('\n');
    expect(lines.at(-1)).to.equal('   5.00 s  fault: lose-region east, kill (disaster)');
    expect(lines).to.have.length(6); // name, run, up, steady, fault, the fault itself; no samples
  });

  it('says when it was what is known only later, and never goes back in time', () => {
    const { output, reporter } = plainRun();
    const at = (t: number, text: string) => reporter.onEvent?.({ t, event: 'run.noted', text });
    const stall = { event: 'program.stalled', program: 'workload', ms: 800 } as const;
    at(9_000, 'later');
    reporter.onEvent?.({ ...stall, t: 3_200 });
    at(8_950, 'beside it');
    at(9_500, 'after it');
    reporter.onPlan?.(plan);
    at(10, 'of the next trial');
    void reporter.onEnd?.();
    const lines = output.text().trimEnd().split('\n');
    expect(lines.filter((line) => / s {2}/.test(line))).to.deep.equal([
      '   9.00 s  later',
      '   9.00 s  the workload stood still for 800 ms (at 3.20 s, known only now)',
      '   8.95 s  beside it',
      '   9.50 s  after it',
      '   0.01 s  of the next trial',
    ]);
  });

  it('has a heartbeat every 10 s of silence, with the load and the RTO clock', async () => {
    const { clock, output, reporter } = plainRun();
    for (const event of [...untilTheFault, ...disaster]) reporter.onEvent?.(event);
    await clock.advance(20_500);
    void reporter.onEnd?.();
    const beats = output
      .text()
      .split('\n')
      .filter((line) => line.includes('still in fault'));
    expect(beats).to.have.length(2);
    expect(beats[0]).to.match(
      /10\.00 s {2}still in fault, 5 s · 190\/s served, 0\/s failed, p99 5\.1 ms/,
    );
    expect(beats[0]).to.include('RTO clock 5 s of 15 s');
  });

  it('is silent while events keep coming', async () => {
    const { clock, output, reporter } = plainRun();
    for (let i = 0; i < 4; i++) {
      await clock.advance(9000);
      reporter.onEvent?.({ t: clock.now(), event: 'run.noted', text: 'preparing PostgreSQL' });
    }
    void reporter.onEnd?.();
    expect(output.text()).not.to.include('waiting');
  });

  it('ends its heartbeat with the result', () => {
    const { clock, reporter } = plainRun();
    reporter.onResult?.(passed, '/runs/1');
    return clock.advance(60_000).then(() => expect(clock.sleeping).to.equal(0));
  });

  it('never lets foreign text move the cursor', () => {
    const { output, reporter } = plainRun();
    reporter.onEvent?.({ t: 1, event: 'run.noted', text: 'a\u001b[2Jb\nc' });
    void reporter.onEnd?.();
    expect(output.text()).to.include('a\\u001b[2Jb c\n');
  });
});
