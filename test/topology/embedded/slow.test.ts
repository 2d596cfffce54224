// A real process that is slowed as a node, and another one in its place when that is undone.
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostClock } from '../../../src/host/clock.ts';
import { areStopped } from '../../../src/host/process/processes.ts';
import { slowProcesses } from '../../../src/topology/embedded/freeze.ts';

const clock = hostClock();

describe('a node that is slowed', () => {
  let child: ChildProcess;
  beforeEach(async () => {
    child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
  });
  afterEach(() => void child.kill('SIGKILL'));

  const nodeOf = (pids: number[]) => ({ node: 'east/app-1', roots: () => pids, pids: () => pids });

  for (const [title, other, gone] of [
    ['is what it was when that is undone', 'same', []],
    ['is slowed no more once it was started anew', 'anew', ['what slowed east/app-1']],
    ['has nothing to lose where its region was given up', 'given up', []],
  ] as const) {
    it(title, async () => {
      const node = nodeOf([child.pid!]);
      const now = { same: node, anew: nodeOf([]), 'given up': null }[other];
      const slowed = slowProcesses(node, 0.2, () => now, clock);
      await slowed.act();
      while (!areStopped([child.pid!])) await clock.sleep(1);
      expect(await slowed.undo()).to.deep.equal(gone);
      while (areStopped([child.pid!])) await clock.sleep(1);
      expect(await slowed.undo(), 'a second time').to.deep.equal(gone);
    });
  }
});
