// The drills of `drills/attached/`, each against a real stack of its kind, with its hosts and commands
// in the place of those that nobody has here.
import { expect } from 'chai';
import { startAutoFailover } from '../../support/attached/auto-failover.ts';
import { acknowledgedIn, runOwnFile, type OwnRun } from '../../support/attached/own-drill.ts';
import { startPatroni } from '../../support/attached/patroni.ts';
import {
  requireAutoFailover,
  requirePatroni,
  requireRepmgr,
} from '../../support/attached/programs.ts';
import { startRepmgr } from '../../support/attached/repmgr.ts';
import type { Stack } from '../../support/attached/stack.ts';
import { stockOwnDrill } from '../../support/attached/stock-drill.ts';
import { startTwoServers } from '../../support/attached/two-servers.ts';
import { it } from '../../support/commands.ts';

const WEST = 'west/db2';

describe('a stock drill of somebody’s own system', function () {
  this.timeout(300_000);
  let ended: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ended.splice(0).toReversed()) await end();
    ended = [];
  });

  const started = async (start: () => Promise<Stack>) => {
    const stack = await start();
    ended.push(() => stack.down());
    return stack;
  };
  const run = async (stack: Stack, text: string) => {
    const ran = await runOwnFile(stack, text);
    ended.push(async () => ran.place.remove());
    return ran;
  };
  /** The loss that a second program counts is the one that drill tells. */
  const isCounted = async (ran: OwnRun) => {
    const kept = ran.ids.get(WEST)!;
    const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
    expect(ran.result.loss!.lost).to.equal(gone.length);
  };
  const passes = async (ran: OwnRun) => {
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.ended.code).to.equal(0);
    await isCounted(ran);
  };

  it('repmgr: the other server takes over, and nobody but drill is asked', async function () {
    requireRepmgr(this);
    const stack = await started(startRepmgr);
    const here = { run: stack.lose('node'), undo: stack.undo() };
    await passes(await run(stack, stockOwnDrill('repmgr', stack, here)));
  });

  it.full('two servers: the scripts are run, and timed', async function () {
    requireRepmgr(this);
    const stack = await started(startTwoServers);
    const steps = {
      'fence db1': stack.command('fence', 'db1'),
      'promote db2': stack.command('promote', 'db2'),
    };
    const here = { run: stack.lose('node'), undo: stack.undo(), steps };
    const ran = await run(stack, stockOwnDrill('two-servers', stack, here));
    await passes(ran);
    const titles = ran.place.events().flatMap((each) => {
      return each.event === 'step.ended' ? [each.step] : [];
    });
    expect(titles).to.deep.equal(['fence db1', 'promote db2']);
    const took = ran.result.recovery!.phases.flatMap(({ name, ms }) => (ms === null ? [] : [name]));
    expect(took).to.deep.equal(['decide', 'fence', 'promote', 'reconnect', 'stabilise']);
  });

  it.full('Patroni: killed alone, it fails', async function () {
    requirePatroni(this);
    const stack = await started(startPatroni);
    const ran = await run(
      stack,
      stockOwnDrill('patroni', stack, {
        run: stack.lose('daemon'),
        undo: stack.undo(),
        seen: { refuses: new URL(stack.primaryUrls!['east/db1']).host },
        primary: { command: stack.primary },
      }),
    );
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.loss!.lost).to.be.greaterThan(20);
    await isCounted(ran);
  });

  it.full('pg_auto_failover: the monitor promotes, and nothing is lost', async function () {
    requireAutoFailover(this);
    const stack = await started(startAutoFailover);
    const here = { run: stack.lose('node'), undo: stack.undo() };
    const ran = await run(stack, stockOwnDrill('pg-auto-failover', stack, here));
    expect(ran.result.loss!.lost, ran.ended.stdout).to.equal(0);
    await isCounted(ran);
  });
});
