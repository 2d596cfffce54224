// Each safety rail on a real PostgreSQL: that it refuses, what it says, and that it lets pass.
import { expect } from 'chai';
import { Client } from 'pg';
import type { Allowed } from '../../../src/drill/attached/consent-form.ts';
import { isOwnPlan } from '../../../src/drill/own-plan.ts';
import { hostClock } from '../../../src/host/clock.ts';
import { groundOf } from '../../../src/postgres/own/ground.ts';
import { trafficOn, type Traffic } from '../../../src/postgres/own/traffic.ts';
import { railsOver } from '../../../src/topology/attached/rails/rails.ts';
import type { Grounded } from '../../../src/topology/attached/rails/rail.ts';
import { ownDrill } from '../../support/plan/own-drill.ts';
import { planOf } from '../../support/plan/plan-of.ts';
import { startTestDatabase, type TestDatabase } from '../../support/postgres/database.ts';

const SCHEMA = 'dr_drill';
const COUNT_MS = 1_500;
const QUIET: Traffic = { here_per_s: 0, elsewhere: null };

type Parts = Parameters<typeof ownDrill>[0];
interface Look {
  readonly parts?: Parts;
  readonly allow?: readonly Allowed[];
  readonly change?: Partial<Grounded>;
  /** What counts as long, and as late. */
  readonly limits?: Parameters<typeof groundOf>[2];
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
    'drill may make its tables',
    'revoke create on database DB from ROLE',
    'grant create on database DB to ROLE',
    /lacks the right to create .* grant create on database \w+ to \w+/,
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
    'the database takes writes',
    'alter role ROLE set default_transaction_read_only = on',
    'alter role ROLE reset default_transaction_read_only',
    /alter role \w+ set default_transaction_read_only = off/,
  ],
  [
    'drill sees what is there',
    'revoke pg_monitor from ROLE',
    'grant pg_monitor to ROLE',
    /grant pg_monitor to \w+/,
  ],
  [
    'no logical slot that a failover loses',
    "select pg_create_logical_replication_slot('cdc', 'pgoutput')",
    "select pg_drop_replication_slot('cdc')",
    /the logical replication slot cdc .* --allow logical-slots/,
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
    database = await startTestDatabase({
      settings: { max_connections: '200', wal_level: 'logical' },
    });
    await asAdmin("comment on database DB is 'ours; dr-drill: allow'; grant pg_monitor to ROLE");
    await asAdmin('grant create on database DB to ROLE');
  });
  after(async () => await database?.stop());

  const asAdmin = async (text: string) => {
    const { database: name, user } = database.address();
    await database.query(text.replaceAll('DB', name).replaceAll('ROLE', user));
  };
  const connected = async <T>(work: (client: Client) => Promise<T>, name?: string) => {
    const admin = { ...database.address(), ...database.credentials.admin, database: name };
    const client = new Client(name === undefined ? database.address() : admin);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  /** What refuses, each with all that it says. */
  const refusals = async ({ parts = {}, allow = [], change = {}, limits }: Look = {}) => {
    const plan = planOf(ownDrill(parts));
    if (!isOwnPlan(plan)) throw new Error('it is a system that drill makes');
    const ground = await connected((client) => groundOf(client, SCHEMA, limits));
    const server = { node: 'east/db1', isPrimary: true, ...ground, traffic: QUIET, ...change };
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

  it('refuses a primary that a run before has left in the other region', async () => {
    const [found, ...others] = await refusals({ change: { node: 'west/db2' } });
    expect(others).to.deep.equal([]);
    expect(found!.name).to.equal('the primary where the drill looks for it');
    expect(found!.text)
      .to.contain('expected it in east, whose servers the file names first')
      .and.contain('found it in west now: west/db2 takes writes / move it back to east');
    expect(await refusals({ change: { node: 'west/db2', isPrimary: false } })).to.deep.equal([]);
  });

  it('refuses a transaction that is open for long', async () => {
    await connected(async (other) => {
      await other.query('begin');
      await other.query('select 1');
      expect(await refusals()).to.deep.equal([]);
      const [found] = await refusals({ limits: { long: '0 seconds' } });
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
        { system: `clients: { http: { url: 'https://a.test', body: '{writer}{sequence} live' } }` },
        null,
      ],
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

  it('refuses a slot for which much log is kept, and lets one pass that is read', async () => {
    await asAdmin("select pg_create_physical_replication_slot('reader', true)");
    expect(await refusals()).to.deep.equal([]);
    const [found] = await refusals({ limits: { late_bytes: -1 } });
    await asAdmin("select pg_drop_replication_slot('reader')");
    expect(found!.name).to.equal('no slot that keeps much log');
    expect(found!.text).to.match(/found reader, .* of log/);
    expect(await refusals({ limits: { late_bytes: -1 } })).to.deep.equal([]);
  });

  it('refuses a server that is being backed up', async () => {
    const [found] = await refusals({ change: { backups: ['pg_basebackup'] } });
    expect(found!.name).to.equal('no backup under way');
    expect(found!.text).to.contain('one that pg_basebackup takes');
  });

  it('lets a logical slot pass that the consent allows', async () => {
    const change = { logical_slots: ['cdc'] };
    expect(await refusals({ change })).to.have.length(1);
    expect(await refusals({ change, allow: ['logical-slots'] })).to.deep.equal([]);
  });

  it('refuses traffic of others, as the statistics of the server count it', async () => {
    const counted = async () =>
      await connected((client) => trafficOn(client, hostClock(), undefined, COUNT_MS));
    const quiet = await counted();
    expect(quiet.here_per_s).to.be.at.most(1);
    expect(quiet.elsewhere?.database).to.be.oneOf(['postgres', undefined]);
    const busyIn = async (database?: string) =>
      await connected(async (other) => {
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
      }, database);
    const here = await busyIn();
    expect(here.here_per_s).to.be.at.least(5);
    await asAdmin('create database beside template DB');
    const beside = await busyIn('beside');
    await asAdmin('drop database beside');
    expect(beside.here_per_s).to.be.at.most(1);
    expect(beside.elsewhere).to.include({ database: 'beside' });
    for (const [seen, what] of [
      [here, 'orders on east/db1'],
      [{ ...beside, elsewhere: { database: 'beside', per_s: 11 } }, 'beside on east/db1'],
    ] as const) {
      const change = { traffic: seen };
      const [found] = await refusals({ change });
      expect(found!.name).to.equal('no traffic of other people');
      expect(found!.text).to.contain(what).and.contain('--allow live-traffic');
      expect(await refusals({ change, allow: ['live-traffic'] })).to.deep.equal([]);
    }
    const few = { here_per_s: 0.5, elsewhere: { database: 'repmgr', per_s: 4 } };
    expect(await refusals({ change: { traffic: few } })).to.deep.equal([]);
  });
});
