// A real process that gets only a share of the time, and all of it again afterwards.
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostClock } from '../../../src/host/clock.ts';
import { DutyCycle } from '../../../src/host/process/duty-cycle.ts';
import { areStopped } from '../../../src/host/process/processes.ts';

const clock = hostClock();

describe('a process that gets a share of the time', () => {
  let child: ChildProcess;
  beforeEach(async () => {
    child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
  });
  afterEach(() => void child.kill('SIGKILL'));

  const until = async (isStopped: boolean) => {
    while (areStopped([child.pid!]) !== isStopped) await clock.sleep(1);
  };

  it('is stopped and goes on in turns, and goes on for good once that is over', async () => {
    const cycle = new DutyCycle(() => [child.pid!], 0.5, clock);
    cycle.start();
    for (let turn = 0; turn < 2; turn++) {
      await until(true);
      await until(false);
    }
    await until(true);
    await cycle.stop();
    await until(false);
    await clock.sleep(120); // longer than a turn
    expect(areStopped([child.pid!])).to.equal(false);
  });

  it('gets no more of the time where a busy machine lets it go on for longer', async () => {
    const sleep = (ms: number, signal?: AbortSignal) => clock.sleep(ms + 60, signal);
    const cycle = new DutyCycle(() => [child.pid!], 0.2, { ...clock, sleep });
    cycle.start();
    let [looks, running] = [0, 0];
    for (const end = clock.now() + 1_200; clock.now() < end; looks++) {
      if (!areStopped([child.pid!])) running += 1;
      await clock.sleep(2);
    }
    await cycle.stop();
    expect(running / looks).to.be.within(0.05, 0.27);
  });

  it('goes on though it was never slowed here, such as by a cleaner', async () => {
    child.kill('SIGSTOP');
    await until(true);
    await new DutyCycle(() => [child.pid!], 0.5, clock).stop();
    await until(false);
  });
});
