import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostClock } from '../../../src/host/clock.ts';
import { connectTo } from '../../../src/host/probe.ts';
import {
  findRunProcesses,
  killTrees,
  liveTree,
  ownProcess,
  processStarted,
  RUN_MARK,
  sendSignal,
  untilGone,
  usageOf,
} from '../../../src/host/process/processes.ts';

const clock = hostClock();

/** A shell with two children of its own. */
async function startFamily(run: string) {
  const shell = spawn('sh', ['-c', 'sleep 60 & sleep 60 & echo ready; wait'], {
    env: { ...process.env, [RUN_MARK]: run },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  await once(shell.stdout, 'data');
  return shell.pid!;
}

/** Listens, and has a second thread that takes a moment to die. */
const LISTENER = `
const server = require('node:net').createServer();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
const busy = 'setInterval(() => { for (let i = 0; i < 3e6; i++); }, 1)';
new (require('node:worker_threads').Worker)(busy, { eval: true });
`;

async function startListener() {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: [...stdio] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid: child.pid!, port: Number(said.toString()) };
}

describe('processes', () => {
  it('kills a whole tree at once and sees it gone', async () => {
    const pid = await startFamily('test-tree');
    const family = liveTree(pid);
    expect(family).to.have.length(3);
    const killed = killTrees([pid]);
    expect(killed).to.have.members(family);
    expect(await untilGone(killed, clock, 5_000)).to.deep.equal([]);
    expect(liveTree(pid)).to.deep.equal([]);
  });

  it('does not hold a process for gone whose last thread still keeps its port open', async () => {
    for (let i = 0; i < 5; i++) {
      const listeners = await Promise.all([startListener(), startListener(), startListener()]);
      const killed = killTrees(listeners.map(({ pid }) => pid));
      expect(await untilGone(killed, clock, 5_000)).to.deep.equal([]);
      const ports = listeners.map(({ port }) => connectTo('127.0.0.1', port, 500));
      expect(await Promise.all(ports)).to.deep.equal(['refused', 'refused', 'refused']);
    }
  });

  it('finds the processes of a run by their mark, and no others', async () => {
    const pid = await startFamily('test-mark');
    const other = await startFamily('test-mark-other');
    try {
      expect(findRunProcesses('test-mark', '/nowhere')).to.have.members(liveTree(pid));
    } finally {
      await untilGone(killTrees([pid, other]), clock, 5_000);
    }
    expect(findRunProcesses('test-mark', '/nowhere')).to.deep.equal([]);
  });

  it('tells a process from a later one by when it started', async () => {
    const pid = await startFamily('test-started');
    const started = processStarted(pid);
    expect(started).to.be.a('string').and.not.equal('');
    expect(processStarted(pid)).to.equal(started);
    expect(ownProcess().started).not.to.equal(started);
    await untilGone(killTrees([pid]), clock, 5_000);
    expect(processStarted(pid)).to.equal(null);
  });

  it('signals nobody for the id of a program that could not be started', () => {
    // SIGURG is ignored by default: without the guard it would reach everybody, and harm no one.
    for (const pid of [-1, 0, 1, Number.NaN]) {
      expect(sendSignal(pid, 'SIGURG'), String(pid)).to.equal(false);
    }
    expect(killTrees([-1, 0])).to.deep.equal([]);
  });

  it('kills nothing when the process is gone already', async () => {
    const pid = await startFamily('test-gone');
    await untilGone(killTrees([pid]), clock, 5_000);
    expect(killTrees([pid])).to.deep.equal([]);
  });

  it('says what processes have used, and nothing for those that are gone', async () => {
    const own = usageOf([process.pid]);
    expect(own.memory_bytes).to.be.within(10e6, 4e9);
    const until = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < until);
    expect(usageOf([process.pid]).cpu_ms - own.cpu_ms).to.be.within(200, 5_000);
    const pid = await startFamily('test-usage');
    const [one, two] = [usageOf([pid]), usageOf([pid, process.pid])];
    expect(two.memory_bytes).to.be.above(one.memory_bytes);
    await untilGone(killTrees([pid]), clock, 5_000);
    expect(usageOf([pid])).to.deep.equal({ cpu_ms: 0, memory_bytes: 0 });
  });
});
