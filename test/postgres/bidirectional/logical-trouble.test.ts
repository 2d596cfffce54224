// Bidirectional replication that breaks: an apply worker that stopped, a region that dies and
// returns, a region that is gone for good.
import { expect } from 'chai';
import { forgetPeer, rejoin } from '../../../src/postgres/bidirectional/logical.ts';
import { directionProblems } from '../../../src/postgres/bidirectional/logical-state.ts';
import { untilReady } from '../../../src/postgres/bidirectional/logical-wait.ts';
import { clock, peerOf, startPair, type LogicalPair } from '../../support/postgres/logical-pair.ts';
import { BLACKHOLE } from '../../../src/link/toxics.ts';

const REGIONS = ['east', 'west'] as const;

describe('a logical apply worker that stopped', function () {
  this.timeout(120_000);
  let pair: LogicalPair;
  before(async function () {
    pair = await startPair(this);
  });
  after(() => pair?.stop());

  it('is seen, together with the rows behind it that do not arrive', async () => {
    const before = await pair.look('east', 'west');
    expect(directionProblems(before)).to.deep.equal([]);
    const hole = pair.link.disturb(BLACKHOLE);
    await hole.act();
    await pair.query('east', `insert into stock (key, region) values (99, 'east')`);
    await pair.query('west', `insert into stock (key, region) values (99, 'west')`);
    await hole.undo();
    await pair.write('east', 1, 1, 20);
    const since = await pair.look('east', 'west');
    const errors = async () => {
      const problems = directionProblems(await pair.look('east', 'west'), since);
      return problems.find((problem) => problem.startsWith('errors in applying')) ?? '';
    };
    await pair.until(async () => /insert_exists: [2-9]/.test(await errors()), 'it fails again');
    // Whatever else looks well at this moment.
    expect(await errors()).to.match(/^errors in applying: \d+, insert_exists: \d+$/);
    const failed = await pair.replayed('east', 300).catch((error: Error) => error.message);
    expect(failed).to.match(
      /^east: expected west to have replayed it within 300 ms, found \d+ bytes/,
    );
    const ready = await untilReady([[pair.side('east'), pair.side('west')]], clock, 300).catch(
      (error: Error) => error.message,
    );
    expect(ready).to.match(/ready within 300 ms, found .*errors in applying/);
    expect(await pair.count('west')).to.equal(0);
    const found = await pair.compared();
    expect(found.differing).to.equal(21);
    expect(found.listed.at(-1)).to.deep.equal({
      ...{ table: 'stock', key: '99' },
      values: { east: 'east never {}', west: 'west never {}' },
    });
  });

  it('goes on where it was once the row in its way is gone', async () => {
    await pair.query('west', 'alter subscription drill_west disable');
    await pair.query('west', 'delete from stock where key = 99');
    await pair.query('west', 'alter subscription drill_west enable');
    await pair.replayed('east');
    expect(await pair.count('west')).to.equal(20);
  });
});

describe('a region that dies', function () {
  this.timeout(120_000);
  let pair: LogicalPair;
  before(async function () {
    pair = await startPair(this);
  });
  after(() => pair?.stop());

  it('brings the rows that were still on their way when it returns, and takes what it missed', async () => {
    await pair.write('east', 1, 1, 100);
    await pair.replayed('east');
    const hole = pair.link.disturb(BLACKHOLE);
    await hole.act();
    await pair.write('east', 1, 101, 150);
    await pair.kill('east');
    await hole.undo();
    await pair.write('west', 2, 1, 80);
    expect(await pair.count('west')).to.equal(180);

    await pair.restart('east');
    for (const from of REGIONS) await pair.replayed(from);
    expect([await pair.count('east'), await pair.count('west')]).to.deep.equal([230, 230]);
    expect((await pair.compared()).differing).to.equal(0);
    const since = await pair.look('east', 'west');
    expect(directionProblems(since, since)).to.deep.equal([]);
  });

  it('is forgotten at once, though nobody answers there, and twice does no harm', async () => {
    const hole = pair.link.disturb(BLACKHOLE);
    await hole.act();
    await pair.write('east', 1, 151, 160);
    await pair.kill('east');
    const west = pair.side('west');
    await forgetPeer(west, 'east', { clock });
    await forgetPeer(west, 'east', { clock });
    expect(await pair.query('west', 'select from pg_subscription')).to.deep.equal([]);
    expect(await pair.query('west', 'select from pg_replication_slots')).to.deep.equal([]);
    expect(await pair.query('west', 'select from pg_replication_origin')).to.deep.equal([]);
    expect(await pair.count('west')).to.equal(230);
    await hole.undo();
  });

  it('is replaced by an empty one while the survivor is written to, and both are the same', async () => {
    await pair.replace('east');
    const load = { isOver: false, last: 0 };
    const writing = (async () => {
      while (!load.isOver) {
        load.last += 1;
        await pair.write('west', 3, load.last, load.last);
        await pair.query(
          'west',
          `update stock set history = history || '2003-${load.last}'::text where key = 1`,
        );
      }
    })();
    await pair.until(async () => load.last > 5, 'some writes');
    await rejoin(pair.side('west'), pair.side('east'), pair.options);
    const during = load.last;
    await pair.until(async () => load.last > during + 5, 'some more writes');
    load.isOver = true;
    await writing;
    await pair.write('east', 4, 1, 30);
    for (const from of REGIONS) await pair.replayed(from);
    const found = await pair.compared();
    expect(found.differing).to.equal(0);
    expect(found.tables['orders']!['east']!.rows).to.equal(260 + load.last);
    expect(found.tables['stock']!['east']!.rows).to.equal(4);
    const [numbers] = await pair.query<{ even: number }>(
      'west',
      `select count(*)::int as even from orders where writer = 4 and row % 2 = 0`,
    );
    expect(numbers!.even).to.equal(0);
    for (const from of REGIONS) {
      expect(directionProblems(await pair.look(from, peerOf(from)))).to.deep.equal([]);
    }
  });

  it('is not replaced by one that has orders of its own', async () => {
    const failed = await rejoin(pair.side('west'), pair.side('east'), pair.options).catch(
      (error: Error) => error.message,
    );
    expect(failed).to.match(/^east: expected no orders/);
  });
});
