// Two plain servers that drills are pointed at: nothing happens by itself, and an operator's scripts
// do the rest. What is left of a stack is looked for with them too.
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeOrders, order, patiently, query, untilArrived } from '../support/attached/orders.ts';
import { requireRepmgr } from '../support/attached/programs.ts';
import { processesOf } from '../support/attached/remains.ts';
import type { NodeName, Stack } from '../support/attached/stack.ts';
import { runArgv } from '../support/attached/start.ts';
import { startTwoServers } from '../support/attached/two-servers.ts';
import { it } from '../support/commands.ts';
import { sharedMemoryOf, stillThere } from '../support/system/shared-memory-of.ts';

const [EAST, WEST] = ['east/db1', 'west/db2'] as const;

describe('a stack of two servers', function () {
  this.timeout(120_000);
  let stack: Stack;

  before(async function () {
    requireRepmgr(this);
    stack = await startTwoServers();
    await makeOrders(stack.databases[EAST]);
  });
  after(async () => await stack?.down());

  const primary = async () => (await runArgv(stack.primary)).trim();
  const arrives = async (at: NodeName, from: NodeName) =>
    await untilArrived(stack.databases[at], await order(stack.databases[from]));

  it.full('loses its primary, is promoted and rebuilt', async () => {
    await arrives(WEST, EAST);
    await runArgv(stack.lose('node'));
    expect(await primary()).to.equal('');
    await runArgv(stack.command('fence', EAST));
    await runArgv(stack.command('promote', WEST));
    expect(await primary()).to.equal(WEST);
    await order(stack.databases[WEST]);
    await runArgv(stack.command('rebuild', EAST));
    await arrives(EAST, WEST);
  });

  it.full('gives the role of a drill no more than it needs', async () => {
    const url = stack.databases[WEST];
    for (const text of ['checkpoint', 'select pg_promote()', 'select * from customers']) {
      const refused = await query(url, text).then(
        () => 'it may',
        (error: Error) => error.message,
      );
      expect(refused).to.match(/permission denied|must be superuser/);
    }
  });

  it.full('has a server back as it was where nobody was promoted, dead or frozen', async () => {
    if ((await primary()) === EAST) await runArgv(stack.switchOver(WEST));
    for (const how of ['node', 'freeze'] as const) {
      for (const lost of [WEST, EAST] as const) {
        await runArgv(stack.lose(how, lost));
        await runArgv(stack.undo(lost));
        await runArgv(stack.undo(lost)); // again, as whoever is not sure does
        expect(await primary()).to.equal(WEST);
        await arrives(EAST, WEST);
      }
    }
  });

  it.full('rebuilds by its undo what would be a second primary', async () => {
    if ((await primary()) === WEST) await runArgv(stack.switchOver(EAST));
    await arrives(WEST, EAST);
    await runArgv(stack.lose('freeze'));
    await runArgv(stack.command('promote', WEST));
    await runArgv(stack.thaw());
    expect(await primary()).to.equal(`${EAST}\n${WEST}`);
    await order(stack.databases[EAST]);
    await runArgv(stack.undo());
    expect(await primary()).to.equal(WEST);
    await arrives(EAST, WEST);
  });

  it.full('is undone by its dead-man’s switch, unless that is disarmed', async () => {
    const [lost] = (await primary()) === EAST ? [EAST] : [WEST];
    await runArgv(stack.arm(60, lost));
    await runArgv(stack.disarm(lost));
    await runArgv(stack.arm(2, lost));
    await runArgv(stack.lose('node', lost));
    expect(await primary()).to.equal('');
    await patiently('the dead-man’s switch heals nothing', async () => {
      return (await primary()) === lost ? true : null;
    });
  });
});

describe('a test that is killed', function () {
  this.timeout(120_000);
  before(function () {
    requireRepmgr(this);
  });

  const START = new URL('../support/attached/two-servers.ts', import.meta.url).href;
  const PROGRAM = `
    import { startTwoServers } from '${START}';
    import { runArgv } from '${new URL('start.ts', START).href}';
    const stack = await startTwoServers();
    await runArgv(stack.arm(600));
    await runArgv(stack.lose('node'));
    console.log('half dead');
    setInterval(() => {}, 1_000);
  `;

  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'drill-killed-'));
    chmodSync(temporary, 0o755); // PostgreSQL's user passes through
  });
  afterEach(() => rmSync(temporary, { recursive: true }));

  /** Killed once `moment` resolves; nothing of its stack may be left soon after. */
  async function kill(moment: (child: ChildProcess) => Promise<unknown>): Promise<void> {
    const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary },
    });
    await moment(child);
    const stacks = readdirSync(temporary).filter((name) => name.startsWith('drill-stack-'));
    const pids = () =>
      stacks.flatMap((name) => processesOf(name.split('-').at(-1)!, join(temporary, name)));
    const memory = sharedMemoryOf(pids());
    child.kill('SIGKILL');
    await patiently('its directory is still there', async () =>
      readdirSync(temporary).some((name) => name.startsWith('drill-stack-')) ? null : true,
    );
    await patiently('its processes live on', async () => (pids().length > 0 ? null : true));
    await patiently('its shared memory is left', async () =>
      stillThere(memory).length > 0 ? null : true,
    );
  }

  it.full('leaves nothing of its stack, half of which is dead', async () => {
    await kill(async (child) => await once(child.stdout!, 'data'));
  });

  it.full('leaves nothing of a stack that comes up', async () => {
    for (const ms of [300, 600, 900, 1_200, 1_600, 2_000, 2_500, 3_000]) {
      await kill(async () => await sleep(ms));
    }
  });
});
