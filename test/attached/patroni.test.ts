// The stack of Patroni that drills are pointed at, lost in each way: how long clients wait, and what
// becomes of the writes that they were promised. The times that it takes at least follow from
// Patroni's `ttl` of 20 s; nothing else is timed.
import { expect } from 'chai';
import { Pair } from '../support/attached/pair.ts';
import { patiently } from '../support/attached/orders.ts';
import { startPatroni } from '../support/attached/patroni.ts';
import { requirePatroni } from '../support/attached/programs.ts';
import type { How, Stack } from '../support/attached/stack.ts';
import { runArgv } from '../support/attached/start.ts';
import { it } from '../support/commands.ts';

/** The key of the leader was renewed shortly before. */
const TTL_MS = 18_000;
/** Acknowledged just before the fault, and then on the way to the standby. */
const ON_THE_WAY = 10;

describe('a stack of Patroni', function () {
  this.timeout(180_000);
  let stack: Stack;
  let pair: Pair;

  before(async function () {
    requirePatroni(this);
    stack = await startPatroni();
    pair = new Pair(stack);
  });
  after(async () => await stack?.down());
  beforeEach(async () => await pair.turn());

  const lose = (how: How) => stack.lose(how, pair.lost);
  const throughProxy = () => [stack.clients!];
  const words = async () =>
    await Promise.all(Object.values(stack.primaryUrls!).map(async (url) => (await fetch(url)).ok));

  it.full('loses a node: clients wait for the ttl, and little is lost', async () => {
    expect((await words()).filter(Boolean)).to.have.length(1);
    const { clients, fault_ms, missing } = await pair.lose(lose('node'), throughProxy());
    expect(clients.outageAfter(fault_ms)).to.be.within(TTL_MS, Infinity);
    expect(missing).to.be.at.most(ON_THE_WAY);
    await pair.undo();
  });

  it.full('loses PostgreSQL alone: Patroni sees it and gives the lock away', async () => {
    const { clients, fault_ms, missing } = await pair.lose(lose('postgres'), throughProxy());
    expect(clients.outageAfter(fault_ms)).to.be.within(1, TTL_MS);
    expect(missing).to.be.at.most(ON_THE_WAY);
    await pair.undo();
  });

  it.full('loses Patroni alone: two primaries, of which HAProxy hides one', async () => {
    const seen = await pair.lose(lose('daemon'), throughProxy());
    expect(seen.clients.outageAfter(seen.fault_ms)).to.be.within(TTL_MS, Infinity);
    expect(seen.direct.acknowledgedAfter(seen.taken_ms)).to.be.greaterThan(0);
    expect(seen.missing).to.be.at.most(ON_THE_WAY);
    await pair.undo();
  });

  it.full('loses Patroni alone: clients with a list see no outage and lose writes', async () => {
    const { lost, other } = pair;
    const list = [stack.databases[lost], stack.databases[other]];
    const { clients, fault_ms, taken_ms, missing } = await pair.lose(lose('daemon'), list);
    expect(clients.outageAfter(fault_ms)).to.be.lessThan(TTL_MS);
    expect(missing).to.be.greaterThan(ON_THE_WAY);
    expect(missing).to.be.at.least(clients.acknowledgedAfter(taken_ms) - ON_THE_WAY);
    expect(await clients.missingAt(stack.databases[lost])).to.equal(0);
    await pair.undo();
    // Gone for good: they were rewound.
    expect(await clients.missingAt(stack.databases[lost])).to.equal(missing);
  });

  it.full('stands still and is thawed: Patroni puts the second primary down itself', async () => {
    const thaw = async () => void (await runArgv(stack.thaw(pair.lost)));
    const { clients, fault_ms } = await pair.lose(lose('freeze'), throughProxy(), thaw);
    expect(clients.outageAfter(fault_ms)).to.be.within(TTL_MS, Infinity);
    await patiently(`${pair.lost} stays a primary`, async () =>
      (await pair.takesWrites(pair.lost)) ? null : true,
    );
    await pair.undo();
  });

  it.full('is switched over as planned, without loss', async () => {
    const { missing } = await pair.lose(stack.switchOver(pair.other), throughProxy());
    expect(missing).to.equal(0);
    await pair.undo();
  });
});
