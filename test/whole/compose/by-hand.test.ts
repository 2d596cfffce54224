// The compose file as a person runs it, without drill, by the commands of its README as they stand
// there (but for the ports): both regions serve, a lost one is taken over by hand, its database comes
// back as a standby and by no other way, and `down` leaves nothing.
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ORDERS_SERVICE } from '../../../src/gslb/protocol.ts';
import { resolveService } from '../../../src/gslb/resolver.ts';
import { hostClock } from '../../../src/host/clock.ts';
import type {
  RepositorySettings,
  RepositoryState,
} from '../../../src/postgres/repository/protocol.ts';
import { ROOT } from '../../support/whole/drill-cli.ts';
import { requirePart } from '../../support/require.ts';
import { it } from '../../support/commands.ts';

const clock = hostClock();
const PROJECT = `drill-by-hand-${randomBytes(3).toString('hex')}`;
const CONTROL = { authorization: 'Bearer by-hand-control' };
const SCRIPT = '/compose/entrypoints/postgres.sh';
/** Ports of this test's own: somebody may have the fixed ones. */
const PORTS = [
  ...['TOXIPROXY', 'GSLB_DNS', 'GSLB_CONTROL'],
  ...['CLIENTS_EAST_APP_1', 'CLIENTS_EAST_APP_2', 'CLIENTS_EAST_POSTGRES'],
  ...['CLIENTS_WEST_APP_1', 'CLIENTS_WEST_APP_2', 'CLIENTS_WEST_POSTGRES'],
  ...['OPERATOR_EAST_POSTGRES', 'OPERATOR_EAST_REDIS'],
  ...['OPERATOR_WEST_POSTGRES', 'OPERATOR_WEST_REDIS', 'OPERATOR_WEST_STORAGE'],
];
const environment = {
  ...process.env,
  ...Object.fromEntries(PORTS.map((name) => [`DRILL_PORT_${name}`, ''])),
  DRILL_RUN: 'by-hand',
};

const compose = (...args: string[]) => composeOf([], environment, ...args);
/** With further files, of `compose/`. */
const composeOf = (files: readonly string[], env: NodeJS.ProcessEnv, ...args: string[]) => {
  const named = ['compose.yaml', ...files].flatMap((file) => ['-f', `compose/${file}`]);
  const command = ['compose', '-p', PROJECT, ...named, ...args];
  return execa('docker', command, { cwd: ROOT, env, all: true, timeout: 120_000 });
};
const sql = async (service: string, statement: string) => {
  const psql = `PATH="$PATH:$(echo /usr/lib/postgresql/*/bin)" psql -h 127.0.0.1 -XAtq -d orders`;
  const command = `${psql} -U postgres -c "${statement}"`;
  const password = 'PGPASSWORD=by-hand-admin';
  return (await compose('exec', '-T', '-e', password, service, 'sh', '-c', command)).stdout;
};
/** As what it became at last, within 20 s. */
const until = async <T>(wanted: T, look: () => Promise<T>, within_ms = 20_000) => {
  const limit_ms = clock.now() + within_ms;
  let seen = await look();
  while (seen !== wanted && clock.now() < limit_ms) {
    await clock.sleep(100);
    seen = await look();
  }
  expect(seen).to.equal(wanted);
};
/** The blocks of commands below a title of the README; null: above the first one. */
const blocksOf = (title: string | null) => {
  const readme = readFileSync(join(ROOT, 'compose/README.md'), 'utf8');
  const section = readme.split(/^## /m).find((each) => each.startsWith(title ?? '# '));
  const blocks = section!.match(/(?:^ {4}.*\n|^\n(?= {4}))+/gm) ?? [];
  return blocks.map((block) => block.replaceAll(/^ {4}/gm, '').trim());
};
/** In a shell, with the ports that this test has; resolves to what it printed. */
const typed = async (commands: string) => {
  const named = [...commands.matchAll(/(?:localhost|127\.0\.0\.1):(\d+)/g)];
  let script = commands;
  for (const [text, port = ''] of named) {
    const service = port === '9000' ? 'gslb' : 'toxiproxy';
    script = script.replace(text, (await compose('port', service, port)).stdout);
  }
  const env = { ...environment, COMPOSE_PROJECT_NAME: PROJECT };
  const options = { cwd: ROOT, env, all: true, stdin: 'ignore', timeout: 120_000 } as const;
  return (await execa('bash', ['-o', 'pipefail', '-c', script], options)).all;
};
const leftOver = async () => {
  const filter = ['--filter', `label=com.docker.compose.project=${PROJECT}`, '-q'];
  const kinds = [
    ['ps', '-a'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ];
  const lists = await Promise.all(kinds.map((kind) => execa('docker', [...kind, ...filter])));
  return lists.map(({ stdout }) => stdout).filter((text) => text !== '');
};

describe('compose by hand', function () {
  this.timeout(360_000);
  const addresses = new Map<number, string>();
  const urlOf = (inside: number, path: string) => `http://${addresses.get(inside)}${path}`;
  const order = async (inside: number, sequence: number) => {
    const body = JSON.stringify({ writer: 1, sequence, payload: 'x' });
    const reply = await fetch(urlOf(inside, '/orders'), { method: 'POST', body });
    return { status: reply.status, body: await reply.json() };
  };

  before(async function () {
    const docker = await execa('docker', ['version'], { reject: false, timeout: 10_000 });
    const plugin = await execa('docker', ['compose', 'version'], { reject: false });
    const isThere = docker.exitCode === 0 && plugin.exitCode === 0;
    requirePart(this, 'docker', isThere, 'no docker engine, or no compose plugin, answers');
    const { stdout } = await compose('config', '--images');
    const looks = stdout.split('\n').map((image) => ['image', 'inspect', image]);
    const images = await Promise.all(looks.map((look) => execa('docker', look, { reject: false })));
    const areThere = images.every(({ exitCode }) => exitCode === 0);
    requirePart(this, 'docker', areThere, 'its images are not there (compose/README.md)');
    await compose('up', '--detach', '--wait', '--pull', 'never');
    for (const port of [21001, 22001]) {
      addresses.set(port, (await compose('port', 'toxiproxy', String(port))).stdout);
    }
    addresses.set(9000, (await compose('port', 'gslb', '9000')).stdout);
  });
  after(async function () {
    const { stdout } = await execa('docker', ['compose', 'version'], { reject: false });
    if (stdout === undefined) return;
    await compose('down', '--volumes', '--timeout', '0');
    expect(await leftOver()).to.deep.equal([]);
  });

  it('takes an order in east and has it in west, which refuses writes', async () => {
    const lines = blocksOf(null).join('\n').split('\n');
    const typedLine = async (begin: string) => {
      return await typed(lines.find((line) => line.startsWith(begin))!.replace(/ +#.*$/, ''));
    };
    expect(await typedLine('curl -X POST')).to.match(/\{"node":"east\/app-1","timeline":1\}/);
    expect(await typedLine('psql ')).to.be.a('string');
    expect(await typedLine('curl localhost:8474')).to.include('"east-west.postgres"');
    await until(200, async () => (await fetch(urlOf(22001, '/orders/1-1'))).status);
    expect(await order(22001, 2)).to.have.property('status', 503);
    const standbys = `select application_name || ' ' || state from pg_stat_replication`;
    expect(await sql('east-postgres', standbys)).to.equal('west streaming');
  });

  it('answers the name of the service with the ports of this machine', async () => {
    const [host = '', port] = (
      await compose('port', '--protocol', 'udp', 'gslb', '5353')
    ).stdout.split(':');
    const asked = { host, port: Number(port) };
    const answer = await resolveService(asked, ORDERS_SERVICE, { timeout_ms: 5_000 });
    expect(answer.addresses.map(({ node }) => node)).to.deep.equal(['east/app-1', 'east/app-2']);
  });

  it('has no way from one region to the other, nor out', async () => {
    const lookUp = async (name: string) => {
      const asked = ['exec', '-T', 'east-app-1', 'timeout', '5', 'getent', 'hosts', name];
      return (await compose(...asked).catch((error: { exitCode?: number }) => error)).exitCode;
    };
    expect(await lookUp('east-postgres')).to.equal(0);
    expect(await lookUp('west-postgres')).to.equal(2);
    const addressOf = async (service: string) => {
      const { stdout } = await compose('exec', '-T', service, 'hostname', '-i');
      return stdout.trim().split(' ')[0]!;
    };
    const reach = async (host: string, port: number) => {
      const script =
        `require('node:net').connect({ host: '${host}', port: ${port}, timeout: 1500 })` +
        `.on('connect', () => process.exit(0)).on('error', () => process.exit(3))` +
        `.on('timeout', () => process.exit(4))`;
      const asked = ['exec', '-T', 'east-app-1', 'node', '-e', script];
      return (await compose(...asked).catch((error: { exitCode?: number }) => error)).exitCode;
    };
    expect(await reach(await addressOf('east-postgres'), 5432)).to.equal(0);
    expect(await reach(await addressOf('west-postgres'), 5432)).to.be.oneOf([3, 4]);
    expect(await reach(await addressOf('gslb'), 9000), 'edge').to.be.oneOf([3, 4]);
  });

  it('is taken over by hand, and the old primary comes back by pg_rewind', async () => {
    const [takeOver = '', comeBack = ''] = blocksOf('Recover by hand');
    // It fails where something still has the database open: then nothing is promoted either.
    const alone = takeOver.replace(/^docker compose .* kill .*$/m, 'true &&');
    const refused = await typed(alone).catch((error: { all?: string }) => error.all);
    expect(refused).to.include('the volume is in use');
    expect(await sql('west-postgres', 'select pg_is_in_recovery()')).to.equal('t');
    expect(await typed(takeOver)).to.include('{"body":{"answered":["west"]}}');
    // The engine may still be taking the names away, and stand still meanwhile: engines of 20.10
    // do so for some 70 s where a container dies while its health check begins.
    const ask = async () => {
      const began_ms = clock.now();
      const limit = { signal: AbortSignal.timeout(10_000) };
      expect(await fetch(urlOf(21001, '/healthz'), limit).catch(() => 'nobody')).to.equal('nobody');
      return clock.now() - began_ms < 2_000 ? 'a name that is gone fails at once' : 'it hangs';
    };
    await until('a name that is gone fails at once', ask, 150_000);
    await until(201, async () => (await order(22001, 3)).status);
    // Started before its time, the old primary does not run.
    await compose('start', 'east-postgres');
    const stateOf = async () => {
      const { stdout } = await compose('ps', '--all', '--format', 'json', 'east-postgres');
      return stdout.includes('"exited"') ? 'exited' : stdout;
    };
    await until('exited', stateOf);
    const said = (await compose('logs', '--tail', '3', 'east-postgres')).all;
    expect(said).to.include('it would be a second one. Run postgres.sh rebuild first');

    const primary = { HOST: 'toxiproxy', PORT: '25002' };
    const told = Object.entries(primary).flatMap(([k, v]) => ['-e', `DRILL_PRIMARY_${k}=${v}`]);
    const once = ['run', '--rm', '--no-deps', '-T', ...told, '-e', 'DRILL_STANDBY_NAME=east'];
    const rebuild = [...once, '--entrypoint', `/bin/sh ${SCRIPT} rebuild`, 'east-postgres'];
    expect(await typed(comeBack)).to.include('rebuilt by pg_rewind');
    const standbys = `select application_name || ' ' || state from pg_stat_replication`;
    await until('east streaming', () => sql('west-postgres', standbys));
    const sequences = 'select string_agg(sequence::text, chr(32) order by sequence) from orders';
    await until('1 3', () => sql('east-postgres', sequences));

    const busy = await compose(...rebuild).catch((error: { all?: string }) => error);
    expect(busy.all, 'a volume that is open').to.include('the volume is in use');
  });

  it('copies anew where nothing can be rewound, and checks backups against their manifest', async () => {
    await compose('kill', 'east-postgres');
    const inVolume = (command: string) => [
      ...['run', '--rm', '--no-deps', '-T', '-e', 'DRILL_PRIMARY_HOST=toxiproxy'],
      ...['-e', 'DRILL_PRIMARY_PORT=25002', '-e', 'DRILL_STANDBY_NAME=east'],
      ...['--entrypoint', 'sh', 'east-postgres', '-c', command],
    ];
    const home = '/var/lib/postgresql/drill';
    const damage = `rm ${home}/data/global/pg_control; ${SCRIPT} rebuild`;
    const rebuilt = await compose(...inVolume(damage.replace(SCRIPT, `sh ${SCRIPT}`)));
    expect(rebuilt.all).to.include('rebuilt by pg_basebackup (pg_rewind: ');

    const backup = `sh ${SCRIPT} backup ${home}/backup && sh ${SCRIPT} verify-backup ${home}/backup`;
    expect((await compose(...inVolume(backup))).all).to.include('backup successfully verified');
    const spoil = `rm ${home}/backup/PG_VERSION; sh ${SCRIPT} verify-backup ${home}/backup`;
    const spoilt = await compose(...inVolume(spoil)).catch((error: { exitCode?: number }) => error);
    expect(spoilt.exitCode).to.equal(1);
  });
});

describe('backups by hand', function () {
  this.timeout(240_000);
  const FILES = ['backup-restore.yaml'];
  let env: NodeJS.ProcessEnv = environment;
  const run = (...args: string[]) => composeOf(FILES, env, ...args);

  before(async function () {
    const docker = await execa('docker', ['version'], { reject: false, timeout: 10_000 });
    requirePart(this, 'docker', docker.exitCode === 0, 'no docker engine answers');
    const { stdout } = await run('config', '--images');
    const [image = ''] = stdout.split('\n').filter((name) => name.includes('postgres'));
    const found = await execa('docker', ['image', 'inspect', image], { reject: false });
    requirePart(this, 'docker', found.exitCode === 0, `${image} is not there (compose/README.md)`);
    const id = async (which: string) => {
      const asked = ['run', '--rm', '--network', 'none', '--entrypoint', 'id', image, which];
      return Number((await execa('docker', [...asked, 'postgres'])).stdout);
    };
    const settings = JSON.parse(
      readFileSync(join(ROOT, 'compose/storage.json'), 'utf8'),
    ) as RepositorySettings;
    const owner = { uid: await id('-u'), gid: await id('-g') };
    env = { ...environment, DRILL_STORAGE_SETTINGS: JSON.stringify({ ...settings, owner }) };
    await run('up', '--detach', '--wait', '--pull', 'never');
  });
  after(async () => {
    await run('--profile', 'scaled', 'down', '--volumes', '--timeout', '0');
    expect(await leftOver()).to.deep.equal([]);
  });

  it.full('are taken, and a lost database is made from them and its log', async () => {
    const insert = (sequence: number) =>
      sql(
        'east-postgres',
        `insert into orders (writer, sequence, payload, region) values (1, ${sequence}, 'x', 'east')`,
      );
    await insert(1);
    const at = (await run('port', 'toxiproxy', '24003')).stdout;
    const ask = async (name: string) => {
      const asked = { method: 'POST', headers: CONTROL };
      const answer = await (await fetch(`http://${at}/request/${name}`, asked)).json();
      return (answer as { body: unknown }).body;
    };
    expect(await ask('backup')).to.include({ name: 'base-0001' });
    await insert(2);
    const segment = await sql('east-postgres', 'select pg_walfile_name(pg_switch_wal())');
    await until(true, async () => {
      const { wal } = (await ask('state')) as RepositoryState;
      return wal.last_segment !== null && wal.last_segment >= segment;
    });
    await run('kill', 'east-app-1', 'east-app-2', 'east-postgres');
    await run('--profile', 'scaled', 'up', '--detach', '--wait', '--no-deps', 'west-postgres');
    const sequences = 'select string_agg(sequence::text, chr(32) order by sequence) from orders';
    await until('1 2', () => sql('west-postgres', sequences));
    await until('f', () => sql('west-postgres', 'select pg_is_in_recovery()'));
  });
});
