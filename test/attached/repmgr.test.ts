// The stack of repmgr that drills are pointed at: its standby takes over by itself, and whatever was
// lost comes back as its standby.
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { requireRepmgr } from '../support/attached/programs.ts';
import { startRepmgr } from '../support/attached/repmgr.ts';
import { runArgv } from '../support/attached/start.ts';
import { it } from '../support/commands.ts';
import {
  makeOrders,
  order,
  query,
  untilArrived,
  untilOrdered,
} from '../support/attached/orders.ts';
import type { How, NodeName, Stack } from '../support/attached/stack.ts';

/** Longer than it takes. */
const FAILOVER_MS = 6_000;
const [EAST, WEST] = ['east/db1', 'west/db2'] as const;

describe('a stack of repmgr', function () {
  this.timeout(120_000);
  let stack: Stack;

  before(async function () {
    requireRepmgr(this);
    stack = await startRepmgr();
    await makeOrders(stack.databases[EAST]);
  });
  after(async () => await stack?.down());

  const primary = async () => (await runArgv(stack.primary)).trim();

  /** Lost as is said, the other one takes over; then it is one of the pair again. */
  async function failOver(how: How, lost: NodeName, other: NodeName): Promise<void> {
    const before = await order(stack.databases[lost]);
    await untilArrived(stack.databases[other], before);
    await runArgv(stack.lose(how, lost));
    await untilOrdered(stack.databases[other]);
    expect(await primary()).to.equal(other);
    await runArgv(stack.undo(lost));
    await untilArrived(stack.databases[lost], await order(stack.databases[other]));
    expect(await query(stack.admins[lost], 'select pg_is_in_recovery()')).to.deep.equal([
      { pg_is_in_recovery: true },
    ]);
  }

  it.full('loses its primary and has it back as its standby', async () => {
    expect(await primary()).to.equal(EAST);
    await failOver('node', EAST, WEST);
  });

  it.full('the same where PostgreSQL alone is lost, and where all stand still', async () => {
    if ((await primary()) === EAST) await runArgv(stack.switchOver(WEST));
    await runArgv(stack.switchOver(EAST));
    expect(await primary()).to.equal(EAST);
    await failOver('postgres', EAST, WEST);
    await failOver('freeze', WEST, EAST);
  });

  it.full('goes on where a daemon alone is lost', async () => {
    const now = (await primary()) === EAST ? EAST : WEST;
    await runArgv(stack.lose('daemon', now));
    await sleep(FAILOVER_MS);
    expect(await primary()).to.equal(now);
    await runArgv(stack.undo(now));
    await failOver('node', now, now === EAST ? WEST : EAST);
  });
});
