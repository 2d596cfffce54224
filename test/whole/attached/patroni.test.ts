// Drills of Patroni: what drill says of each way to lose its primary is held against what a second
// program reads in both servers.
import { expect } from 'chai';
import { acknowledgedIn, type OwnDrill, type OwnRun } from '../../support/attached/own-drill.ts';
import { startPatroni } from '../../support/attached/patroni.ts';
import { stackOfEach } from '../../support/attached/own-suite.ts';
import { requirePatroni } from '../../support/attached/programs.ts';
import type { How } from '../../support/attached/stack.ts';
import { it } from '../../support/commands.ts';

const [EAST, WEST] = ['east/db1', 'west/db2'] as const;
/** Patroni’s leader key lasts so long. */
const TTL_MS = 20_000;

describe('a drill of Patroni', function () {
  this.timeout(300_000);
  const own = stackOfEach(requirePatroni, startPatroni);

  const run = async (how: How, drill: Partial<OwnDrill> = {}): Promise<OwnRun> => {
    return await own.run({
      run: own.stack.lose(how),
      undo: own.stack.undo(),
      seen: `{ refuses: ${EAST} }`,
      targets: '{ rto: 40s, rpo: 5s }',
      primary: own.stack.primary,
      ...drill,
    });
  };
  const through = () => new URL(own.stack.clients!).host;
  /** Patroni's own port of the primary says nothing any more. */
  const daemonGone = () => `{ refuses: '${new URL(own.stack.primaryUrls![EAST]).host}' }`;
  const lostBy = async (ran: OwnRun) => {
    const kept = ran.ids.get(WEST)!;
    return (await acknowledgedIn(ran)).filter((id) => !kept.has(id));
  };

  it.full('whose node is lost is back after its leader key is over, and loses little', async () => {
    const ran = await run('node', { through: through() });
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.ended.code).to.equal(0);
    expect(ran.result.recovery!.rto_ms).to.be.within(TTL_MS * 0.7, TTL_MS * 1.7);
    expect(ran.result.loss!.lost).to.equal((await lostBy(ran)).length);
    expect(ran.result.loss!.split_brain).to.equal(0);
  });

  it.full('whose PostgreSQL alone is lost is back sooner', async () => {
    const ran = await run('postgres', { through: through() });
    expect(ran.result.reasons, ran.ended.stdout).to.deep.equal([]);
    expect(ran.result.recovery!.rto_ms).to.be.below(TTL_MS * 0.7);
    expect(ran.result.loss!.lost).to.equal((await lostBy(ran)).length);
  });

  it.full(
    'that is killed alone, with clients on the list of servers: no outage, and a fail',
    async () => {
      const ran = await run('daemon', { seen: daemonGone(), targets: '{ rto: 40s, rpo: 0s }' });
      expect(ran.ended.code, ran.ended.stdout).to.equal(1);
      const [sustained] = ran.place.events().filter(({ event }) => event === 'service.sustained');
      expect(sustained).to.include({ rto_ms: 0 });
      const { failures, loss } = ran.result;
      expect(failures.map(({ code }) => code)).to.include('two-primaries');
      const gone = await lostBy(ran);
      expect(gone.length).to.be.greaterThan(20);
      expect(loss!.lost).to.equal(gone.length);
      expect(loss!.split_brain).to.be.greaterThan(0);
      expect(ran.place.events().map(({ event }) => event)).to.include('rows.salvaged');
    },
  );

  it.full(
    'that is killed alone, with clients through HAProxy: an outage, and two primaries',
    async () => {
      const ran = await run('daemon', { seen: daemonGone(), through: through() });
      expect(ran.ended.code, ran.ended.stdout).to.equal(1);
      expect(ran.result.failures.map(({ code }) => code)).to.include('two-primaries');
      expect(ran.result.recovery!.rto_ms).to.be.greaterThan(TTL_MS * 0.5);
      expect(ran.result.loss!.lost).to.equal((await lostBy(ran)).length);
    },
  );

  it.full(
    'of which all stand still is back, and its old primary is watched when it wakes',
    async () => {
      const ran = await run('freeze', { seen: `{ silent: ${EAST} }`, through: through() });
      expect(ran.result.recovery!.rto_ms, ran.ended.stdout).to.be.within(
        TTL_MS * 0.7,
        TTL_MS * 1.7,
      );
      expect(ran.result.loss!.lost).to.equal((await lostBy(ran)).length);
      const seen = ran.place.events().filter((each) => {
        return each.event === 'server.seen' && each.node === EAST && each.state === 'silent';
      });
      expect(seen.length).to.be.greaterThan(0);
    },
  );

  it.full('that is switched over as planned loses nothing', async () => {
    const ran = await run('node', {
      run: own.stack.switchOver(),
      undo: 'none',
      seen: `{ takes_no_writes: ${EAST} }`,
      through: through(),
    });
    expect(ran.result.loss?.lost, ran.ended.stdout).to.equal(0);
    expect((await lostBy(ran)).length).to.equal(0);
    expect(ran.result.failures).to.deep.equal([]);
  });
});
