// The fence: what shuts a region out, and how each thing that is still open shows.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import type { RunEvent } from '../../src/evidence/event.ts';
import { areStopped } from '../../src/host/process/processes.ts';
import { checkFence, putUpFence } from '../../src/recovery/fence.ts';
import { MemorySystem } from '../support/noop/memory-system.ts';
import { basePlan } from '../support/plan/base-plan.ts';

const plan = basePlan;
const lost = 'east';

async function fenced() {
  const system = new MemorySystem(plan);
  await system.region(lost).edge.addProxy('clients-east.app-1', { host: '', port: 1 });
  await system.link('east-west').addProxy('east-west.postgres', { host: '', port: 2 });
  await putUpFence({ plan, system, lost, emit: () => {} });
  return system;
}

const open = async (system: MemorySystem) =>
  (await checkFence({ plan, system, lost })).filter(({ ok }) => !ok);

describe('the fence', () => {
  it('cuts both links and kills the region', async () => {
    const { deeds } = await fenced();
    expect(deeds.done).to.have.members(['sever clients-east', 'sever east-west', 'kill east']);
  });

  it('tells what still lived when it came, and whether that stood still', async () => {
    const still = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      still.kill('SIGSTOP');
      while (!areStopped([still.pid!])) await new Promise((resolve) => setTimeout(resolve, 5));
      const told: unknown[] = [];
      const emit = (event: RunEvent['event'], body: object) => void told.push({ event, ...body });
      const system = new MemorySystem(plan);
      const region = system.region(lost);
      const [any] = region.nodes();
      const pids: Record<string, readonly number[]> = {};
      const node = (name: string) => ({ ...any!, node: name, pids: () => pids[name] ?? [] });
      Object.assign(region, { nodes: () => [node('runs'), node('mixed'), node('still')] });
      await putUpFence({ plan, system, lost, emit });
      expect(told).to.deep.equal([]); // everything is dead, or on another machine
      pids['still'] = [still.pid!];
      await putUpFence({ plan, system, lost, emit });
      pids['runs'] = [process.pid];
      pids['mixed'] = [still.pid!, process.pid];
      await putUpFence({ plan, system, lost, emit });
      const found = { event: 'fence.found', region: lost, frozen: ['still'] };
      expect(told).to.deep.equal([
        { ...found, running: [] },
        { ...found, running: ['runs', 'mixed'] },
      ]);
    } finally {
      still.kill('SIGKILL');
    }
  });

  it('is looked at on every store, node and proxy of the region, and on no other', async () => {
    const system = await fenced();
    const checks = await checkFence({ plan, system, lost });
    expect(checks).to.deep.equal([
      { name: 'east/postgres takes no write', ok: true, detail: 'refused' },
      ...system
        .region(lost)
        .nodes()
        .map(({ node }) => {
          return { name: `${node} is dead`, ok: true, detail: 'dead: seen' };
        }),
      { name: 'link clients-east.app-1 is down', ok: true, detail: 'nobody' },
      { name: 'link east-west.postgres is down', ok: true, detail: 'nobody' },
    ]);
    expect(system.region(lost).nodes()).to.not.be.empty;
  });

  it('is open where a node only stands still', async () => {
    const system = await fenced();
    system.region(lost).state = 'frozen';
    const names = system
      .region(lost)
      .nodes()
      .map(({ node }) => `${node} is dead`);
    const found = await open(system);
    expect(found.map(({ name }) => name)).to.deep.equal(names);
    expect(found[0]!.detail).to.equal('frozen: seen');
  });

  it('is open where a store takes a write', async () => {
    const system = await fenced();
    system.region(lost).state = 'running';
    const found = await open(system);
    expect(found[0]).to.deep.equal({
      ...{ name: 'east/postgres takes no write', ok: false, detail: 'taken' },
    });
  });

  it('is open where one proxy listens, and it is asked with a time limit', async () => {
    const system = await fenced();
    const asked: string[] = [];
    system.mayListen = async ({ name }, ms) => {
      asked.push(`${name} ${ms > 0 && ms <= 1_000}`);
      const listens = name === 'clients-east.app-1';
      return await Promise.resolve({ listens, detail: listens ? 'connected' : 'nobody' });
    };
    expect(await open(system)).to.deep.equal([
      { name: 'link clients-east.app-1 is down', ok: false, detail: 'connected' },
    ]);
    expect(asked).to.deep.equal(['clients-east.app-1 true', 'east-west.postgres true']);
  });
});
