import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../../src/host/environment-error.ts';
import { addressAt, locateEngine } from '../../../src/topology/compose/engine/address.ts';

const NEAR = 'unix:///run/user/1000/docker.sock';

describe('where the docker engine is', () => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'drill-docker-home-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  function writeContext(name: string, host: string): void {
    const id = createHash('sha256').update(name).digest('hex');
    const folder = join(home, '.docker', 'contexts', 'meta', id);
    mkdirSync(folder, { recursive: true });
    const meta = { Name: name, Endpoints: { docker: { Host: host } } };
    writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta));
  }
  function useContext(name: string): void {
    mkdirSync(join(home, '.docker'), { recursive: true });
    const config = JSON.stringify({ currentContext: name });
    writeFileSync(join(home, '.docker', 'config.json'), config);
  }

  it('is what DOCKER_HOST says, before any context', () => {
    writeContext('rootless', NEAR);
    useContext('rootless');
    const DOCKER_HOST = 'unix:///elsewhere.sock';
    const environment = { HOME: home, DOCKER_HOST, DOCKER_CONTEXT: 'rootless' };
    expect(locateEngine(environment)).to.include({ url: DOCKER_HOST, from: 'DOCKER_HOST' });
  });

  it('is what the context in use says', () => {
    writeContext('rootless', NEAR);
    useContext('rootless');
    const found = locateEngine({ HOME: home });
    expect(found).to.deep.equal({
      url: NEAR,
      from: `the docker context "rootless", by ${join(home, '.docker', 'config.json')}`,
      certificates: null,
    });
  });

  it('is what the context of DOCKER_CONTEXT says, before the one in use', () => {
    writeContext('rootless', NEAR);
    writeContext('other', 'unix:///other.sock');
    useContext('rootless');
    const { url, from } = locateEngine({ HOME: home, DOCKER_CONTEXT: 'other' });
    expect(url).to.equal('unix:///other.sock');
    expect(from).to.equal('the docker context "other", by DOCKER_CONTEXT');
  });

  it('takes certificates of a context from beside it', () => {
    const id = createHash('sha256').update('tls').digest('hex');
    const tls = join(home, '.docker', 'contexts', 'tls', id, 'docker');
    mkdirSync(tls, { recursive: true });
    writeFileSync(join(tls, 'cert.pem'), '');
    writeContext('tls', 'tcp://127.0.0.1:2376');
    const { certificates } = locateEngine({ HOME: home, DOCKER_CONTEXT: 'tls' });
    expect(certificates).to.include({ folder: tls });
  });

  it('is the default socket, or the rootless one where only that is there', () => {
    const found = locateEngine({ HOME: home, XDG_RUNTIME_DIR: '/nonexistent' });
    expect(found).to.include({ url: 'unix:///var/run/docker.sock', from: 'the default' });
  });

  const FAR = [
    'tcp://192.0.2.1:2375',
    'tcp://127.0.0.1.example:2375',
    'tcp://127.0.0.1:99999',
    'tcp://127.0.0.1:2375/path',
    'ssh://me@far.example',
    'npipe:////./pipe/docker',
    '/var/run/docker.sock',
  ];
  for (const url of FAR) {
    it(`is refused at ${url}: clients and clocks are on this machine`, () => {
      expect(() => locateEngine({ HOME: home, DOCKER_HOST: url }))
        .to.throw(EnvironmentError)
        .with.property('problem')
        .that.deep.includes({ found: `${url} (from DOCKER_HOST)` });
    });
  }

  it('says which file it could not read, and which context is not there', () => {
    useContext('gone');
    const named = `"gone" (named by ${join(home, '.docker', 'config.json')})`;
    expect(() => locateEngine({ HOME: home })).to.throw(EnvironmentError, named);
    const other = () => locateEngine({ HOME: home, DOCKER_CONTEXT: 'else' });
    expect(other).to.throw(EnvironmentError, '"else" (named by DOCKER_CONTEXT)');
    writeFileSync(join(home, '.docker', 'config.json'), '{');
    expect(() => locateEngine({ HOME: home })).to.throw(EnvironmentError, 'config.json');
  });

  it('is found again from an undo entry, with its certificates', () => {
    const environment = { HOME: home, DOCKER_HOST: 'unix:///other.sock' };
    expect(addressAt(NEAR, environment)).to.include({ url: NEAR, from: 'the log of the run' });
    writeContext('rootless', NEAR);
    useContext('rootless');
    expect(addressAt(NEAR, { HOME: home }).from).to.contain('the docker context "rootless", by');
  });
});
