// What is there to be copied into somebody's CI: each script line is run, in a folder of its own,
// with a drill file that has a mistake, so that nothing is started and code 2 has to come through.
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { makeFolder, removeFolder } from '../support/cli/drill-verbs.ts';
import { ROOT } from '../support/whole/drill-cli.ts';

interface Step {
  readonly run?: string;
  readonly env?: Record<string, string>;
  readonly with?: Record<string, unknown>;
}

interface GitLabJob {
  readonly script: readonly string[];
  readonly allow_failure?: { readonly exit_codes: readonly number[] };
}

const textOf = (name: string) => readFileSync(join(ROOT, name), 'utf8');

describe('files for CI', function () {
  this.timeout(60_000);
  let folder = '';
  let bin = '';
  beforeEach(() => {
    folder = makeFolder();
    bin = join(folder, 'bin');
    mkdirSync(bin);
    mkdirSync(join(folder, 'drills'));
    writeFileSync(join(folder, 'drills', 'first-drill.yaml'), 'drill: 2\n');
    program('npm', 'exit 0');
    // As npx, it would fetch a package of that name from the registry where it may.
    const isLocal = `test "$1 $2" = '--no drill' || exit 97; shift 2`;
    const own = `exec "${process.execPath}" "${join(ROOT, 'bin', 'drill.js')}" "$@"`;
    program('npx', `${isLocal}; ${own}`);
    program('curl', `printf '%s\\n' "$@" > "${join(folder, 'sent')}"`);
  });
  afterEach(() => removeFolder(folder));

  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const shell = (text: string, env: Record<string, string> = {}) =>
    spawnSync('bash', ['-e', '-c', text], {
      cwd: folder,
      env: { PATH: `${bin}${delimiter}${process.env['PATH']}`, HOME: folder, ...env },
      encoding: 'utf8',
    });
  const junit = (path: string) => readFileSync(join(folder, path), 'utf8');

  it('a step of GitHub reports, passes the code on and uploads hidden folders', () => {
    const { inputs, runs } = parse(textOf('action.yml')) as {
      readonly inputs: Record<string, { readonly default: string }>;
      readonly runs: { readonly steps: readonly Step[] };
    };
    const [cache, drill, upload] = runs.steps;
    expect(cache!.with).to.include({ path: '~/.cache/drill' });
    const filled = Object.entries(drill!.env!).map(([name, value]) => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value)![1]!;
      return [name, inputs[input]!.default];
    });
    const output = join(folder, 'output');
    const summary = join(folder, 'summary.md');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
    const ended = shell(drill!.run!, { ...env, ...(Object.fromEntries(filled) as typeof env) });
    expect(ended.status, ended.stdout + ended.stderr).to.equal(2);
    expect(readFileSync(output, 'utf8')).to.equal('exit-code=2\n');
    expect(junit('drill-report/drill.xml')).to.include('<error');
    expect(ended.stdout).to.include('::error');
    expect(upload!.with).to.include({ 'include-hidden-files': true });
  });

  it('a job of GitLab reports and passes the code on, which only merge requests may ignore', () => {
    const jobs = parse(textOf('docs/ci/drill.gitlab-ci.yml')) as Record<string, GitLabJob>;
    const { script } = jobs['.dr-drill']!;
    const lines = script.filter((line) => !line.includes('doctor'));
    const ended = shell(lines.join('\n'));
    expect(ended.status, ended.stdout + ended.stderr).to.equal(2);
    expect(readFileSync(join(folder, 'drill.env'), 'utf8')).to.equal('DRILL_EXIT=2\n');
    expect(junit('drill.xml')).to.include('<error');
    const doctor = shell(script.find((line) => line.includes('doctor'))!);
    expect(doctor.status, doctor.stdout).to.equal(4);
    expect(doctor.stdout).to.include('drills/first-drill.yaml has errors');
    expect(jobs['dr-drill']!.allow_failure).to.equal(undefined);
    expect(jobs['dr-drill-merge-request']!.allow_failure).to.deep.equal({ exit_codes: [3] });
    expectPage(jobs['dr-drill-page']!.script[0]!, { CI_PIPELINE_URL: 'https://ci/1' });
  });

  it('a pipeline of Jenkins runs the drill, keeps its code, and pages', () => {
    const text = textOf('docs/ci/Jenkinsfile');
    const scripts = [...text.matchAll(/(?:sh |script: )'([^']+)'/g)].map(([, line]) => line!);
    expect(scripts).to.have.length(3);
    const [install, run, page] = scripts;
    expect(shell(install!).status).to.equal(0);
    expect(shell(run!).status).to.equal(2);
    expect(junit('drill.xml')).to.include('<error');
    expectPage(page!, { BUILD_URL: 'https://ci/1' });
  });

  /** Whom each code is told to; 0 to nobody. */
  function expectPage(line: string, env: Record<string, string>): void {
    const own = line.replace('docs/ci/page.sh', join(ROOT, 'docs', 'ci', 'page.sh'));
    const hooks = { PRODUCT_TEAM_HOOK: 'https://product', TEST_SYSTEM_HOOK: 'https://system' };
    const told: Record<string, string | null> = { 0: null, 1: hooks.PRODUCT_TEAM_HOOK };
    for (const code of [2, 3, 4, 5, 70, 130]) told[code] = hooks.TEST_SYSTEM_HOOK;
    for (const [code, hook] of Object.entries(told)) {
      writeFileSync(join(folder, 'sent'), '');
      const ended = shell(own, { ...env, ...hooks, DRILL_EXIT: code });
      expect(ended.status, ended.stderr).to.equal(0);
      const sent = readFileSync(join(folder, 'sent'), 'utf8').trim().split('\n');
      expect(sent.at(-1), code).to.equal(hook ?? '');
      if (hook !== null) expect(sent.join(' ')).to.include('https://ci/1');
    }
    writeFileSync(join(folder, 'sent'), '');
    expect(shell(own, { ...env, ...hooks }).status, 'no drill was run').to.equal(0);
    expect(readFileSync(join(folder, 'sent'), 'utf8')).to.include(hooks.TEST_SYSTEM_HOOK);
  }

  it('npx shows the help of drill, as the page writes it', () => {
    const [, line = ''] = /`(npx --no [^`]*--help)`/.exec(textOf('docs/ci.md'))!;
    const own = join(folder, 'node_modules', '.bin');
    mkdirSync(own, { recursive: true });
    symlinkSync(join(ROOT, 'bin', 'drill.js'), join(own, 'drill'));
    const ended = shell(line, { PATH: process.env['PATH']! });
    expect(ended.status, ended.stderr).to.equal(0);
    expect(ended.stdout).to.include('drill runs disaster-recovery drills');
  });

  it('an image takes the packed package and runs as an ordinary user', () => {
    const lines = textOf('Dockerfile').split('\n');
    const run = lines.filter((line) => line.startsWith('RUN ')).map((line) => line.slice(4));
    expect(run).to.have.length(2);
    expect(lines).to.include.members(['USER ${USER_ID}', 'ENTRYPOINT ["drill"]']);
    program('npm', `printf '%s\\n' "$@" > "${join(folder, 'sent')}"`);
    const packed = join(folder, 'dr-drill-1.2.3.tgz');
    writeFileSync(packed, '');
    expect(shell(run[0]!.replaceAll('/tmp/', `${folder}/`)).status).to.equal(0);
    expect(readFileSync(join(folder, 'sent'), 'utf8')).to.include(packed);
    expect(existsSync(packed), 'it is not left in the image').to.equal(false);
    // PostgreSQL refuses a user without a name.
    program('useradd', `printf '%s\\n' "$@" > "${join(folder, 'made')}"`);
    for (const [user, made] of [
      ['0', false],
      ['54321', true],
    ] as const) {
      expect(shell(run[1]!, { USER_ID: user }).status).to.equal(0);
      expect(existsSync(join(folder, 'made')), user).to.equal(made);
    }
    expect(readFileSync(join(folder, 'made'), 'utf8')).to.include('--uid\n54321\n');
  });
});
