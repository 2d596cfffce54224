import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ok,
  problem,
  type DoctorCheck,
  type DoctorContext,
} from '../../src/topology/machine-check.ts';
import { examine, isSick, requireHealth } from '../../src/doctor/examine.ts';
import { findingLines } from '../../src/doctor/examine.ts';
import { doctorChecks } from '../../src/doctor/machine.ts';
import { EnvironmentError } from '../../src/host/environment-error.ts';
import { hostClock } from '../../src/host/clock.ts';
import { loopbackProblem } from '../../src/host/machine/loopback.ts';
import { requirePart } from '../support/require.ts';
import { ROOT } from '../support/whole/drill-cli.ts';
import { lookForImage } from '../../src/topology/compose/engine/images.ts';

const EMBEDDED = { runtime: 'embedded', redis: false, descriptors: 256 } as const;
const COMPOSE = { runtime: 'compose', redis: false, descriptors: 256 } as const;

const context: DoctorContext = {
  ...{ environment: process.env, clock: hostClock(), runs: tmpdir(), needs: EMBEDDED },
};

const look = async (name: string, changes: Partial<DoctorContext> = {}) => {
  const checks = (await doctorChecks()).filter((check) => check.name === name);
  const [examined] = await examine(checks, { ...context, ...changes });
  return examined!;
};

const with_ = (environment: Record<string, string>) => ({
  environment: { ...process.env, ...environment },
});

describe('doctor', () => {
  it('finds this machine able to run embedded drills, with every name once', async () => {
    const examined = await examine(await doctorChecks(), context);
    const bad = examined.filter(({ state, needed }) => state === 'problem' && needed);
    expect(bad).to.deep.equal([]);
    expect(isSick(examined)).to.equal(false);
    const names = examined.map(({ name }) => name);
    expect(names).to.include.members(['Node', 'PostgreSQL', 'ports', 'docker engine']);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('says what to type when PostgreSQL is not where it was said to be', async () => {
    const postgres = await look('PostgreSQL', with_({ DRILL_PG_BIN: '/nowhere' }));
    expect(postgres.state).to.equal('problem');
    expect(postgres.found).to.contain('DRILL_PG_BIN=/nowhere');
    expect(postgres.fix).to.contain('npm ci');
  });

  it('names the engine that it asked in vain, and who said that it is there', async () => {
    const docker = with_({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' });
    const engine = await look('docker engine', { ...docker, needs: COMPOSE });
    expect(engine).to.include({ state: 'problem', needed: true });
    expect(engine.found).to.contain('unix:///nonexistent/docker.sock (from DOCKER_HOST)');
    expect(engine.fix).to.contain('docker info');
    for (const other of ['images', 'docker disk']) {
      const seen = await look(other, { ...docker, needs: COMPOSE });
      expect(seen, 'said once').to.include({ state: 'warning', fix: null });
    }
  });

  it('takes what is no name of an image for an image that is missing', async () => {
    const nowhere = { DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
    const seen = await lookForImage(nowhere, 'Not A Name', true);
    expect(seen).to.include({ state: 'absent', detail: 'no name of an image' });
  });

  it('sees that there is no docker command, and one without the compose plugin', async () => {
    const none = await look('docker compose', with_({ PATH: '/nowhere' }));
    expect(none).to.include({ state: 'problem', needed: false });
    expect(none.found).to.equal('no docker command on PATH');
  });

  it('tells a missing Redis by what to type, needed only where the drill asks for it', async () => {
    const unneeded = await look('Redis', with_({ PATH: '/nowhere' }));
    expect(unneeded).to.include({ state: 'problem', needed: false });
    const needs = { ...EMBEDDED, redis: true };
    const needed = await look('Redis', { ...with_({ PATH: '/nowhere' }), needs });
    expect(needed.needed).to.equal(true);
    expect(needed.fix).to.contain('apt-get install redis-server');
  });

  it('tries a connection over loopback, and says what is down', async () => {
    expect(await look('loopback')).to.include({ state: 'ok' });
    expect(await loopbackProblem('192.0.2.1'), 'no address of this machine').to.equal(
      'EADDRNOTAVAIL',
    );
  });

  it('is not green in a sandbox without a loopback', function () {
    const without = ['-n', process.execPath, join(ROOT, 'bin/drill.js'), 'doctor'];
    const { status, stdout } = spawnSync('unshare', without, { encoding: 'utf8' });
    requirePart(this, 'superuser', status !== 1, 'only root can take the network away');
    expect(stdout).to.match(
      /PROBLEM +loopback +nothing can be reached on 127\.0\.0\.1 \(ENETUNREACH/,
    );
    expect(stdout).to.contain('ip link set lo up');
    expect(status).to.equal(4);
  });

  it('counts the connections that the drill can have open at once', async () => {
    const needs = { ...EMBEDDED, descriptors: 1e9 };
    const few = await look('file descriptors', { needs });
    if (!existsSync('/proc/self/limits')) return;
    expect(few).to.include({ state: 'problem', needed: true });
    expect(few.found).to.match(/^\d+ for each process, 1000000000 needed$/);
    expect(few.fix).to.contain('ulimit -n');
  });

  it('makes a file where runs are to be kept, and leaves none', async () => {
    const place = mkdtempSync(join(tmpdir(), 'drill-runs-'));
    expect(await look('folder of runs', { runs: place })).to.include({ state: 'ok' });
    expect(readdirSync(place)).to.deep.equal([]);
    rmSync(place, { recursive: true });
    const nowhere = await look('folder of runs', { runs: '/proc/none' });
    expect(nowhere.state).to.equal('problem');
    expect(nowhere.found).to.contain('no file can be made in /proc');
    expect(nowhere.fix).to.contain('--out DIR');
  });

  it('starts the proxy server that it says is there', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'drill-bin-'));
    const script = '#!/bin/sh\necho "not for this machine" >&2\nexit 126\n';
    writeFileSync(join(bin, 'toxiproxy-server'), script, { mode: 0o755 });
    const broken = await look('proxy', with_({ PATH: bin }));
    rmSync(bin, { recursive: true });
    expect(broken.state).to.equal('problem');
    expect(broken.found).to.contain('cannot be started: not for this machine');
    expect(await look('proxy', with_({ PATH: '/nowhere' }))).to.include({ state: 'ok' });
  });

  it('looks at the disk of a folder of runs that is not there yet', async () => {
    const folder = await look('folder of runs', { runs: join(tmpdir(), 'not', 'yet') });
    expect(folder).to.include({ state: 'ok' });
    expect(folder.found).to.match(/^\d+ MB free in /);
  });
});

describe('images of the compose runtime', () => {
  let server: Server;
  let folder = '';
  const asked: string[] = [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drill-engine-'));
    server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      asked.push(path);
      const isHere = path.includes('/images/here');
      const isPullable = path.includes('/distribution/far');
      response.writeHead(isHere || isPullable ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isHere || isPullable ? {} : { message: 'manifest unknown' }));
    });
    mkdirSync(folder, { recursive: true });
    await new Promise<void>((resolve) => server.listen(join(folder, 'docker.sock'), resolve));
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const images = (names: Record<string, string>) => {
    const all = { POSTGRES: 'here:1', REDIS: 'here:1', TOXIPROXY: 'here:1', NODE: 'here:1' };
    const stated = Object.entries({ ...all, ...names });
    const environment = Object.fromEntries(stated.map(([k, v]) => [`DRILL_IMAGE_${k}`, v]));
    const docker = { DOCKER_HOST: `unix://${join(folder, 'docker.sock')}` };
    return look('images', { ...with_({ ...environment, ...docker }), needs: COMPOSE });
  };

  it('are fine where the engine has them', async () => {
    expect(await images({})).to.include({ state: 'ok', fix: null });
  });

  it('are a remark where the registry has them', async () => {
    const seen = await images({ NODE: 'far:2' });
    expect(seen).to.include({ state: 'warning', fix: 'docker pull far:2' });
  });

  it('are a problem where neither has one: its name, what was said, what to type', async () => {
    const seen = await images({ TOXIPROXY: 'gone:3' });
    expect(seen.state).to.equal('problem');
    expect(seen.found).to.equal('no gone:3 here (registry: manifest unknown)');
    expect(seen.fix).to.contain('build-local.sh').and.to.contain('DRILL_IMAGE_TOXIPROXY');
  });

  it('can be pinned by digest, or by the id of one that has none', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = await images({ POSTGRES: `here@${digest}`, NODE: `here:1@${digest}` });
    expect(pinned).to.include({ state: 'ok' });
    const gone = await images({ POSTGRES: `gone:3@${digest}` });
    expect(gone.found).to.equal(`no gone:3@${digest} here (registry: manifest unknown)`);
    expect(gone.fix).to.contain(`docker pull gone:3@${digest}`);
    asked.length = 0;
    const unknown = await images({ POSTGRES: digest });
    expect(unknown.found).to.contain(`no ${digest} here`);
    expect(unknown.fix).to.contain('docker image ls --no-trunc').and.not.to.contain('docker pull');
    expect(asked.join(), 'no registry knows an id').not.to.contain('/distribution/');
  });

  it('do not ask for an image of Redis that the drill has no use for', async () => {
    expect(await images({ REDIS: 'gone:3' })).to.include({ state: 'ok' });
  });
});

describe('what is made of findings', () => {
  const check = (name: string, changes: Partial<DoctorCheck> = {}): DoctorCheck => ({
    name,
    isQuick: true,
    look: () => Promise.resolve(problem('it is gone', 'bring it back')),
    ...changes,
  });

  it('takes a check that breaks for a problem and goes on', async () => {
    const breaking = check('breaking', { look: () => Promise.reject(new Error('no luck')) });
    const fine = check('fine', { look: () => Promise.resolve(ok('well')) });
    const examined = await examine([breaking, fine], context);
    expect(examined.map(({ state }) => state)).to.deep.equal(['problem', 'ok']);
    expect(examined[0]?.found).to.equal('no luck');
  });

  it('lets a problem of what is not needed decide nothing, and shows it as such', async () => {
    const unneeded = check('elsewhere', { isNeeded: ({ runtime }) => runtime === 'compose' });
    const examined = await examine([unneeded], context);
    expect(isSick(examined)).to.equal(false);
    expect(findingLines(examined)[0]).to.match(
      /^not needed {2}elsewhere {2}it is gone; fix: bring/,
    );
    const compose = await examine([unneeded], { ...context, needs: COMPOSE });
    expect(isSick(compose)).to.equal(true);
    expect(findingLines(compose)[0]).to.match(/^PROBLEM/);
  });

  it('stops a run for every quick check that its drill needs, and for no other', async () => {
    const slow = check('slow', { isQuick: false });
    const other = check('other', { isNeeded: ({ redis }) => redis });
    await requireHealth([slow, other], context);
    const error = await requireHealth([slow, check('one'), check('two')], context).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(EnvironmentError);
    const { what, hint, log } = (error as EnvironmentError).problem;
    expect(what).to.equal('one, two');
    expect(hint).to.equal('bring it back; bring it back');
    expect(log).to.have.length(2);
  });

  it('hands on a single problem as it is', async () => {
    const facts = { what: 'this', expected: 'that', found: 'nothing', hint: 'look' };
    const known = check('known', { look: () => Promise.reject(new EnvironmentError(facts)) });
    const fine = check('fine', {
      isNeeded: ({ runtime }) => runtime === 'embedded',
      look: () => Promise.resolve(ok('well')),
    });
    const error = await requireHealth([known, fine], context).catch((thrown: unknown) => thrown);
    expect((error as EnvironmentError).problem).to.deep.equal(facts);
  });
});
