// The stack of pg_auto_failover that drills are pointed at: synchronous, so that whatever it was
// promised is there after each loss.
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { startAutoFailover } from '../support/attached/auto-failover.ts';
import { patiently } from '../support/attached/orders.ts';
import { Pair } from '../support/attached/pair.ts';
import { requireAutoFailover } from '../support/attached/programs.ts';
import { semaphoresIn } from '../support/attached/remains.ts';
import type { Stack } from '../support/attached/stack.ts';
import { runArgv } from '../support/attached/start.ts';
import { it } from '../support/commands.ts';

describe('a stack of pg_auto_failover', function () {
  this.timeout(240_000);
  let stack: Stack;
  let pair: Pair;
  /** Its programs leave theirs on the machine where they are killed. */
  const semaphores = new Set<string>();

  before(async function () {
    requireAutoFailover(this);
    stack = await startAutoFailover();
    pair = new Pair(stack);
  });
  after(async () => {
    await stack?.down();
    expect(existing().filter((id) => semaphores.has(id))).to.deep.equal([]);
  });
  beforeEach(async () => {
    await pair.turn();
    for (const id of semaphoresIn(stack.directory)) semaphores.add(id);
  });

  const list = () => [stack.databases[pair.lost], stack.databases[pair.other]];

  for (const how of ['node', 'freeze'] as const) {
    it.full(`loses nothing with a primary that is lost: ${how}`, async () => {
      const { clients, fault_ms, missing } = await pair.lose(stack.lose(how, pair.lost), list());
      expect(clients.outageAfter(fault_ms)).to.be.within(1, Infinity);
      expect(missing).to.equal(0);
      await pair.undo();
    });
  }

  it.full('starts PostgreSQL again where that alone is lost', async () => {
    await runArgv(stack.lose('postgres', pair.lost));
    await patiently(`${pair.lost} takes no writes any more`, async () =>
      (await pair.takesWrites(pair.lost)) ? true : null,
    );
    expect(await pair.primary()).to.equal(pair.lost);
  });

  it.full('is switched over as planned, without loss', async () => {
    const { missing } = await pair.lose(stack.switchOver(pair.other), list());
    expect(missing).to.equal(0);
    await pair.undo();
  });
});

function existing(): string[] {
  const rows = readFileSync('/proc/sysvipc/sem', 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => row.trim().split(/\s+/)[1]!);
}
