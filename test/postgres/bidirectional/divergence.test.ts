// The comparison of two databases against planted differences, in two databases of one real server.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { ORDERS_SCHEMA } from '../../../src/app/protocol.ts';
import { withConnection } from '../../../src/postgres/server/connection.ts';
import { DATABASE } from '../../../src/postgres/server/template.ts';
import { compareDatabases } from '../../../src/postgres/bidirectional/divergence.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';
import { errorCode } from '../../../src/postgres/server/connection.ts';

const LIMITS = { connect_ms: 5_000, statement_ms: 20_000 };
type Name = 'east' | 'west';

describe('comparing two databases', function () {
  this.timeout(60_000);
  let server: TestDatabase;
  const database = (name: Name) => ({
    region: name,
    address: { ...server.address(), ...server.credentials.admin, database: name },
  });
  const change = (name: Name, sql: string) =>
    withConnection(database(name).address, LIMITS, (client) => client.query(sql));
  const both = async (sql: string) => {
    await change('east', sql);
    await change('west', sql);
  };
  const compared = (listedMax?: number) =>
    compareDatabases(database('east'), database('west'), listedMax);

  before(async () => {
    server = await startTestDatabase();
    for (const name of ['east', 'west'] as const) {
      await server.query(`create database ${name} template ${DATABASE}`);
      await change(name, ORDERS_SCHEMA);
    }
  });
  beforeEach(async () => {
    await both(`truncate orders, stock restart identity;
      insert into orders (writer, sequence, payload, region)
        select w, s, 'payload ' || w || s, 'east'
        from generate_series(1, 5) w, generate_series(1, 200) s;
      insert into stock (key, history, region) select k, array['2001-' || k], 'east'
        from generate_series(1, 8) k`);
  });
  after(() => server?.stop());

  it('finds none between the same rows, in whatever order they were written', async () => {
    await change(
      'west',
      `create table copied as select * from orders;
       truncate orders restart identity;
       insert into orders (writer, sequence, payload, region)
         select writer, sequence, payload, region from copied order by payload desc;
       drop table copied`,
    );
    const found = await compared();
    expect([found.differing, found.listed]).to.deep.equal([0, []]);
    const { orders, stock } = found.tables;
    expect(orders!['east']).to.deep.equal(orders!['west']);
    expect([orders!['west']!.rows, stock!['east']!.rows]).to.deep.equal([1000, 8]);
    expect(orders!['east']!.hash).to.match(/^-?\d{5,}$/);
  });

  it('finds nothing in two that are empty', async () => {
    await both('truncate orders, stock');
    expect((await compared()).differing).to.equal(0);
  });

  const PLANTED: [string, string, string, string, string | null][] = [
    [
      'a row that is missing',
      'delete from orders where writer = 2 and sequence = 7',
      ...(['2-7', 'east payload 27', null] as const),
    ],
    [
      'a payload that differs',
      `update orders set payload = 'x' where writer = 2 and sequence = 7`,
      ...(['2-7', 'east payload 27', 'east x'] as const),
    ],
    [
      'a copy too many',
      `insert into orders (writer, sequence, payload, region)
       select writer, sequence, payload, region from orders where writer = 2 and sequence = 7`,
      ...(['2-7', 'east payload 27', 'east payload 27 | east payload 27'] as const),
    ],
    [
      'the same id from another region',
      `update orders set region = 'west' where writer = 2 and sequence = 7`,
      ...(['2-7', 'east payload 27', 'west payload 27'] as const),
    ],
    [
      'an update that is missing from a history',
      `update stock set history = '{}' where key = 3`,
      ...(['3', 'east never {2001-3}', 'east never {}'] as const),
    ],
    [
      'an entry that stands twice in a history',
      `update stock set history = '{2001-3,2001-3}' where key = 3`,
      ...(['3', 'east never {2001-3}', 'east never {2001-3,2001-3}'] as const),
    ],
    [
      'a shared row of another time',
      `update stock set updated = '2026-01-02 03:04:05Z' where key = 3`,
      ...(['3', 'east never {2001-3}', 'east 2026-01-02 03:04:05+00 {2001-3}'] as const),
    ],
  ];
  for (const [what, sql, key, east, west] of PLANTED) {
    it(`finds ${what}, and shows both values`, async () => {
      await change('west', sql);
      const { differing, listed } = await compared();
      expect(differing).to.equal(1);
      const table = key.includes('-') ? 'orders' : 'stock';
      expect(listed).to.deep.equal([{ table, key, values: { east, west } }]);
    });
  }

  it('finds two rows whose payloads were exchanged', async () => {
    const payload = (sequence: number) =>
      `(select payload from orders o where o.writer = 1 and o.sequence = ${sequence})`;
    await change(
      'west',
      `update orders set payload = case sequence when 1 then ${payload(2)} else ${payload(1)} end
       where writer = 1 and sequence in (1, 2)`,
    );
    expect((await compared()).listed.map(({ key }) => key)).to.deep.equal(['1-1', '1-2']);
  });

  it('counts all that differ, and lists the first of them in the order of their numbers', async () => {
    await change('west', 'delete from orders where writer in (3, 4)');
    await change('east', 'delete from stock');
    const { differing, listed } = await compared(3);
    expect(differing).to.equal(408);
    expect(listed.map(({ key }) => key)).to.deep.equal(['3-1', '3-2', '3-3']);
    const all = (await compared(1_000)).listed;
    expect(all.map(({ key }) => key).slice(8, 11)).to.deep.equal(['3-9', '3-10', '3-11']);
    expect(all.filter(({ table }) => table === 'stock')).to.have.length(8);
    expect((await compared(0)).listed).to.deep.equal([]);
  });

  it('shows long values around the place where they begin to differ', async () => {
    const long = (end: string) =>
      `update orders set payload = repeat('a', 5000) || '${end}' || repeat('z', 5000)
       where writer = 1 and sequence = 1`;
    await change('east', long('EAST'));
    await change('west', long('WEST'));
    const [row] = (await compared()).listed;
    expect(row!.values['east']).to.match(/^…a{60}EASTz+…$/);
    expect(row!.values['west']).to.match(/^…a{60}WESTz+…$/);
    expect(row!.values['east']!.length).to.equal(302);
  });

  it('finds exactly the rows that were changed, whichever they are', async () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(ids, async (rows) => {
        const list = `(${[0, ...rows].join()})`;
        await change('west', `update orders set payload = payload || '!' where row in ${list}`);
        const keys = rows.map((row) => `${Math.ceil(row / 200)}-${((row - 1) % 200) + 1}`);
        const { differing, listed } = await compared();
        await change('west', `update orders set payload = rtrim(payload, '!')`);
        expect(differing).to.equal(rows.length);
        expect(listed.map(({ key }) => key)).to.have.members(keys);
      }),
      { numRuns: 15 },
    );
  });

  it('does not call databases equal that it cannot read', async () => {
    const elsewhere = { ...database('west'), address: { ...database('west').address, port: 1 } };
    const failed = await compareDatabases(database('east'), elsewhere).catch(errorCode);
    expect(failed).to.equal('ECONNREFUSED');
  });
});
