// A process notices that it did not get to run: on a clock by hand, and a program that is stopped.
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostNow } from '../../src/host/clock.ts';
import { startProgram } from '../../src/host/program/program.ts';
import { StallWatch, type Stall } from '../../src/host/stalls.ts';

describe('a watch over a process’ own stalls', () => {
  it('tells a look that came too late, and no pause of a busy machine', () => {
    let now = 0;
    const watch = new StallWatch(() => now);
    for (const at of [50, 100, 390, 440, 1_490, 1_540]) {
      now = at;
      watch.look();
    }
    expect(watch.look()).to.deep.equal([{ from_ms: 490, ms: 1_000 }]);
  });

  it('is in every program: stopped by a signal it tells so, as soon as it wakes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'drill-stalls-'));
    const program = startProgram({
      title: 'gslb',
      module: new URL('../../src/gslb/main.ts', import.meta.url),
      env: { PATH: process.env['PATH'] },
      logFile: join(directory, 'log'),
    });
    const stalls = async () => (await program.request('stalls', {})) as Stall[];
    try {
      const before = await stalls();
      const stopped_ms = hostNow();
      process.kill(program.pid, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 400));
      // Asked while it is stopped, as it is in a run.
      const asked = stalls();
      process.kill(program.pid, 'SIGCONT');
      const [found] = (await asked).slice(before.length);
      expect(found!.ms).to.be.within(330, 2_000);
      expect(found!.from_ms).to.be.at.least(stopped_ms - 60);
    } finally {
      process.kill(program.pid, 'SIGKILL');
      await program.exited;
      rmSync(directory, { recursive: true });
    }
  });
});
