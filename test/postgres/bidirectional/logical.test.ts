// Two primaries that replicate to each other, as real servers with a proxied link between them.
import { expect } from 'chai';
import { emptyOrders } from '../../../src/postgres/server/primary.ts';
import { joinPair } from '../../../src/postgres/bidirectional/logical.ts';
import {
  directionProblems,
  type DirectionState,
} from '../../../src/postgres/bidirectional/logical-state.ts';
import {
  clock,
  peerOf,
  startPair,
  type LogicalPair,
  type Region,
} from '../../support/postgres/logical-pair.ts';
import { positionOf, untilReplayed } from '../../../src/postgres/bidirectional/logical-wait.ts';
import { BLACKHOLE } from '../../../src/link/toxics.ts';

const REGIONS = ['east', 'west'] as const;

describe('bidirectional replication', function () {
  this.timeout(120_000);
  let pair: LogicalPair;
  before(async function () {
    pair = await startPair(this);
  });
  after(() => pair?.stop());

  const problemsOf = async (from: Region, to: Region, before: DirectionState | null = null) =>
    directionProblems(await pair.look(from, to), before);
  const untilEqual = async () => {
    for (const from of REGIONS) {
      await pair.replayed(from);
    }
  };
  const update = (region: Region, key: number, entry: string) =>
    pair.query(
      region,
      `update stock set history = history || '${entry}'::text, region = '${region}',
         updated = clock_timestamp() where key = ${key}`,
    );

  it('is ready in both directions, and its application names are the regions', async () => {
    for (const from of REGIONS) {
      const state = await pair.look(from, peerOf(from));
      expect(directionProblems(state)).to.deep.equal([]);
      expect(state.slot).to.include({ active: true, name: peerOf(from), state: 'streaming' });
      expect(state.subscription).to.deep.include({
        ...{ enabled: true, synchronous_commit: 'local', origin: 'none', applying: true },
        tables: { orders: 'r', stock: 'r' },
      });
    }
  });

  it('brings every row to the other side once, and none back', async () => {
    await Promise.all([pair.write('east', 1, 1, 300), pair.write('west', 2, 1, 300)]);
    await untilEqual();
    await untilEqual(); // what would go round in circles would come back now
    expect([await pair.count('east'), await pair.count('west')]).to.deep.equal([600, 600]);
    const found = await pair.compared();
    expect(found.differing).to.equal(0);
    expect(found.tables['orders']!['east']).to.deep.equal(found.tables['orders']!['west']);
    expect(found.tables['stock']!['east']!.rows).to.equal(4);
  });

  it('gives rows of both sides numbers that never meet, also after the tables were emptied', async () => {
    const parities = async () => {
      const rows = await pair.query<{ region: string; parity: number }>(
        'west',
        'select distinct region, (row % 2)::int as parity from orders order by region',
      );
      return rows.map(({ region, parity }) => `${region} ${parity}`);
    };
    expect(await parities()).to.deep.equal(['east 1', 'west 0']);
    expect(await emptyOrders(pair.side('east').address, 4)).to.equal(600);
    await untilEqual();
    expect([await pair.count('west'), (await pair.compared()).differing]).to.deep.equal([0, 0]);
    await Promise.all([pair.write('east', 1, 1, 50), pair.write('west', 2, 1, 50)]);
    await untilEqual();
    expect(await parities()).to.deep.equal(['east 1', 'west 0']);
    expect(await pair.count('east')).to.equal(100);
  });

  it('is as late as the link is slow, and loses nothing by it', async () => {
    const delay_ms = 150;
    await pair.link.delay(delay_ms, 0);
    for (const from of REGIONS) {
      const before = await pair.count(peerOf(from));
      const written = clock.now();
      await pair.write(from, 3, before, before);
      await pair.until(async () => (await pair.count(peerOf(from))) > before, 'the row');
      expect(clock.now() - written).to.be.within(delay_ms - 10, delay_ms + 2_000);
    }
    await untilEqual();
    expect((await pair.compared()).differing).to.equal(0);
    await pair.link.delay(0, 0);
  });

  it('is found not ready when a commit would wait for the other side', async () => {
    const subscription = 'alter subscription drill_west';
    for (const value of ['on', 'off']) {
      await pair.query('west', `${subscription} set (synchronous_commit = ${value})`);
      expect((await problemsOf('east', 'west')).join()).to.contain(
        `its synchronous_commit is ${value}, not local`,
      );
    }
    await pair.query('west', `${subscription} set (synchronous_commit = local)`);
    await pair.query('west', `${subscription} set (origin = any)`);
    expect((await problemsOf('east', 'west')).join()).to.contain('its origin is any');
    await pair.query('west', `${subscription} set (origin = none)`);
    await pair.query('west', `${subscription} disable`);
    const disabled = async () => (await problemsOf('east', 'west')).join();
    await pair.until(async () => (await disabled()).includes('west is not connected'), 'the end');
    expect(await disabled()).to.contain('the subscription of west is disabled');
    expect(await problemsOf('west', 'east')).to.deep.equal([]);
    await pair.query('west', `${subscription} enable`);
    await pair.until(async () => (await disabled()) === '', 'ready again');
  });

  it('is found not ready behind a black hole, which tells nobody, with what would be lost', async () => {
    const hole = pair.link.disturb(BLACKHOLE);
    await hole.act();
    await pair.write('east', 4, 1, 200);
    await pair.until(
      async () => /not connected|last heard of/.test((await problemsOf('east', 'west')).join()),
      'silence was noticed',
    );
    const { slot } = await pair.look('east', 'west');
    expect(slot!.unconfirmed_bytes).to.be.greaterThan(200 * 'payload-1'.length);
    expect(slot!.kept_bytes).to.be.at.least(slot!.unconfirmed_bytes);
    const side = pair.side('east');
    const lsn = await positionOf(side);
    const late = await untilReplayed(side, pair.side('west'), lsn, clock, 200).catch(
      (error: Error) => error.message,
    );
    expect(late).to.match(
      /^east: expected west to have replayed .* 200 ms, found \d+ bytes before .* are not/,
    );
    const found = await pair.compared();
    expect(found.differing).to.equal(200);
    expect(found.listed).to.have.length(100);
    expect(found.listed[0]).to.deep.equal({
      ...{ table: 'orders', key: '4-1' },
      values: { east: 'east payload-1', west: null },
    });
    await hole.undo();
    await untilEqual();
    expect((await pair.compared()).differing).to.equal(0);
  });

  it('swaps the values of a row that both sides changed at once, for ever and in silence', async () => {
    const before = [await pair.look('east', 'west'), await pair.look('west', 'east')] as const;
    const hole = pair.link.disturb(BLACKHOLE);
    await hole.act();
    await update('east', 2, '2001-1');
    await update('west', 2, '2002-1');
    await update('east', 3, '2001-2');
    await hole.undo();
    await untilEqual();
    await pair.write('east', 5, 1, 10);
    await untilEqual();
    const found = await pair.compared();
    expect(found.differing).to.equal(1);
    const [{ table, key, values }] = found.listed as [(typeof found.listed)[number]];
    expect([table, key]).to.deep.equal(['stock', '2']);
    expect(values['east']).to.match(/^west .*\{2002-1\}$/);
    expect(values['west']).to.match(/^east .*\{2001-1\}$/);
    for (const from of REGIONS) {
      const conflicts = async () => (await pair.look(from, peerOf(from))).subscription!.conflicts;
      await pair.until(async () => (await conflicts())['update_origin_differs']! > 0, 'counted');
    }
    expect(await problemsOf('east', 'west', await pair.look('east', 'west'))).to.deep.equal([]);
    expect(before[0].subscription!.conflicts['update_origin_differs']).to.equal(0);
  });

  it('is not joined when one side has orders already', async () => {
    const failed = await joinPair(pair.side('east'), pair.side('west'), pair.options).catch(
      (error: Error) => error.message,
    );
    expect(failed).to.match(/east: expected no orders before it is joined, found \d+/);
  });
});
