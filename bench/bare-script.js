// The yardstick of `npm run bench whole-run`: brings the same two regions up as a drill does, by
// hand and with nothing of drill's engine. It copies the database template twice, starts the same
// servers and Node programs side by side, has the clients write one order, promotes the standby
// and stops everything. Plain JavaScript, since a loader would slow it down.
//
// Its one argument is JSON, the settings that `bare.ts` makes.
import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const { Client } = createRequire(import.meta.url)('pg');
const {
  dist,
  bin,
  data: template,
  password,
  owner,
  toxiproxy,
  schema,
} = JSON.parse(process.argv[2]);
const HOST = '127.0.0.1';
const POLL_MS = 3;
const user = 'bare';
const began = Number(process.hrtime.bigint()) / 1e6;
const place = await mkdtemp(join(tmpdir(), 'bare-'));
await chmod(place, 0o711);
const running = [];

try {
  await main();
} finally {
  for (const child of running) child.kill(child.isServer ? 'SIGQUIT' : 'SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  await rm(place, { recursive: true });
}

async function main() {
  const programs = {
    'east/app-1': program('app/main.js'),
    'east/app-2': program('app/main.js'),
    'west/app-1': program('app/main.js'),
    gslb: program('gslb/main.js'),
    workload: program('workload/main.js'),
  };
  const proxies = startProxies();
  const copies = { east: copy('east'), west: copy('west') };
  const east = await startServer('east', await copies.east, '');
  await setUp(east);
  const api = await proxies;
  const upstream = await addProxy(api, 'replication', east);
  const conninfo = `host=${HOST} port=${upstream.port} user=${user} password=${password}`;
  const west = copies.west.then(async (directory) => {
    await writeFile(join(directory, 'standby.signal'), '');
    await give(join(directory, 'standby.signal'));
    const server = await startServer('west', directory, `primary_conninfo = '${conninfo}'\n`);
    await untilStreaming(east);
    return server;
  });
  const begin = async (node, server) => {
    const [region] = node.split('/');
    const database = { ...server, user, password, database: 'orders' };
    const settings = { origin_ms: began, node, region, capacity_per_s: 200, database };
    const at = await programs[node].request('start', settings);
    const proxy = await addProxy(api, node, at);
    return { node, region, service: 'orders', host: HOST, port: proxy.port };
  };
  const endpoints = await Promise.all([
    begin('east/app-1', east),
    begin('east/app-2', east),
    west.then((server) => begin('west/app-1', server)),
  ]);
  const gslb = await programs.gslb.request('start', {
    origin_ms: began,
    run: 'bare',
    every_ms: 250,
    timeout_ms: 250,
    failures: 3,
    ttl_s: 1,
    serving: ['east'],
    endpoints,
  });
  await programs.workload.request('start', workloadSettings(gslb));
  await writeOneOrder(programs.workload);
  for (const { child } of [programs['east/app-1'], programs['east/app-2']]) child.kill('SIGKILL');
  running.find(({ server }) => server === 'east').kill('SIGQUIT');
  await promote(await west);
}

/** One of drill's programs, with a request and its reply over Node's channel. */
function program(module) {
  const child = spawn(process.execPath, [join(dist, module)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, DRILL_RUN: 'bare' },
  });
  remember(child);
  let last = 0;
  const request = (name, body) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const onMessage = (message) => {
        if (message.type !== 'reply' || message.id !== id) return;
        child.off('message', onMessage);
        if (message.error === undefined) resolve(message.body);
        else reject(new Error(`${module}: ${message.error}`));
      };
      child.on('message', onMessage);
      child.send({ type: 'request', id, name, body });
    });
  return { child, request };
}

function remember(child) {
  child.ended = new Promise((resolve) => child.once('close', resolve));
  running.push(child);
  return child;
}

/** Resolves to the address of its API. */
async function startProxies() {
  if (toxiproxy === null) {
    const builtIn = program('link/proxy/main.js');
    const { port } = await builtIn.request('address', null);
    return `http://${HOST}:${port}`;
  }
  const port = await freePort();
  remember(spawn(toxiproxy, ['-host', HOST, '-port', String(port)], { stdio: 'ignore' }));
  const api = `http://${HOST}:${port}`;
  for (;;) {
    const answer = await fetch(`${api}/version`).catch(() => null);
    if (answer?.ok) return api;
    await pause(POLL_MS);
  }
}

async function addProxy(api, name, to) {
  const body = { name, listen: `${HOST}:0`, upstream: `${to.host}:${to.port}` };
  const answer = await fetch(`${api}/proxies`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`POST /proxies answered ${answer.status}`);
  const { listen } = await answer.json();
  return { host: HOST, port: Number(listen.split(':')[1]) };
}

async function copy(region) {
  await mkdir(join(place, region));
  await give(join(place, region));
  const directory = join(place, region, 'data');
  await promisify(execFile)('cp', ['-a', '--reflink=auto', template, directory]);
  await chmod(directory, 0o700);
  return directory;
}

async function give(path) {
  if (owner !== null) await chown(path, owner.uid, owner.gid);
}

/** Resolves once it takes connections. */
async function startServer(region, directory, settings) {
  const port = await freePort();
  const fixed =
    `listen_addresses = '${HOST}'\nunix_socket_directories = ''\nwal_level = 'logical'\n` +
    `password_encryption = 'scram-sha-256'\ndynamic_shared_memory_type = 'mmap'\n` +
    `max_wal_senders = 20\nwal_retrieve_retry_interval = '500ms'\nmax_connections = 100\n`;
  const admission = `host all,replication all ${HOST}/32 scram-sha-256\n`;
  await writeFile(join(directory, 'postgresql.conf'), fixed + settings);
  await writeFile(join(directory, 'pg_hba.conf'), admission);
  const server = spawn(join(bin, 'postgres'), ['-D', directory, '-p', String(port)], {
    cwd: '/',
    stdio: 'ignore',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    ...owner,
  });
  Object.assign(remember(server), { isServer: true, server: region });
  for (;;) {
    const state = await readFile(join(directory, 'postmaster.pid'), 'latin1').catch(() => '');
    if (state.split('\n')[7]?.trim() === 'ready') return { host: HOST, port };
    if (server.exitCode !== null) throw new Error(`the server of ${region} ended`);
    await pause(POLL_MS);
  }
}

async function setUp(server) {
  await ask(
    server,
    'postgres',
    `create role bare superuser login password '${password}'; ${schema}`,
  );
}

async function untilStreaming(primary) {
  const client = await connect(primary, user);
  const question = `select from pg_stat_replication where state = 'streaming'`;
  while ((await client.query(question)).rowCount === 0) await pause(POLL_MS);
  await client.end();
}

async function promote(standby) {
  await ask(standby, user, 'select pg_promote(true)');
  await ask(
    standby,
    user,
    `insert into orders (writer, sequence, payload, region)
    values (1, 2, 'after', 'west')`,
  );
}

async function ask(server, as, sql) {
  const client = await connect(server, as);
  await client.query(sql);
  await client.end();
}

async function connect(server, as) {
  const client = new Client({ ...server, user: as, password, database: 'orders' });
  await client.connect();
  return client;
}

function workloadSettings(gslb) {
  const workload = {
    via: 'http',
    rate_per_s: 200,
    writers: 16,
    payload_bytes: 256,
    timeout_ms: 1_000,
    reads: 0,
    updates: 0,
    shared_rows: 8,
    seed_rows: 0,
  };
  return {
    origin_ms: began,
    run: 'bare',
    mark: 'bare',
    store: 'orders',
    seed: 1,
    workload,
    gslb,
    ledger: join(place, 'ledger.bin'),
    nodes: ['east/app-1', 'east/app-2', 'west/app-1'],
    database: null,
    sample_every_ms: 200,
    pace: 'rate',
  };
}

/** Through DNS, the edge link and an app; the GSLB may have to see first that the app is ready. */
async function writeOneOrder(workload) {
  for (;;) {
    const { ok } = await workload.request('marker', {});
    if (ok) return;
    await pause(POLL_MS);
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
