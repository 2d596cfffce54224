// One node that is ended and comes back, over a real process, and regions that are killed meanwhile.
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostClock } from '../../../src/host/clock.ts';
import { isStillThere, identify } from '../../../src/host/process/processes.ts';
import { EndedNodes } from '../../../src/topology/assembled/ended-nodes.ts';

class RealNode {
  #child: ChildProcess | null = null;
  starts = 0;

  async start(): Promise<void> {
    this.#child = spawn('sleep', ['60'], { stdio: 'ignore' });
    this.starts += 1;
    await once(this.#child, 'spawn');
  }

  async kill(): Promise<void> {
    const child = this.#child!;
    if (!this.isAlive) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  get isAlive(): boolean {
    return identify([this.#child!.pid!]).some(isStillThere);
  }

  look = () => Promise.resolve({ state: this.isAlive ? 'running' : 'dead', detail: '' } as const);
}

describe('a node that is ended by itself', () => {
  let node: RealNode;
  beforeEach(async () => {
    node = new RealNode();
    await node.start();
  });
  afterEach(() => node.kill());

  const nodes = (startAgain = () => node.start()) =>
    new EndedNodes<RealNode>({
      ...{ find: () => node, end: (it) => it.kill(), startAgain, clock: hostClock() },
    });
  const ending = (ended = nodes()) => ended.end('east/app-1', 'kill');

  it('is dead until that is undone, and runs again once', async () => {
    const undoable = ending();
    expect(undoable.entry).to.deep.equal({ undo: 'ended-node', node: 'east/app-1', how: 'kill' });
    await undoable.act();
    expect(node.isAlive).to.equal(false);
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.isAlive).to.equal(true);
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.starts).to.equal(2);
  });

  it('comes back where it died of something else, and is left alone where it lives', async () => {
    const undoable = nodes().mayDie('east/app-1');
    expect(undoable.entry).to.deep.equal({ undo: 'ended-node', node: 'east/app-1' });
    await undoable.act();
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.starts).to.equal(1);
    await node.kill();
    expect(await undoable.undo()).to.deep.equal([]);
    expect([node.isAlive, node.starts]).to.deep.equal([true, 2]);
  });

  it('says so where somebody else had started it', async () => {
    const undoable = ending();
    await undoable.act();
    await node.start();
    expect(await undoable.undo()).to.deep.equal(['the end of east/app-1']);
    expect(node.starts).to.equal(2);
  });

  it('stays dead where its whole region was killed', async () => {
    const ended = nodes();
    const undoable = ending(ended);
    await undoable.act();
    await ended.killAll(() => node.kill());
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.isAlive).to.equal(false);
  });

  it('is killed with its region also while it comes back', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let begun = () => {};
    const begins = new Promise<void>((resolve) => (begun = resolve));
    const ended = nodes(async () => {
      begun();
      await held; // as a server that replays its log
      await node.start();
    });
    const undoable = ending(ended);
    await undoable.act();
    const coming = undoable.undo();
    await begins;
    const killing = ended.killAll(() => node.kill());
    goOn();
    await Promise.all([coming, killing]);
    expect(node.starts).to.equal(2);
    expect(node.isAlive).to.equal(false);
  });

  it('fails as its start does, and can be healed later', async () => {
    let isBroken = true;
    const ended = nodes(async () => {
      if (isBroken) throw new Error('no room');
      await node.start();
    });
    const undoable = ending(ended);
    await undoable.act();
    expect(await undoable.undo().catch((error: Error) => error.message)).to.equal('no room');
    isBroken = false;
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.isAlive).to.equal(true);
  });

  it('dies so often in a loop, and stays once that is undone', async () => {
    const undoable = nodes().crash('east/app-1', 20);
    await undoable.act();
    while (node.starts < 4) await hostClock().sleep(2);
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.isAlive).to.equal(true);
    const { starts } = node;
    await hostClock().sleep(50);
    expect([node.starts, node.isAlive]).to.deep.equal([starts, true]);
    expect(await undoable.undo()).to.deep.equal([]);
  });

  it('tells that its loop had stopped, and runs again', async () => {
    const ended = nodes(async () => {
      if (node.starts === 2) throw new Error('no room');
      await node.start();
    });
    const undoable = ended.crash('east/app-1', 10);
    await undoable.act();
    while (node.starts < 2 || node.isAlive) await hostClock().sleep(2);
    await hostClock().sleep(30);
    node.starts++; // there is room again
    expect(await undoable.undo()).to.deep.equal(['the crash loop of east/app-1']);
    expect(node.isAlive).to.equal(true);
  });

  it('in a loop dies for good with its region', async () => {
    const ended = nodes();
    const undoable = ended.crash('east/app-1', 10);
    await undoable.act();
    while (node.starts < 3) await hostClock().sleep(2);
    await ended.killAll(() => node.kill());
    await hostClock().sleep(30);
    expect(node.isAlive).to.equal(false);
    expect(await undoable.undo()).to.deep.equal([]);
    expect(node.isAlive).to.equal(false);
  });
});
