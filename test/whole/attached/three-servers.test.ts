// A region with two servers is lost with both at once: the clock starts at the blow, and every one of
// them has to follow again.
import { expect } from 'chai';
import { acknowledgedIn, seedPaceOf } from '../../support/attached/own-drill.ts';
import { query } from '../../support/attached/orders.ts';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requireRepmgr } from '../../support/attached/programs.ts';
import type { NodeName } from '../../support/attached/stack.ts';
import { startThreeServers } from '../../support/attached/three-servers.ts';
import { it } from '../../support/commands.ts';

const WEST = 'west/db3';

describe('a drill of a region with two servers', function () {
  this.timeout(180_000);
  const own = stackOfEach(requireRepmgr, startThreeServers);
  const { run } = own;

  const lost = (node: string) => ({
    run: own.stack.lose('node', node as NodeName),
    undo: own.stack.undo(node as NodeName),
    seen: `{ refuses: ${node} }`,
  });

  it.full('that are lost at once: one clock, no loss unseen, and both follow again', async () => {
    const ran = await run({
      ...lost('east/db1'),
      besides: [lost('east/db2')],
      steps: [
        { title: 'promote db3', command: own.stack.command('promote', 'db3'), mark: 'writable' },
      ],
    });
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.ended.code).to.equal(0);
    const events = ran.place.events();
    const started = events.filter(({ event }) => event === 'fault.started');
    expect(started).to.have.length(2);
    expect(started.map((each) => 'disaster' in each && each.disaster)).to.deep.equal([true, false]);
    expect(started[1]!.t - started[0]!.t).to.be.below(100);
    expect(ran.result.recovery!.rto_ms).to.be.greaterThan(0);
    const { rows, over_ms } = await seedPaceOf(ran);
    expect(over_ms, 'faster than the guard allows').to.be.at.least((rows - 1) * 10 - 50);
    const kept = ran.ids.get(WEST)!;
    const gone = (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
    expect(ran.result.loss!.lost).to.equal(gone.length);
    const [followed] = events.filter(({ event }) => event === 'servers.followed');
    expect(followed).to.include({ ok: true });
    expect(followed).to.have.property('checks').that.has.length(2);
    for (const node of ['east/db1', 'east/db2']) {
      const [seen] = await query(
        own.stack.admins[node as NodeName],
        'select status from pg_stat_wal_receiver',
      );
      expect(seen, node).to.deep.equal({ status: 'streaming' });
    }
    expect(ran.place.leftBehind()).to.deep.equal([]);
  });

  it.full('of which one alone is undone: the other one is not protected again', async () => {
    const ran = await run({
      ...lost('east/db1'),
      takes_at_most: '5s',
      // Back, and a primary of nobody: it never follows the one that took over.
      besides: [{ ...lost('east/db2'), undo: own.stack.command('start', 'db2') }],
      steps: [{ title: 'promote db3', command: own.stack.command('promote', 'db3') }],
    });
    expect(ran.ended.code, ran.ended.stdout).to.equal(1);
    expect(ran.result.failures.map(({ code }) => code)).to.deep.equal(['not-protected']);
    expect(ran.result.reasons.join(' ')).to.contain('what is written comes to east/db2');
  });
});
