// What a system that is up is at this moment, fact by fact, so that two moments can be held against
// each other: processes or containers, links, settings, roles, rows, answers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { disturb, UNDISTURBED } from '../../../src/app/disturbance.ts';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { resolveService } from '../../../src/gslb/resolver.ts';
import {
  areStopped,
  findRunProcesses,
  isStillThere,
  liveTree,
} from '../../../src/host/process/processes.ts';
import type { DatabaseAddress } from '../../../src/postgres/server/connection.ts';
import { withConnection } from '../../../src/redis/connection.ts';
import { adminAddress } from '../../../src/topology/assembled/database.ts';
import { readRedisPassword } from '../../../src/topology/assembled/kept-nodes.ts';
import type { EmbeddedParts } from '../../../src/topology/embedded/keep.ts';
import { readKeptSystem, type KeptSystem } from '../../../src/topology/kept-system.ts';
import { runtimes } from '../../../src/topology/runtimes.ts';
import { atEngine, composeEnvironment, docker } from '../servers/docker.ts';
import { commandOf } from './left-on-machine.ts';

/** Fact by name; values that are alike are the same JSON. */
export type State = ReadonlyMap<string, string>;

const LIMITS = { connect_ms: 3_000, command_ms: 3_000 };
const AS_IT_WAS_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 200;
const DIFFERENCE = 120;

/** As of a database that nobody else works in: what it is told, what it is, whom it serves. */
const OF_DATABASE: Readonly<Record<string, string>> = {
  role: 'select pg_is_in_recovery() as recovers',
  settings: `select name, setting from pg_settings where name not like 'transaction_%' order by 1`,
  files: 'select name, setting, applied from pg_file_settings order by seqno',
  access: 'select type, database, user_name, address, auth_method from pg_hba_file_rules',
  databases: 'select datname, datconnlimit, datallowconn from pg_database order by 1',
  roles: 'select rolname, rolconnlimit, rolcanlogin, rolconfig from pg_roles order by 1',
  standbys: 'select application_name, state, sync_state from pg_stat_replication order by 1',
  receivers: 'select status from pg_stat_wal_receiver',
  slots: 'select slot_name, slot_type, active from pg_replication_slots order by 1',
  columns: `select table_name, column_name, data_type from information_schema.columns
    where table_schema = 'public' order by 1, 2`,
  indexes: `select indexdef from pg_indexes where schemaname = 'public' order by 1`,
  strangers: `select application_name, state, query from pg_stat_activity
    where application_name like 'drill%' and pid <> pg_backend_pid() order by 1`,
  // The server itself locks what it vacuums.
  locks: `select c.relname, l.mode from pg_locks l join pg_class c on c.oid = l.relation
    join pg_stat_activity a on a.pid = l.pid and a.backend_type <> 'autovacuum worker'
    where l.mode like '%Exclusive%' and c.relnamespace = 'public'::regnamespace`,
  'bad pages': `select checksum_failures from pg_stat_database where datname = current_database()`,
  prepared: 'select gid from pg_prepared_xacts',
};
const PAUSE = `select case when pg_is_in_recovery() then pg_get_wal_replay_pause_state() end as is`;
const ROWS = `select count(*), md5(string_agg(t::text, ',' order by t::text)) as hash from orders t`;

export async function stateOf(directory: string): Promise<State> {
  const kept = readKeptSystem(directory);
  const facts: [string, unknown][] = [];
  const add = async (name: string, read: () => unknown) => {
    const value = await Promise.resolve(read()).catch((error: Error) => `fails: ${error.message}`);
    facts.push([name, value]);
  };
  const isEmbedded = kept.runtime === 'embedded';
  await add('its nodes', () => kept.nodes.map(({ node, url }) => `${node} ${url}`));
  await add('its folder', () => filesOf(directory));
  await add('what it runs in', () => (isEmbedded ? processesOf(kept) : containersOf(kept)));
  await add('proxies', () => proxiesOf(kept));
  await add('the answer of the GSLB', () => answerOf(kept));
  for (const { node, url } of kept.nodes) {
    const { protocol, hostname: host, port: digits } = new URL(url);
    const at = { host, port: Number(digits) };
    if (protocol === 'postgres:') {
      const admin = await runtimes[kept.runtime].adminOf(kept, node, composeEnvironment());
      if (admin === null) facts.push([node, 'gone']);
      else facts.push(...(await databaseFacts(node, adminAddress(at, admin))));
    }
    if (protocol === 'redis:')
      await add(node, () => redisFacts({ ...at, password: readRedisPassword(directory) }));
    if (node.includes('/app-')) {
      await add(
        `${node} is ready`,
        async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) })).status,
      );
      await add(`${node} is disturbed`, async () => {
        const { app } = await runtimes[kept.runtime].steering(kept, composeEnvironment());
        const direct = await app.at(node);
        if (direct === null) return null;
        const is = await disturb(direct, app.secret, UNDISTURBED); // says what was before
        if (is !== null) await disturb(direct, app.secret, is);
        return is;
      });
    }
  }
  return new Map(facts.map(([name, value]) => [name, JSON.stringify(value) ?? 'nothing']));
}

/**
 * What is different from before, in words, once it stays so: health checks and standbys need a
 * moment. `mayDiffer`: by names of facts.
 */
export async function changesIn(
  directory: string,
  before: State,
  mayDiffer: (name: string) => boolean,
): Promise<string[]> {
  const until = Date.now() + AS_IT_WAS_WITHIN_MS;
  for (;;) {
    const now = await stateOf(directory);
    const names = [...new Set([...before.keys(), ...now.keys()])].filter(
      (name) => !mayDiffer(name),
    );
    const changed = names.filter((name) => before.get(name) !== now.get(name));
    const rows = [...now].filter(([name]) => name.endsWith('rows of orders'));
    const differ = new Set(rows.map(([, value]) => value)).size > 1;
    if (changed.length === 0 && !differ) return [];
    if (Date.now() > until) {
      return [
        ...changed.map((name) => `${name}: ${difference(before.get(name), now.get(name))}`),
        ...(differ ? [`the two regions hold other rows: ${JSON.stringify(rows)}`] : []),
      ];
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** From where they differ. */
function difference(was = 'nothing', is = 'nothing'): string {
  let at = 0;
  while (was[at] === is[at]) at++;
  const from = Math.max(0, at - DIFFERENCE / 2);
  const [before, now] = [was, is].map((text) => text.slice(from, from + DIFFERENCE));
  return `was …${before}…, is …${now}…`;
}

/** Without what grows: logs, locks, notes of drills. */
function filesOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => !/^(logs|claims|drilled.*)$/.test(name));
}

function processesOf({ parts, run }: KeptSystem): unknown {
  const { servers, apps, carts, proxy, gslb, scratch } = parts as EmbeddedParts;
  const known = [...servers, ...apps, ...(carts?.servers ?? []), proxy, gslb];
  const trees = new Set(known.flatMap(({ pid }) => liveTree(pid)));
  const others = findRunProcesses(run, scratch).filter((pid) => !trees.has(pid));
  return {
    known: known.map((each) => {
      const state = areStopped([each.pid]) ? 'stands still' : 'runs';
      return `${each.node} ${isStillThere(each) ? state : 'is gone'}`;
    }),
    others: others.map(commandOf),
    scratch: readdirSync(scratch),
    told: servers.map(({ data }) => ({
      auto: readFileSync(join(data, 'postgresql.auto.conf'), 'utf8').replace(/^#.*\n/gm, ''),
      conf: readFileSync(join(data, 'postgresql.conf'), 'utf8'),
      isStandby: existsSync(join(data, 'standby.signal')),
    })),
  };
}

function containersOf({ run }: KeptSystem): unknown {
  const ids = docker('ps', '--all', '--quiet', '--filter', `label=dr.drill.run=${run}`).split('\n');
  const format =
    '{{.Name}} {{.State.Status}} {{.State.Paused}} {{.HostConfig.NanoCpus}} ' +
    '{{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}} {{.HostConfig.Memory}} ' +
    '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}';
  const lines = docker('inspect', '--format', format, ...ids).split('\n');
  return [...lines.toSorted(), ...atEngine(run).toSorted()];
}

interface Proxy {
  readonly enabled: boolean;
  readonly upstream: string;
  readonly toxics: readonly { readonly name: string }[];
}

async function proxiesOf({ nodes, parts, runtime }: KeptSystem): Promise<unknown> {
  const url =
    runtime === 'embedded'
      ? (parts as EmbeddedParts).proxy.url
      : nodes.find(({ node }) => node === 'proxy')!.url;
  const reply = await fetch(`${url}/proxies`, { signal: AbortSignal.timeout(3_000) });
  const proxies = (await reply.json()) as Record<string, Proxy>;
  return Object.entries(proxies)
    .map(([name, { enabled, upstream, toxics }]) => {
      const on = toxics.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      return { name, enabled, upstream, on };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function answerOf({ nodes }: KeptSystem): Promise<unknown> {
  const { hostname, port } = new URL(nodes.find(({ node }) => node === 'gslb')!.url);
  const server = { host: hostname, port: Number(port) };
  const { addresses } = await resolveService(server, ORDERS_SERVICE, { timeout_ms: 2_000 });
  return addresses.map((each) => JSON.stringify(each)).toSorted();
}

async function databaseFacts(node: string, at: DatabaseAddress): Promise<[string, unknown][]> {
  const client = new Client({
    ...at,
    application_name: 'kill-test',
    query_timeout: 5_000,
    connectionTimeoutMillis: 3_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const facts: [string, unknown][] = [];
    for (const [name, query] of Object.entries({
      ...OF_DATABASE,
      pause: PAUSE,
      'rows of orders': ROWS,
    })) {
      facts.push([`${node} ${name}`, (await client.query(query)).rows]);
    }
    return facts;
  } catch (error) {
    return [[node, (error as Error).message]];
  } finally {
    await client.end().catch(() => {});
  }
}

async function redisFacts(at: { host: string; port: number; password: string }): Promise<unknown> {
  return await withConnection(at, LIMITS, async (client) => {
    const [role, , third] = (await client.call('ROLE')) as unknown[];
    const config = (await client.call('CONFIG', 'GET', '*')) as string[];
    const link = role === 'slave' ? ((await client.call('ROLE')) as unknown[])[3] : null;
    const port = role === 'slave' ? third : null;
    return { role, port, link, config: sortedPairs(config) };
  });
}

/** Each server of Redis tells its settings in an order of its own, another one after a restart. */
function sortedPairs(told: readonly string[]): string {
  const names = told.filter((_, index) => index % 2 === 0);
  return names
    .map((name, index) => `${name}=${told[index * 2 + 1]}`)
    .toSorted()
    .join(' ');
}
