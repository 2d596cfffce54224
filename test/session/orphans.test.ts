// What is left of runs whose folder somebody deleted: found by the marks, listed, and removed only
// when that is said.
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeScratch } from '../../src/engine/begin/scratch.ts';
import { RUN_MARK } from '../../src/host/process/processes.ts';
import { thisRunner } from '../../src/host/process/runner.ts';
import { runCli } from '../support/cli/run-cli.ts';
import type { Orphan } from '../../src/session/orphans.ts';
import { recordingScreen } from '../support/cli/recording-screen.ts';

const RUN = '20261122T201000Z-shop-00aa';
const KEY = '0123456789abcdef0123456789abcdef';
const GONE = { pid: 2 ** 22 + 1, started: '1' };

describe('drill clean --orphans', function () {
  this.timeout(30_000);
  let root = '';
  let scratch = '';
  let temporary: string | undefined;
  const pids: number[] = [];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'drill-orphans-'));
    scratch = join(root, `drill-${RUN}`);
    temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = root;
  });
  afterEach(() => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    for (const pid of pids.splice(0)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it is gone
      }
    }
    rmSync(root, { recursive: true, force: true });
  });

  let environment: Record<string, string> = {};
  beforeEach(() => (environment = {}));

  async function clean(...words: readonly string[]) {
    const screen = recordingScreen();
    const code = await runCli(['clean', ...words], root, screen, environment);
    return { code, out: screen.stdout.text(), err: screen.stderr.text() };
  }

  /** A marked process whose parent is gone. */
  async function leftProcess(output = '/dev/null'): Promise<number> {
    const file = join(root, 'pid');
    const env = { ...process.env, TMPDIR: root, [RUN_MARK]: RUN };
    const shell = spawn('sh', ['-c', `sleep 300 >${output} 2>&1 & echo $! > ${file}`], { env });
    await new Promise((resolve) => shell.once('exit', resolve));
    const pid = Number(readFileSync(file, 'utf8'));
    pids.push(pid);
    return pid;
  }

  const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !isZombie(pid);
  const isZombie = (pid: number) => / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

  it('lists what a run left whose folder is gone, and removes it with --yes', async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, join(root, 'wiped', RUN));
    const pid = await leftProcess();
    expect((await clean()).err).to.contain('1 run whose folder is gone left something');
    const listed = await clean('--orphans');
    expect(listed.code).to.equal(5);
    expect(listed.out).to.contain(`${join(root, 'wiped', RUN)} is gone`);
    expect(listed.out).to.contain('1 process\n').and.to.contain(`directory ${scratch}`);
    expect([existsSync(scratch), isAlive(pid)]).to.deep.equal([true, true]);
    const removed = await clean('--orphans', '--yes');
    expect([removed.code, removed.out]).to.include(0);
    expect(removed.out).to.contain(`${RUN}: removed`);
    expect([existsSync(scratch), isAlive(pid)]).to.deep.equal([false, false]);
    expect((await clean('--orphans')).out).to.contain('no orphans');
  });

  it('counts PostgreSQL’s processes, which carry no mark, and ends them', async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, join(root, 'wiped', RUN));
    const places = [scratch, root].map((place) => join(place, 'east'));
    const server = join(root, 'postgres');
    copyFileSync('/bin/sleep', server);
    const [inside, outside] = places.map((cwd) => {
      mkdirSync(cwd);
      const { pid } = spawn(server, ['300'], { cwd });
      pids.push(pid!);
      return pid!;
    });
    const marked = await leftProcess();
    expect((await clean('--orphans')).out).to.contain('2 processes\n');
    const json = JSON.parse((await clean('--orphans', '--json')).out) as Orphan[];
    expect(json[0]!.processes).to.have.members([marked, inside]);
    expect((await clean('--orphans', '--yes')).code).to.equal(0);
    expect([marked, inside!, outside!].map(isAlive)).to.deep.equal([false, false, true]);
  });

  it('leaves a process alone that writes to the folder of its run, wherever its scratch directory is', async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    const found = join(root, 'elsewhere', RUN);
    mkdirSync(join(found, 'logs'), { recursive: true });
    writeFileSync(join(found, 'plan.json'), '{}');
    const pid = await leftProcess(join(found, 'logs', 'app.log'));
    expect((await clean('--orphans', '--yes')).out).to.contain('no orphans');
    expect(isAlive(pid)).to.equal(true);
    rmSync(found, { recursive: true });
    expect((await clean('--orphans', '--yes')).out).to.contain(`${RUN}: removed`);
    expect(isAlive(pid)).to.equal(false);
  });

  it('removes what another container has left only where its run is named', async () => {
    const owner = { ...GONE, namespace: 'pid:[1]', host: 'c0ffee' };
    makeScratch(scratch, { run: RUN, key: KEY, owner }, join(root, 'inside', RUN));
    for (const words of [['--orphans'], ['--orphans', '--yes']]) {
      const { code, out } = await clean(...words);
      expect([code, existsSync(scratch)]).to.deep.equal([5, true]);
      expect(out).to.contain('started in another container').and.not.to.contain('remove them');
      expect(out).to.contain(`drill clean --orphans ${RUN} --yes\n`);
    }
    const named = await clean('--orphans', RUN, '--yes');
    expect([named.code, existsSync(scratch)]).to.deep.equal([0, false]);
  });

  it('says where it could not look, and a plain clean ends well without a docker engine', async () => {
    environment = { DOCKER_HOST: 'ssh://nowhere' };
    const { code, out } = await clean();
    expect([code, out]).to.deep.equal([0, 'nothing to clean\n']);
    const orphans = await clean('--orphans');
    expect(orphans.code).to.equal(0);
    expect(orphans.err).to.contain('not looked for everywhere').and.to.contain('ssh://nowhere');
  });

  it('leaves a run alone that lives, and one that can be found', async () => {
    makeScratch(scratch, { run: RUN, key: KEY, owner: thisRunner() }, join(root, 'wiped', RUN));
    expect((await clean('--orphans', '--yes')).code).to.equal(0);
    expect(existsSync(scratch)).to.equal(true);
    rmSync(scratch, { recursive: true });
    const found = join(root, 'elsewhere', RUN);
    mkdirSync(found, { recursive: true });
    writeFileSync(join(found, 'plan.json'), '{}');
    makeScratch(scratch, { run: RUN, key: KEY, owner: GONE }, found);
    expect((await clean('--orphans', '--yes')).code).to.equal(0);
    expect(existsSync(scratch)).to.equal(true);
  });

  it('takes --yes with --orphans only', async () => {
    expect((await clean('--yes')).code).to.equal(2);
  });
});
