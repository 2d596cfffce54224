// Each safety rail on a real PostgreSQL: that it refuses, what it says, and that it lets pass.
import { expect } from 'chai';
import { Client } from 'pg';
import type { Allowed } from '../../../src/drill/attached/consent-form.ts';
import { isOwnPlan } from '../../../src/drill/consent/consent.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { groundOf, othersPerSecond } from '../../../src/postgres/own/ground.ts';
import { railsOver } from '../../../src/topology/attached/rails/rails.ts';
import type { Grounded } from '../../../src/topology/attached/rails/rail.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const SCHEMA = 'dr_drill';
const COUNT_MS = 1_500;

type Parts = Parameters<typeof ownDrill>[0];
interface Look {
  readonly parts?: Parts;
  readonly allow?: readonly Allowed[];
  readonly change?: Partial<Grounded>;
  readonly long?: string;
}

/** Made as the superuser, and taken back; what the one rail that refuses then says. */
const HARMS: readonly (readonly [rail: string, make: string, back: string, says: RegExp])[] = [
  [
    'the database says yes',
    'comment on database DB is null',
    "comment on database DB is 'ours; dr-drill: allow'",
    /by the owner: comment on database \w+ is 'dr-drill: allow'/,
  ],
  [
    'no publication takes in drill’s tables',
    'create publication everything for all tables',
    'drop publication everything',
    /the publication everything .* publish tables by name/,
  ],
  [
    'no publication takes in drill’s tables',
    `create schema ${SCHEMA}; create publication ours for tables in schema ${SCHEMA}`,
    `drop publication ours; drop schema ${SCHEMA}`,
    /the publication ours/,
  ],
  [
    'no event trigger',
    `create function told() returns event_trigger language plpgsql as 'begin end';
     create event trigger telling on ddl_command_end execute function told()`,
    'drop event trigger telling; drop function told()',
    /alter event trigger telling disable/,
  ],
  [
    'a schema of drill’s own',
    `create schema ${SCHEMA}; create table ${SCHEMA}.theirs (id bigint)`,
    `drop schema ${SCHEMA} cascade`,
    /topology.guard.schema: another name/,
  ],
  [
    'the usual tablespace',
    "alter role ROLE set default_tablespace = 'pg_default'",
    'alter role ROLE reset default_tablespace',
    /alter role \w+ set default_tablespace = ''/,
  ],
  [
    'room for connections',
    'alter role ROLE connection limit 90',
    'alter role ROLE connection limit -1',
    /expected \d+: .* found \d+, by the connection limit of the role/,
  ],
];

describe('a safety rail', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  before(async () => {
    database = await startTestDatabase({ settings: { max_connections: '200' } });
    await asAdmin("comment on database DB is 'ours; dr-drill: allow'");
  });
  after(async () => await database?.stop());

  const asAdmin = async (text: string) => {
    const { database: name, user } = database.address();
    await database.query(text.replaceAll('DB', name).replaceAll('ROLE', user));
  };
  const connected = async <T>(work: (client: Client) => Promise<T>) => {
    const client = new Client(database.address());
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  /** What refuses, each with all that it says. */
  const refusals = async ({ parts = {}, allow = [], change = {}, long }: Look = {}) => {
    const plan = planOf(ownDrill(parts));
    if (!isOwnPlan(plan)) throw new Error('it is a system that drill makes');
    const ground = await connected((client) => groundOf(client, SCHEMA, long));
    const server = { node: 'east/db1', isPrimary: true, ...ground, others_per_s: 0, ...change };
    const seen = railsOver({ plan, servers: [server] }, allow);
    return seen.flatMap(({ name, refusal }) => {
      if (refusal === null) return [];
      const { what, expected, found, hint } = refusal;
      return [{ name, text: `${what}: expected ${expected}, found ${found} / ${hint}` }];
    });
  };

  it('lets a database pass that harms nobody', async () => {
    expect(await refusals()).to.deep.equal([]);
    await asAdmin('create table few (id bigint); create publication small for table few');
    await asAdmin(`create schema ${SCHEMA}`);
    expect(await refusals()).to.deep.equal([]);
    await asAdmin(`drop schema ${SCHEMA}; drop publication small; drop table few`);
  });

  HARMS.forEach(([rail, make, back, says], at) => {
    it(`refuses: ${rail} (${at + 1})`, async () => {
      await asAdmin(make);
      const found = await refusals();
      await asAdmin(back);
      expect(found.map(({ name }) => name)).to.deep.equal([rail]);
      expect(found[0]!.text).to.match(says);
      expect(await refusals()).to.deep.equal([]);
    });
  });

  it('refuses a transaction that is open for long', async () => {
    await connected(async (other) => {
      await other.query('begin');
      await other.query('select 1');
      expect(await refusals()).to.deep.equal([]);
      const [found] = await refusals({ long: '0 seconds' });
      expect(found!.name).to.equal('no long transaction');
      expect(found!.text).to.match(/found \w+, pid \d+, since 20/);
    });
  });

  it('asks for no room for connections that clients do not make', async () => {
    const change = { free_connections: 10, limited_by: 'the test' };
    expect(await refusals({ change })).to.have.length(1);
    const parts = { system: "clients: { http: { url: 'https://shop.test/o' } }" };
    expect(await refusals({ change, parts })).to.deep.equal([]);
  });

  it('refuses names that look like production, and only those', async () => {
    const at = (east: string) => ({ databases: { 'east/db1': east, 'west/db2': WEST } });
    const WEST = 'postgres://drill@10.0.2.11:5432/app';
    const all: readonly (readonly [Parts, string | null])[] = [
      [at('postgres://drill@db-prod-1:5432/app'), 'db-prod-1'],
      [at('postgres://drill@10.0.1.11:5432/app_live'), 'app_live'],
      [at('postgres://prd@10.0.1.11:5432/app'), 'prd@'],
      [{ fault: 'arm: [./later.sh, --context=production]' }, '--context=production'],
      [{ system: "clients: { http: { url: 'https://live.shop.test/o' } }" }, 'live.shop'],
      [
        { system: "clients: { command: [a] }, count: { sql: 'select * from prod.orders' }" },
        'prod.orders',
      ],
      [at('postgres://delivery@10.0.1.11:5432/products'), null],
      [{ fault: 'arm: [./alive.sh, reproduction]' }, null],
    ];
    for (const [parts, word] of all) {
      const [found, ...others] = await refusals({ parts });
      expect(others).to.deep.equal([]);
      if (word === null) expect(found).to.equal(undefined);
      else expect(found?.text).to.contain(word).and.contain('--allow production');
      expect(await refusals({ parts, allow: ['production'] })).to.deep.equal([]);
    }
  });

  it('refuses traffic of others, as the statistics of the server count it', async () => {
    const counted = async () =>
      await connected((client) => othersPerSecond(client, hostClock(), undefined, COUNT_MS));
    const quiet = await counted();
    expect(quiet).to.be.at.most(1);
    const busy = await connected(async (other) => {
      const over = new AbortController();
      const traffic = (async () => {
        while (!over.signal.aborted) {
          await other.query('select 1');
          await hostClock().sleep(20);
        }
      })();
      const found = await counted();
      over.abort();
      await traffic;
      return found;
    });
    expect(busy).to.be.at.least(5);
    const change = { others_per_s: busy };
    const [found] = await refusals({ change });
    expect(found!.name).to.equal('no traffic of other people');
    expect(found!.text).to.contain('--allow live-traffic');
    expect(await refusals({ change, allow: ['live-traffic'] })).to.deep.equal([]);
    expect(await refusals({ change: { others_per_s: quiet } })).to.deep.equal([]);
  });
});
